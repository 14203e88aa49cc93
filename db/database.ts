import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { appRole } from './migrations/row-security.ts';
import type { Tables } from './tables.ts';
import { inTransaction } from './transaction.ts';

/** A connection pool or a transaction: repositories take either as their first argument. */
export type Db = Kysely<Tables>;
export type Trx = Transaction<Tables>;

const int8 = 20;
const dateOnly = 1082;

/** int8 as number (our ids stay below 2^53), calendar dates as text, instants as ISO text in UTC. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === int8) return Number;
    if (oid === dateOnly) return (text: string) => text;
    if (oid === pg.types.builtins.TIMESTAMPTZ) return (text: string) => (text.endsWith('infinity') ? text : new Date(text).toISOString());
    return pg.types.getTypeParser(oid, format) as (text: string) => unknown;
  },
};

/** How to open the database. */
export interface DatabaseOptions {
  readonly url: string;
  readonly maxConnections: number;
  /** Told of idle connections that broke, for example when PostgreSQL restarts. */
  readonly onError: (error: Error) => void;
}

/** A pool under the non-owner role that works for all accounts; use `inAccount` to narrow a piece of work to one. */
export function openPool(options: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections,
    types: types as pg.CustomTypesConfig,
    options: `-c role=${appRole} -c hub.account_id=* -c timezone=UTC`,
    connectionTimeoutMillis: 10_000,
    pipeline: true,
  });
  return withListeners(pool, options.onError);
}

/**
 * An error event that nobody listens to ends the process. The pool tells of idle connections; one that breaks while it is lent out and
 * between two statements tells only by itself, and its next statement fails.
 */
function withListeners(pool: pg.Pool, onIdleError: (error: Error) => void): pg.Pool {
  pool.on('error', onIdleError);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Kysely on a pool of `openPool`; `destroy()` ends the pool. */
export function openDatabase(pool: pg.Pool): Db {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** One connection as the owner, for migrations only. */
export function openOwnerDatabase(url: string): Kysely<unknown> {
  const pool = withListeners(new pg.Pool({ connectionString: url, max: 1 }), () => undefined);
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
}

/** Runs `work` in a transaction that sees and writes only rows of `accountId` (row-level security). */
export async function inAccount<T>(db: Db, accountId: string, work: (trx: Trx) => Promise<T>): Promise<T> {
  return inTransaction(db, async (trx) => {
    await sql`select set_config('hub.account_id', ${accountId}, true)`.execute(trx);
    return work(trx);
  });
}
