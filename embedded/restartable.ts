import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './embedded-server-error.ts';
import type { ServerProcess } from './server-process.ts';

const RELAUNCH_PAUSE_MS = 2_000;

/** What every embedded server lets its owner do. */
export interface ServerControl {
  /** The process id of the moment; another one after `restart`. */
  readonly pid: number;
  readonly logFile: string;
  /** Ends it in order and frees its directory. */
  stop(): Promise<void>;
  /** Ends it by SIGKILL, as a power cut would. Its data stay, and `restart` brings it back. */
  kill(): Promise<void>;
  /** Brings it up again on the same port and the same data, after `kill` or while it runs. Resolves once it answers. */
  restart(): Promise<void>;
}

/** How a control is made. */
export interface RestartableOptions {
  readonly name: string;
  readonly logFile: string;
  readonly log: Log;
  readonly launch: () => Promise<ServerProcess>;
  /** Called once, after `stop`. */
  readonly release: () => void;
  /** Replaces the plain SIGKILL by a harsher end. */
  readonly kill?: (process: ServerProcess) => Promise<void>;
  /** True: a server that ends although nobody asked it to is started again, as long as it takes. */
  readonly supervised?: boolean;
}

/** Launches a server and makes its control. Errors: those of the first launch. */
export async function restartable(options: RestartableOptions): Promise<ServerControl> {
  let wanted = true;
  let current = await options.launch();
  const kill = options.kill ?? ((process: ServerProcess) => process.kill());
  const supervise = (watched: ServerProcess): void => {
    if (options.supervised === true) void watched.exited.then(() => (wanted && watched === current ? revive() : undefined));
  };
  const revive = async (): Promise<void> => {
    options.log(`${options.name} ended unexpectedly (see ${options.logFile}): starting it again.`);
    const revived = await relaunch(options, () => wanted);
    if (revived === undefined) return;
    current = revived;
    supervise(current);
  };
  supervise(current);
  return {
    logFile: options.logFile,
    get pid() {
      return current.identity.pid;
    },
    stop: async () => {
      wanted = false;
      await current.stop();
      options.release();
    },
    kill: () => {
      wanted = false;
      return kill(current);
    },
    restart: async () => {
      wanted = false;
      await current.stop();
      current = await options.launch();
      wanted = true;
      supervise(current);
    },
  };
}

/** Launches until it works or is no longer wanted. */
async function relaunch(options: RestartableOptions, wanted: () => boolean): Promise<ServerProcess | undefined> {
  while (wanted()) {
    try {
      const server = await options.launch();
      if (wanted()) return server;
      await server.stop();
    } catch (error) {
      options.log(`${options.name} does not start: ${error instanceof Error ? error.message : String(error)}`);
      await delay(RELAUNCH_PAUSE_MS);
    }
  }
  return undefined;
}

/** Polls until `ready` holds. `failed` is asked first each time and throws to give up early; `onTimeout` makes the error when time is up. */
export async function untilReady(options: {
  readonly ready: () => boolean | Promise<boolean>;
  readonly failed: () => Error | undefined;
  readonly timeoutMs: number;
  readonly onTimeout: () => Error;
}): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    const failure = options.failed();
    if (failure !== undefined) throw failure;
    if (await options.ready()) return;
    if (Date.now() > deadline) throw options.onTimeout();
    await delay(20);
  }
}
