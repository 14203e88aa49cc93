import { HubError } from '../domain/errors.ts';
import { EmbeddedServerError } from '../embedded/embedded-server-error.ts';

/** Runs a process; what it ends by is told as a sentence with what to do, and the exit code is 1. */
export async function runProcess(main: () => Promise<void>): Promise<void> {
  outliveReaders();
  try {
    await main();
    process.exitCode = 0;
  } catch (error) {
    process.stderr.write(`${explanationOf(error)}\n`);
    process.exitCode = 1;
  }
  process.exit();
}

/** Whoever reads what this process prints (`npm start | tee log`) may end before it: it still ends in order. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

function explanationOf(error: unknown): string {
  if (error instanceof HubError) return `${error.code}: ${error.message}\n  What to do: ${error.fix}`;
  if (error instanceof EmbeddedServerError) return error.message;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
