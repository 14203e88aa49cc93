import { setTimeout as delay } from 'node:timers/promises';
import type { ServerProcess } from './server-process.ts';

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

/** Makes a control out of a way to launch; `release` is called once, after `stop`. `kill` may be replaced by a harsher one. */
export async function restartable(options: {
  readonly logFile: string;
  readonly launch: () => Promise<ServerProcess>;
  readonly release: () => void;
  readonly kill?: (process: ServerProcess) => Promise<void>;
}): Promise<ServerControl> {
  let current = await options.launch();
  const kill = options.kill ?? ((process: ServerProcess) => process.kill());
  return {
    logFile: options.logFile,
    get pid() {
      return current.identity.pid;
    },
    stop: async () => {
      await current.stop();
      options.release();
    },
    kill: () => kill(current),
    restart: async () => {
      await current.stop();
      current = await options.launch();
    },
  };
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
