import { readClientEnvironment } from '../config/client-environment.ts';
import type { CliIo } from './io.ts';
import { runCli } from './run-cli.ts';

/** Ctrl-C ends a `--watch` in order; anything else it ends as usual. */
function stopOnInterrupt(): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  return stop.signal;
}

const io: CliIo = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  terminal: process.stdout.isTTY,
  interactive: process.stdin.isTTY && process.stdout.isTTY,
  askSecret: async (message) => {
    const { password } = await import('@inquirer/prompts');
    return password({ message, mask: '*' });
  },
  stopOnInterrupt,
  environment: readClientEnvironment(),
};

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});
process.exitCode = await runCli(process.argv.slice(2), io);
