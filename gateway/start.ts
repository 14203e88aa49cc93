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

/** Builds a gateway, listens, and writes `<home>/gateway.json`. Errors: the server's own when the port is taken. */
export async function startGateway(deps: GatewayDependencies, { host, port, homeDirectory }: ListenOptions): Promise<RunningGateway> {
  const app = await buildGateway(deps);
  try {
    const url = reachable(await app.listen({ host, port }));
    await prepareLocalAccess(deps.db, homeDirectory, url);
    return { app, url, close: async () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** An address to listen on everywhere is none to connect to. */
function reachable(listening: string): string {
  return listening.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//127.0.0.1:');
}
