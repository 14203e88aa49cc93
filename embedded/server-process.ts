import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedServerError } from './embedded-server-error.ts';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';
import { startWatchdog } from './watchdog.ts';

const LOG_LIMIT_BYTES = 20_000_000;
const POLL_MS = 20;

/** How to run one server as a child process. */
export interface ServerCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly workingDirectory: string;
  /** Takes standard output and standard error; appended to, emptied at a start once it is larger than 20 MB. */
  readonly logFile: string;
  /** The signal for an orderly end. */
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  /** The unprivileged account to run as; absent: this process's own. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
}

/** A server that runs as a child process, in a session of its own so that Ctrl-C in a terminal reaches the hub alone. */
export interface ServerProcess {
  readonly identity: ProcessIdentity;
  hasExited(): boolean;
  /** Resolves once it is gone, for whatever reason. */
  readonly exited: Promise<void>;
  /** Ends it in order; after `stopTimeoutMs` by SIGKILL. Resolves once it is gone. */
  stop(): Promise<void>;
  /** Ends it by SIGKILL, as a power cut would. Resolves once it is gone. */
  kill(): Promise<void>;
}

/** Starts the process and the watchdog that ends it should this process vanish. Errors: EmbeddedServerError when it cannot be started at all. */
export async function startServerProcess(server: ServerCommand): Promise<ServerProcess> {
  const child = await spawnDetached(server);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const identity = identify(child.pid ?? 0) ?? { pid: child.pid ?? 0, startedAt: 'gone' };
  const watchdog = startWatchdog(identity.pid, server.stopSignal);
  void exited.then(() => watchdog.dismiss());
  const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals, timeoutMs: number): Promise<void> => {
    if (hasExited()) return;
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    await exited;
    clearTimeout(late);
  };
  return { identity, exited, hasExited, stop: () => end(server.stopSignal, server.stopTimeoutMs), kill: () => end('SIGKILL', server.stopTimeoutMs) };
}

/** Ends a process that is not this process's child, for example one that an earlier run left behind. Resolves once it is gone. */
export async function endLeftover(identity: ProcessIdentity, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  send(identity, signal);
  while (isRunning(identity)) {
    if (Date.now() > deadline) send(identity, 'SIGKILL');
    await delay(POLL_MS);
  }
}

/** The process may be gone by now, which is what is wanted. */
function send(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  try {
    if (isRunning(identity)) process.kill(identity.pid, signal);
  } catch (error) {
    if (isRunning(identity)) throw error;
  }
}

/** The last lines of a log file, for an error message. */
export function tail(logFile: string, lines = 12): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '(no log)';
  }
}

function spawnDetached(server: ServerCommand): Promise<ChildProcess> {
  const log = openLog(server.logFile);
  const child = spawn(server.command, [...server.args], {
    cwd: server.workingDirectory,
    detached: true,
    stdio: ['ignore', log, log],
    ...(server.account === undefined ? {} : { uid: server.account.uid, gid: server.account.gid }),
  });
  closeSync(log);
  child.unref();
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child));
    child.once('error', (error) => reject(new EmbeddedServerError(`${server.name} cannot be started (${error.message}).`, `Check ${server.command}.`, error)));
  });
}

function openLog(logFile: string): number {
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES) truncateSync(logFile);
  return openSync(logFile, 'a', 0o600);
}
