import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { startWatchdog } from '../embedded/watchdog.ts';

const stopTimeoutMs = 20_000;

/** How to start one program of this project. */
export interface Program<Ready> {
  /** For messages: what it is. */
  readonly name: string;
  /** Absolute path of its script. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Takes what it prints; appended to. */
  readonly logFile: string;
  /** Reads a line of its standard output; anything but `undefined` means that it is ready. */
  readonly ready: (line: string) => Ready | undefined;
  readonly timeoutMs: number;
}

/** A program that runs. */
export interface Running<Ready> {
  readonly pid: number;
  /** What `ready` made of its line. */
  readonly said: Ready;
  /** Ends it in order; by SIGKILL when that takes more than 20 s. Resolves once it is gone. */
  stop(): Promise<void>;
  /** Ends it by SIGKILL. Resolves once it is gone. */
  kill(): Promise<void>;
}

/**
 * The processes of a run. Each has a session of its own, so that Ctrl-C reaches the demo alone, which ends them in order; a watchdog
 * ends each of them should the demo itself vanish.
 */
export class Processes {
  readonly #running: Running<unknown>[] = [];
  #isStopping = false;

  /** Starts a program and resolves once it is ready. Throws an Error with the end of its log when it is not. */
  async start<Ready>(program: Program<Ready>): Promise<Running<Ready>> {
    if (this.#isStopping) throw new Error('Stopped.');
    const { child, log } = launch(program);
    const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const end = async (signal: NodeJS.Signals): Promise<void> => {
      if (child.exitCode !== null || child.signalCode !== null) return exited;
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      await exited;
      clearTimeout(late);
    };
    const started = { pid: child.pid ?? 0, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
    const watchdog = startWatchdog(started.pid, 'SIGTERM');
    void exited.then(() => watchdog.dismiss());
    const registered = { ...started, said: undefined };
    this.#running.push(registered);
    const said = await waitForReady(program, child, log, exited);
    return { ...started, said };
  }

  /** Ends all of them, the latest first. */
  async stopAll(): Promise<void> {
    this.#isStopping = true;
    for (const one of this.#running.splice(0).reverse()) await one.stop();
  }
}

function launch<Ready>(program: Program<Ready>): { readonly child: ChildProcess; readonly log: number } {
  mkdirSync(dirname(program.logFile), { recursive: true });
  const log = openSync(program.logFile, 'a', 0o600);
  const child = spawn(process.execPath, [program.script, ...(program.args ?? [])], {
    cwd: program.workingDirectory, env: program.environment, detached: true, stdio: ['ignore', 'pipe', log],
  });
  child.once('close', () => closeSync(log));
  return { child, log };
}

async function waitForReady<Ready>(program: Program<Ready>, child: ChildProcess, log: number, exited: Promise<void>): Promise<Ready> {
  let late: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Ready>((resolve, reject) => {
      const giveUp = (why: string) => (): void => reject(new Error(`${program.name} ${why}.\n${tail(program.logFile)}`));
      late = setTimeout(giveUp(`is not ready after ${program.timeoutMs / 1000} s`), program.timeoutMs);
      void exited.then(giveUp('ended before it was ready'));
      child.once('error', (error) => reject(error));
      if (child.stdout === null) return;
      createInterface({ input: child.stdout }).on('line', (line) => {
        writeSync(log, `${line}\n`);
        const said = program.ready(line);
        if (said !== undefined) resolve(said);
      });
    });
  } finally {
    clearTimeout(late);
  }
}

function tail(logFile: string): string {
  return `The end of ${logFile}:\n${readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-12).join('\n')}`;
}
