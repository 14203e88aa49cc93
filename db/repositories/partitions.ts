import { sql, type Kysely } from 'kysely';
import { openOwnerDatabase } from '../database.ts';

/** Tables that are partitioned by the month of their time. */
const partitioned = ['activity', 'record_change'] as const;
const checkViolation = '23514';

/**
 * Makes the partitions of the months after `now` (ISO), where they are missing, as the owner of the tables. A month of which rows are in
 * the default partition already stays there. Returns the names of those that were made.
 */
export async function createPartitions(databaseUrl: string, now: string, monthsAhead = 2): Promise<readonly string[]> {
  const db = openOwnerDatabase(databaseUrl);
  try {
    const made: string[] = [];
    for (let ahead = 1; ahead <= monthsAhead; ahead += 1) {
      for (const table of partitioned) if (await createPartition(db, table, monthAfter(now, ahead))) made.push(`${table}_${nameOf(monthAfter(now, ahead))}`);
    }
    return made;
  } finally {
    await db.destroy();
  }
}

async function createPartition(db: Kysely<unknown>, table: string, month: Date): Promise<boolean> {
  const name = `${table}_${nameOf(month)}`;
  const { rows } = await sql<{ present: boolean }>`select to_regclass(${name}) is not null present`.execute(db);
  if (rows[0]?.present === true) return false;
  const end = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));
  try {
    await sql`create table ${sql.table(name)} partition of ${sql.table(table)} for values from (${sql.lit(month.toISOString())}) to (${sql.lit(end.toISOString())})`.execute(db);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === checkViolation || error.code === '42P07')) return false;
    throw error;
  }
}

function monthAfter(now: string, ahead: number): Date {
  const at = new Date(now);
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + ahead, 1));
}

const nameOf = (month: Date) => month.toISOString().slice(0, 7).replace('-', '_');
