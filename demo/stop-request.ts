/** npm passes on a Ctrl-C that the terminal has sent to this process already: what comes so soon is the same request. */
const sameRequestMs = 1_000;

/** Resolves at the first SIGINT, SIGTERM or SIGHUP. Whoever asks again later, while things are being stopped, ends the process at once. */
export function stopRequested(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (firstAt !== undefined && performance.now() - firstAt > sameRequestMs) process.exit(130);
        firstAt ??= performance.now();
        resolve(signal);
      });
    }
  });
}
