import { Command } from 'commander';
import { addAccountCommands } from './commands/account.ts';
import { addBounceCommands } from './commands/bounces.ts';
import { addChangeCommands } from './commands/changes.ts';
import { addConnectorCommands } from './commands/connector.ts';
import { addDoctor } from './commands/doctor.ts';
import { addFailedCommands } from './commands/failed.ts';
import { addImportCommand } from './commands/import.ts';
import { addMailplusCommands } from './commands/mailplus.ts';
import { addMappingCommands } from './commands/mapping.ts';
import { addMigrate } from './commands/migrate.ts';
import { addOperatorCommands } from './commands/operate.ts';
import { addRecordCommands } from './commands/records.ts';
import { addReportCommands } from './commands/reports.ts';
import { addSetUpCommands } from './commands/set-up.ts';
import { addStatus } from './commands/status.ts';
import { addTokenCommands } from './commands/tokens.ts';
import type { CliIo } from './io.ts';

const after = `
Secrets are never arguments: credentials come from --credentials-file, from HUB_CREDENTIAL_<NAME> or from a prompt, tokens from
HUB_TOKEN or --token-file. A hub on this machine is found by itself; another one by HUB_URL.
Exit codes: 0 done, 1 refused or failed, 2 used wrongly.`;

/** The whole command line. Usage errors are thrown as commander's own errors, with their text written already unless `json`. */
export function buildProgram(io: CliIo, json = false): Command {
  const program = new Command('hub')
    .description('Connect outside systems, and see what becomes of every record.')
    .option('--json', 'print one JSON document on standard output, also for an error')
    .option('--url <address>', 'the hub\'s gateway, instead of HUB_URL or the one on this machine')
    .option('--token-file <file>', 'a file with the token, instead of HUB_TOKEN')
    .addHelpText('after', after)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => (json ? undefined : io.err(text.trimEnd())) })
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what is possible)');
  addSetUpCommands(program, io);
  addConnectorCommands(program, io);
  addOperatorCommands(program, io);
  addFailedCommands(program, io);
  addChangeCommands(program, io);
  addStatus(program, io);
  const report = program.command('report').description('figures over a period, and of mailings');
  addBounceCommands(program, report, io);
  addReportCommands(report, io);
  addRecordCommands(program, io);
  addImportCommand(program, io);
  addMailplusCommands(program, io);
  addMappingCommands(program, io);
  addAccountCommands(program, io);
  addTokenCommands(program, io);
  addMigrate(program, io);
  addDoctor(program, io);
  return program;
}
