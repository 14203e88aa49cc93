import { CommanderError } from 'commander';
import { explain, FoundProblems, UsageError } from './errors.ts';
import type { CliIo } from './io.ts';
import { paintFor } from './output/paint.ts';
import { buildProgram } from './program.ts';

/** Runs one command line (without `node` and the program's name) and returns its exit code: 0 done, 1 refused or failed, 2 used wrongly. */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  try {
    await buildProgram(io).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 || error.code === 'commander.help' ? usageCode(error) : 2;
    if (error instanceof FoundProblems) return 1;
    printError(io, error, args.includes('--json'));
    return error instanceof UsageError ? 2 : 1;
  }
}

/** Help that was asked for is no error; help in the place of a missing command is. */
function usageCode(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : 2;
}

/** What happened, to what, and what to do. */
function printError(io: CliIo, thrown: unknown, json: boolean): void {
  const error = explain(thrown);
  if (json) {
    io.err(JSON.stringify({ error }, null, 2));
    return;
  }
  const paint = paintFor(io.terminal && io.environment.colourWanted);
  const field = error.field === undefined ? '' : `\n  Where:      ${error.field}`;
  const why = error.cause === error.message ? '' : `\n  Why:        ${error.cause}`;
  io.err(`${paint.bad(error.code)}: ${error.message}${field}${why}\n  What to do: ${error.fix}`);
}
