import { RUN_SERVERS } from './global-setup.ts';
import type { RunServers } from './run-servers.ts';

/** Ends the servers of the test run, whatever the tests came to. */
export default async function globalTeardown(): Promise<void> {
  const servers: unknown = Reflect.get(globalThis, RUN_SERVERS);
  if (isRunServers(servers)) await servers.stop();
}

function isRunServers(value: unknown): value is RunServers {
  return typeof value === 'object' && value !== null && 'stop' in value;
}
