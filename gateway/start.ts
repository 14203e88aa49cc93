import { HubError } from '../domain/errors.ts';
import type { GatewayDependencies } from './dependencies.ts';
import type { App } from './http/app.ts';
import { prepareLocalAccess } from './local-access.ts';
import { buildGateway } from './server.ts';

/** Where a gateway listens, and where it tells commands on this machine about it. */
export interface ListenOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly homeDirectory: string;
}

/** A gateway that takes requests. */
export interface RunningGateway {
  readonly app: App;
  /** Without a slash at the end. */
  readonly url: string;
  /** Stops taking requests, and waits for those under way and for wakes on their way. */
  close(): Promise<void>;
}

/** Builds a gateway, listens, and writes `<home>/gateway.json`. Errors: CONFIGURATION_INVALID when it cannot listen there. */
export async function startGateway(deps: GatewayDependencies, { host, port, homeDirectory }: ListenOptions): Promise<RunningGateway> {
  const app = await buildGateway(deps);
  try {
    const url = reachable(await listen(app, host, port));
    await prepareLocalAccess(deps.db, homeDirectory, url);
    return { app, url, close: async () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** Source systems have the address in their settings, so a port that is taken is not replaced by another one. */
async function listen(app: App, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    const why = reasons[code];
    throw why === undefined ? error : new HubError('CONFIGURATION_INVALID', `The gateway cannot listen on ${host}:${port}: ${why}. Choose another with HUB_GATEWAY_PORT or HUB_GATEWAY_HOST, or end what is there.`, { field: 'HUB_GATEWAY_PORT' });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has the port', EACCES: 'this user may not take the port', EADDRNOTAVAIL: 'this machine does not have the address', ENOTFOUND: 'this machine does not have the address',
};

/** An address to listen on everywhere is none to connect to. */
function reachable(listening: string): string {
  return listening.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//127.0.0.1:');
}
