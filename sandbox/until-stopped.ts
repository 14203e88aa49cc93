const lookEveryMs = 500;

/** The part of `process` that asks a process to stop. */
export interface StoppableProcess {
  readonly ppid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  once(signal: NodeJS.Signals, listener: () => void): unknown;
}

/**
 * Resolves at SIGTERM and SIGINT, and when npm has started this process and is gone: npm hands a signal to the shell between
 * them, the shell ends, and the process would stay behind. A second signal ends the process at once, as the system does it.
 */
export function untilStopped(own: StoppableProcess = process): Promise<void> {
  return new Promise((resolve) => {
    let watch: NodeJS.Timeout | undefined;
    const stop = (): void => {
      clearInterval(watch);
      resolve();
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) own.once(signal, stop);
    if (own.env['npm_lifecycle_event'] === undefined) return;
    const parent = own.ppid;
    watch = setInterval(() => {
      if (own.ppid !== parent) stop();
    }, lookEveryMs);
    watch.unref();
  });
}
