import { text } from 'node:stream/consumers';
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
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  terminal: process.stdout.isTTY,
  interactive: process.stdin.isTTY && process.stdout.isTTY,
  askSecret: async (message) => {
    const { password } = await import('@inquirer/prompts');
    return password({ message, mask: '*' });
  },
  ask: async (message) => {
    const { input } = await import('@inquirer/prompts');
    return input({ message });
  },
  confirm: async (message) => {
    const { confirm } = await import('@inquirer/prompts');
    return confirm({ message, default: false });
  },
  readInput: async () => text(process.stdin),
  size: () => (process.stdout.isTTY ? { rows: process.stdout.rows, columns: process.stdout.columns } : undefined),
  stopOnInterrupt,
  environment: readClientEnvironment(),
};

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});
process.exitCode = await runCli(process.argv.slice(2), io);
