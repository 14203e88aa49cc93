import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process of ours that said that it is ready. */
export interface Child {
  readonly pid: number;
  /** The line of JSON that it printed. */
  readonly ready: unknown;
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
}

const stopTimeoutMs = 50_000;
const alive = new Set<ChildProcess>();

process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** Starts a compiled script of this project and waits for its line of JSON. Errors: Error when it ends before that. */
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
  const ready = await readyLine(child, ended, plan.script);
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  };
  return { pid: child.pid ?? 0, ready, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

async function readyLine(child: ChildProcess, ended: Promise<void>, script: string): Promise<unknown> {
  const { stdout } = child;
  if (stdout === null) throw new Error('The process has no output.');
  const line = new Promise<unknown>((resolve) => {
    createInterface({ input: stdout }).on('line', (text) => {
      if (text.startsWith('{')) resolve(JSON.parse(text));
    });
  });
  return Promise.race([line, ended.then(() => Promise.reject(new Error(`${script} ended before it was ready.`)))]);
}
