import type pg from 'pg';

/** Settings of a PostgreSQL server that counts its statements. */
export const countingSettings = { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track': 'all' } as const;

interface Statement { readonly calls: string; readonly total: number; readonly rows: string; readonly query: string }

/** Forgets what was counted; needs a server with `countingSettings`. */
export async function resetStatements(database: pg.Pool): Promise<void> {
  await database.query('create extension if not exists pg_stat_statements');
  await database.query('select pg_stat_statements_reset()');
}

/** The statements of this database that took the most time, one a line: milliseconds, calls, rows, text. */
export async function statementLines(database: pg.Pool, limit = 25): Promise<readonly string[]> {
  const { rows } = await database.query<Statement>(
    `select calls, total_exec_time + total_plan_time as total, rows, query from pg_stat_statements
     where dbid = (select oid from pg_database where datname = current_database()) order by 2 desc limit $1`, [limit]);
  return rows.map((row) => `${row.total.toFixed(0).padStart(8)} ms ${row.calls.padStart(7)} calls ${row.rows.padStart(8)} rows  ${row.query.replaceAll(/\s+/g, ' ').slice(0, 150)}`);
}
