import type { Command } from 'commander';
import { loadConfig } from '../../config/environment.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { findRunningServers } from '../../embedded/servers.ts';
import { run, type CommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import type { CliIo } from '../io.ts';

/** `migrate`. */
export function addMigrate(program: Command, io: CliIo): void {
  program.command('migrate').description('bring the database (DATABASE_URL, or the one that runs on this machine) to the newest version').action(run(io, migrate));
}

async function migrate(context: CommandContext): Promise<void> {
  const config = loadConfig();
  const url = config.databaseUrl ?? findRunningServers(config)?.databaseUrl;
  if (url === undefined) throw new UsageError('There is no database: DATABASE_URL is not set, and no hub runs on this machine.', 'Set DATABASE_URL. The embedded database is migrated by `npm start` itself.');
  const report = await migrateToLatest(url);
  context.print(report, () => (report.applied.length === 0 ? 'The database is up to date.' : `Applied: ${report.applied.join(', ')}.`));
}
