import { join } from 'node:path';
import { migrateToLatest } from '../../db/migrate.ts';
import { startPostgres, type PostgresServer } from '../../embedded/postgres.ts';
import { startTemporal, type TemporalServer } from '../../embedded/temporal.ts';
import type { HubPlace } from './e2e-hub.ts';
import { removeDirectory, temporaryDirectory, testServers } from './test-servers.ts';

/** A PostgreSQL and a Temporal server of one's own, to be killed. Their data survive that. */
export interface ServerPair {
  readonly postgres: PostgresServer;
  readonly temporal: TemporalServer;
  readonly place: HubPlace;
  close(): Promise<void>;
}

/** Nothing here survives the machine, so nothing is forced to its disk; what is committed survives the process all the same. */
const settings = { fsync: 'off', full_page_writes: 'off' };

/** Starts a pair side by side, migrated. */
export async function startServerPair(): Promise<ServerPair> {
  const directory = temporaryDirectory('pair');
  const log = (): void => undefined;
  const [postgres, temporal] = await Promise.all([
    startPostgres({ directory: join(directory, 'postgres'), port: 0, settings, log }).then(async (server) => {
      await migrateToLatest(server.url);
      return server;
    }),
    startTemporal({ executable: testServers().temporalExecutable, directory: join(directory, 'temporal'), ports: { grpc: 0, ui: 0 }, log }),
  ]);
  return {
    postgres, temporal, place: { databaseUrl: postgres.url, temporalAddress: temporal.address, namespace: temporal.namespace },
    close: async () => {
      await Promise.all([postgres.stop(), temporal.stop()]);
      removeDirectory(directory);
    },
  };
}
