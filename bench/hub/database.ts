import pg from 'pg';
import { migrateToLatest } from '../../db/migrate.ts';
import type { PostgresServer } from '../../embedded/postgres.ts';

/** Makes an empty database, in the place of one with that name. Returns its URL. */
export async function createEmptyDatabase(postgres: PostgresServer, name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: postgres.urlFor('postgres') });
  await admin.connect();
  await admin.query(`drop database if exists ${name} with (force)`);
  await admin.query(`create database ${name}`);
  await admin.end();
  return postgres.urlFor(name);
}

/** The same with the hub's tables. */
export async function createDatabase(postgres: PostgresServer, name: string): Promise<string> {
  const url = await createEmptyDatabase(postgres, name);
  await migrateToLatest(url);
  return url;
}

/** A small pool for looking. */
export function databaseOf(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => undefined);
  return pool;
}

/** One number, named `n`, of a query. */
export async function numberOf(database: pg.Pool, query: string): Promise<number> {
  const { rows } = await database.query<{ n: string }>(query);
  return Number(rows[0]?.n ?? 0);
}

/** Waits until a query gives no row. Asks for one row only, so that looking costs the database next to nothing. */
export async function untilNone(database: pg.Pool, query: string, intervalMs = 250): Promise<void> {
  while ((await database.query(`${query} limit 1`)).rows.length > 0) await new Promise((resolve) => setTimeout(resolve, intervalMs));
}
