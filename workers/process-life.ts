import { HubError } from '../domain/errors.ts';
import { EmbeddedServerError } from '../embedded/embedded-server-error.ts';

/** Resolves at the first SIGINT or SIGTERM. A second one ends the process at once. */
export function stopRequested(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isStopping = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (isStopping) process.exit(130);
        isStopping = true;
        resolve(signal);
      });
    }
  });
}

/** Runs a process; what it ends by is told as a sentence with what to do, and the exit code is 1. */
export async function runProcess(main: () => Promise<void>): Promise<void> {
  try {
    await main();
    process.exitCode = 0;
  } catch (error) {
    process.stderr.write(`${explanationOf(error)}\n`);
    process.exitCode = 1;
  }
  process.exit();
}

function explanationOf(error: unknown): string {
  if (error instanceof HubError) return `${error.code}: ${error.message}\n  What to do: ${error.fix}`;
  if (error instanceof EmbeddedServerError) return error.message;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
