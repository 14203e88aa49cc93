import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process of ours that said that it is ready. */
export interface Child {
  readonly pid: number;
  /** The line by which it said so. */
  readonly ready: string;
  /** SIGTERM, and SIGKILL after a while; resolves when it has ended. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
}

/** What to start. */
export interface ChildPlan {
  /** Below `dist/`, as `sandbox/mailplus/main.js`. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** How the line begins by which it says that it is ready; a brace when absent. */
  readonly readyPrefix?: string;
}

const stopTimeoutMs = 50_000;
const alive = new Set<ChildProcess>();

process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** Starts a compiled script of this project and waits until it says that it is ready. Errors: Error when it ends before that. */
export async function startChild(plan: ChildPlan): Promise<Child> {
  const script = fileURLToPath(new URL(`../${plan.script}`, import.meta.url));
  const child = spawn(process.execPath, [...(plan.nodeArgs ?? []), script, ...(plan.args ?? [])], {
    stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...plan.environment },
  });
  alive.add(child);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      alive.delete(child);
      resolve();
    });
  });
  const ready = await readyLine(child, ended, plan);
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  };
  return { pid: child.pid ?? 0, ready, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

async function readyLine(child: ChildProcess, ended: Promise<void>, { script, readyPrefix = '{' }: ChildPlan): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error('The process has no output.');
  const line = new Promise<string>((resolve) => {
    createInterface({ input: stdout }).on('line', (text) => {
      if (text.startsWith(readyPrefix)) resolve(text);
    });
  });
  return Promise.race([line, ended.then(() => Promise.reject(new Error(`${script} ended before it was ready.`)))]);
}
