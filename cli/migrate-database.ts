import { loadConfig } from '../config/environment.ts';
import { migrateToLatest, type MigrationReport } from '../db/migrate.ts';
import { isDatabaseUnavailable } from '../db/unavailable.ts';
import { HubError } from '../domain/errors.ts';
import { findRunningServers } from '../embedded/servers.ts';
import { UsageError } from './errors.ts';

/** Migrates the configured database, or the one of the hub that runs on this machine. Throws UsageError, DATABASE_UNAVAILABLE, or what the migration fails with. */
export async function migrateDatabase(): Promise<MigrationReport> {
  const config = loadConfig();
  const url = config.databaseUrl ?? findRunningServers(config)?.databaseUrl;
  if (url === undefined) throw new UsageError('There is no database: DATABASE_URL is not set, and no hub runs on this machine.', 'Set DATABASE_URL. The embedded database is migrated by `npm start` itself.');
  try {
    return await migrateToLatest(url);
  } catch (error) {
    throw isDatabaseUnavailable(error) ? new HubError('DATABASE_UNAVAILABLE', `The database at ${new URL(url).host} does not answer.`, {}, error) : error;
  }
}
