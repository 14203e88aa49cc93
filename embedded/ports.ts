import { createServer } from 'node:net';

const ATTEMPTS = 3;

/**
 * Starts something on a free port: the first free one of those wanted, else any. Should another program take the port in the
 * moment between, it is tried again on another one. Errors: those of `start`.
 */
export async function onFreePort<Started>(wanted: readonly (number | undefined)[], start: (port: number) => Promise<Started>): Promise<Started> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(...(attempt === 1 ? wanted : []));
    try {
      return await start(port);
    } catch (error) {
      if (attempt === ATTEMPTS || !/address already in use/i.test(String(error))) throw error;
    }
  }
}

/**
 * A free TCP port of 127.0.0.1: the first of the wanted ones that nothing listens on, else one that the system picks.
 * Another program may still take it before it is used; whoever starts a server on it tries again then.
 */
export async function freePort(...wanted: readonly (number | undefined)[]): Promise<number> {
  for (const port of wanted) {
    if (port !== undefined && port > 0 && (await listenOnce(port)) === port) return port;
  }
  const port = await listenOnce(0);
  if (port === undefined) throw new Error('The system gives no free port on 127.0.0.1.');
  return port;
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = probe.address();
      const found = typeof address === 'object' && address !== null ? address.port : undefined;
      probe.close(() => resolve(found));
    });
  });
}
