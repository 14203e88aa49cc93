import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { z } from 'zod';

/** The database that every test database is a copy of. */
export const TEMPLATE_DATABASE = 'hub_template';

const MIGRATE_FILE = '../../db/migrate.ts';

const migrateModule = z.object({ migrateToLatest: z.custom<(url: string) => Promise<unknown>>((value) => typeof value === 'function') });

/** Makes the template and brings it to the latest schema, once per run. Nothing may stay connected to it: PostgreSQL copies no database in use. */
export async function createTemplateDatabase(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`create database ${TEMPLATE_DATABASE}`);
  } finally {
    await client.end();
  }
  if (!existsSync(fileURLToPath(new URL(MIGRATE_FILE, import.meta.url)))) return;
  const { migrateToLatest } = migrateModule.parse({ ...(await import('../../db/migrate.ts')) });
  await migrateToLatest(withDatabase(databaseUrl, TEMPLATE_DATABASE));
}

/** The same connection URL for another database. */
export function withDatabase(databaseUrl: string, database: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${database}`;
  return url.href;
}
