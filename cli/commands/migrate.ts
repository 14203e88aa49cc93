import type { Command } from 'commander';
import { run, type CommandContext } from '../context.ts';
import type { CliIo } from '../io.ts';

/** `migrate`. */
export function addMigrate(program: Command, io: CliIo): void {
  program.command('migrate').description('bring the database (DATABASE_URL, or the one that runs on this machine) to the newest version').action(run(io, migrate));
}

/** The database client is loaded only when it is needed: other commands start quicker without it. */
async function migrate(context: CommandContext): Promise<void> {
  const { migrateDatabase } = await import('../migrate-database.ts');
  const report = await migrateDatabase();
  context.print(report, () => (report.applied.length === 0 ? 'The database is up to date.' : `Applied: ${report.applied.join(', ')}.`));
}
