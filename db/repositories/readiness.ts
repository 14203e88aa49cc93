import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { migrationNames } from '../migrate.ts';

/** Names of migrations that this version has and the database has not; all of them for an empty database. Throws when it is out of reach. */
export async function pendingMigrations(db: Db): Promise<readonly string[]> {
  const { rows: [table] } = await sql<{ present: boolean }>`select to_regclass('kysely_migration') is not null present`.execute(db);
  if (table?.present !== true) return migrationNames;
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  const applied = new Set(rows.map((row) => row.name));
  return migrationNames.filter((name) => !applied.has(name));
}
