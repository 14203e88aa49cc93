import { Migrator, type Migration } from 'kysely';
import { openOwnerDatabase } from './database.ts';
import * as core from './migrations/0001-core.ts';

const migrations: Record<string, Migration> = { '0001-core': core };

/** The names of all migrations that this version has, in order. */
export const migrationNames: readonly string[] = Object.keys(migrations);

/** What a migration run did. */
export interface MigrationReport {
  readonly applied: readonly string[];
}

/**
 * Brings the database at `url` to the newest version. Forward only; safe to call from several processes (kysely takes a lock).
 * Throws the first error; what was applied before it stays.
 */
export async function migrateToLatest(url: string): Promise<MigrationReport> {
  const db = openOwnerDatabase(url);
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
    const { error, results } = await migrator.migrateToLatest();
    if (error !== undefined) throw error instanceof Error ? error : new Error('The migration failed.');
    return { applied: (results ?? []).filter((r) => r.status === 'Success').map((r) => r.migrationName) };
  } finally {
    await db.destroy();
  }
}
