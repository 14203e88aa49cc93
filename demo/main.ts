import { stopRequested } from '../workers/stop-request.ts';
import { readOptions, usage } from './options.ts';
import { runDemo } from './run-demo.ts';

/** The exit code: 0 when every check held (or Ctrl-C ended it), 1 when one did not or something failed. */
async function main(): Promise<number> {
  const stopping = stopRequested(['SIGINT', 'SIGTERM', 'SIGHUP']);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.kill(process.pid, 'SIGTERM');
  });
  try {
    const options = readOptions(process.argv.slice(2));
    if (options !== undefined) return await runDemo(options, stopping);
    process.stdout.write(usage);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

process.exit(await main());
