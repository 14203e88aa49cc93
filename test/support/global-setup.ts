import { startRunServers, type RunServers } from './run-servers.ts';

/** Where the tear-down, which jest loads as a module of its own, finds what the set-up started. */
export const RUN_SERVERS = Symbol.for('connect-hub.run-servers');

/** Names the seed of a run. A run without it is the same each time; set it to another number to look for more. */
const SEED_VARIABLE = 'HUB_TEST_SEED';
const usualSeed = '802176556';

/** Starts the servers of the test run and prints its seed. They end with the run: by the tear-down, at Ctrl-C, or with this process. */
export default async function globalSetup(): Promise<void> {
  process.env[SEED_VARIABLE] ??= usualSeed;
  process.stderr.write(`Seed of this run: ${SEED_VARIABLE}=${process.env[SEED_VARIABLE]}\n`);
  const servers = await startRunServers();
  Object.assign(globalThis, { [RUN_SERVERS]: servers });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stopAndExit(servers));
}

async function stopAndExit(servers: RunServers): Promise<void> {
  await servers.stop();
  process.exit(130);
}
