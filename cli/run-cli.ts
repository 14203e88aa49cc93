import { CommanderError } from 'commander';
import { explain, FoundProblems, UsageError } from './errors.ts';
import type { CliIo } from './io.ts';
import { paintFor } from './output/paint.ts';
import { buildProgram } from './program.ts';

/**
 * Runs one command line (without `node` and the program's name) and returns its exit code: 0 done, 1 refused or failed, 2 used wrongly.
 * With `--json` standard output gets exactly one document: the answer, or `{"error": {code, message, cause, fix, field?}}`.
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  const json = wantsJson(args);
  try {
    await buildProgram(io, json).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof FoundProblems) return 1;
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (json) io.out(JSON.stringify({ error: explain(error) }, null, 2));
    else if (!(error instanceof CommanderError)) printError(io, error);
    return error instanceof UsageError || error instanceof CommanderError ? 2 : 1;
  }
}

/** What stands after `--` is no option. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? undefined : end).includes('--json');
}

/** What happened, to what, and what to do. */
function printError(io: CliIo, thrown: unknown): void {
  const error = explain(thrown);
  const paint = paintFor(io.terminal && io.environment.colourWanted);
  const field = error.field === undefined ? '' : `\n  Where:      ${error.field}`;
  const why = error.cause === error.message ? '' : `\n  Why:        ${error.cause}`;
  io.err(`${paint.bad(error.code)}: ${error.message}${field}${why}\n  What to do: ${error.fix}`);
}
