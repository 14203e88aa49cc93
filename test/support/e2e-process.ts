import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { startWatchdog } from '../../embedded/watchdog.ts';
import { distFile } from './e2e-dist.ts';
import { waitFor } from './wait-for.ts';

/** How to start a program of the build as a process of its own. */
export interface ProgramOptions {
  /** The compiled module, as `workers/main.js`. */
  readonly program: string;
  readonly args?: readonly string[];
  /** The whole environment besides PATH and HOME. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Takes standard output and standard error. */
  readonly logFile: string;
  /** Once this is in the log the program is ready. */
  readonly readyWhen: RegExp;
}

/** A running program. It ends with this process, however that ends. */
export interface Program {
  readonly pid: number;
  /** What `readyWhen` found, with its groups. */
  readonly announced: RegExpMatchArray;
  /** `performance.now()` of the moments at which it was spawned and was ready. */
  readonly spawnedAt: number;
  readonly readyAt: number;
  hasEnded(): boolean;
  /** Resolves with the signal or the exit code once it is gone. */
  readonly ended: Promise<NodeJS.Signals | number>;
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and SIGKILL should that take longer than ten seconds. Resolves once it is gone, with what `ended` gives. */
  stop(): Promise<NodeJS.Signals | number>;
}

const startTimeoutMs = 30_000;
const stopTimeoutMs = 10_000;

/** Starts a program and resolves when it is ready. Errors: Error with its log when it ends before, or takes longer than 30 s. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const log = openSync(options.logFile, 'a', 0o600);
  const from = readFileSync(options.logFile, 'utf8').length;
  const spawnedAt = performance.now();
  const child = spawn(process.execPath, [distFile(options.program), ...(options.args ?? [])], {
    cwd: dirname(options.logFile), stdio: ['ignore', log, log], detached: true,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production', ...options.environment },
  });
  closeSync(log);
  const ended = new Promise<NodeJS.Signals | number>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code ?? 0)));
  child.unref();
  const watchdog = startWatchdog(child.pid ?? 0, 'SIGKILL');
  void ended.then(() => watchdog.dismiss());
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals): Promise<NodeJS.Signals | number> => {
    if (!hasEnded()) child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    try {
      return await ended;
    } finally {
      clearTimeout(late);
    }
  };
  const output = (): string => readFileSync(options.logFile, 'utf8').slice(from);
  const announced = await waitFor(() => hasEnded() ? 'ended' : options.readyWhen.exec(output()), { timeoutMs: startTimeoutMs, message: `${options.program} to start` })
    .catch(async (error: unknown) => {
      await end('SIGKILL');
      throw error;
    });
  if (announced === 'ended') throw new Error(`${options.program} ended (${String(await ended)}) before it was ready:\n${output().slice(-2_000)}`);
  return { pid: child.pid ?? 0, announced, spawnedAt, readyAt: performance.now(), hasEnded, ended, kill: async () => void (await end('SIGKILL')), stop: () => end('SIGTERM') };
}

/** Runs a program to its end. Resolves with its exit code and what it printed. */
export function runProgram(options: Pick<ProgramOptions, 'program' | 'args' | 'environment'>): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn(process.execPath, [distFile(options.program), ...(options.args ?? [])], {
    cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1', ...options.environment },
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
