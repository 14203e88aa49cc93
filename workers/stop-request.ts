/** npm passes on a Ctrl-C that the terminal has sent to this process already: what comes so soon is the same request. */
const sameRequestMs = 1_000;
const lookEveryMs = 500;

/** What asks a process to stop. */
export type StopReason = NodeJS.Signals | 'npm ended';

/** The part of `process` that asks a process to stop. */
export interface StoppableProcess {
  readonly ppid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(code: number): void;
}

/**
 * Resolves at the first of the signals, and when npm has started this process and is gone: a SIGTERM that npm receives reaches the
 * shell between them and no further. Whoever asks again later, while things are being stopped, ends the process at once.
 */
export function stopRequested(signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'], own: StoppableProcess = process): Promise<StopReason> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    for (const signal of signals) {
      own.on(signal, () => {
        if (firstAt !== undefined && performance.now() - firstAt > sameRequestMs) own.exit(130);
        firstAt ??= performance.now();
        resolve(signal);
      });
    }
    if (own.env['npm_lifecycle_event'] !== undefined) onParentEnd(own, () => resolve('npm ended'));
  });
}

/** Tells when the process that started this one is gone. Does not keep this one alive. */
function onParentEnd(own: StoppableProcess, tell: () => void): void {
  const parent = own.ppid;
  const timer = setInterval(() => {
    if (own.ppid === parent) return;
    clearInterval(timer);
    tell();
  }, lookEveryMs);
  timer.unref();
}
