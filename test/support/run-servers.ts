import { join } from 'node:path';
import { projectCacheDirectory } from '../../embedded/directories.ts';
import { startPostgres } from '../../embedded/postgres.ts';
import { findTemporalExecutable } from '../../embedded/temporal-executable.ts';
import { startTemporal } from '../../embedded/temporal.ts';
import { createTemplateDatabase, TEMPLATE_DATABASE, withDatabase } from './template-database.ts';
import { publishServers, removeDirectory, temporaryDirectory } from './test-servers.ts';

/** Nothing of a test run has to survive a power cut. */
const VOLATILE = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '400' };

/** A running pair of servers; `stop` ends both and removes their files, and may be called twice. */
export interface RunServers {
  stop(): Promise<void>;
}

/** Starts the PostgreSQL and the Temporal server of a test run side by side, and publishes where they are. */
export async function startRunServers(): Promise<RunServers> {
  const directory = temporaryDirectory('test');
  const started: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.splice(0).map((server) => server.stop()));
    removeDirectory(directory);
  };
  const keep = <Server extends { stop(): Promise<void> }>(server: Server): Server => {
    started.push(server);
    return server;
  };
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const executable = findTemporalExecutable({ cacheDirectories: [projectCacheDirectory()], log });
  const parts = await Promise.allSettled([
    startPostgres({ directory: join(directory, 'postgres'), port: 0, settings: VOLATILE, log: () => undefined }).then(keep),
    executable.then((found) => startTemporal({ executable: found, directory: join(directory, 'temporal'), ports: { grpc: 0, ui: 0 }, inMemory: true, log: () => undefined })).then(keep),
  ]);
  try {
    const [postgres, temporal] = [valueOf(parts[0]), valueOf(parts[1])];
    const databaseUrl = postgres.urlFor('postgres');
    await createTemplateDatabase(databaseUrl);
    publishServers(directory, {
      databaseUrl: withDatabase(databaseUrl, 'postgres'),
      template: TEMPLATE_DATABASE,
      temporalAddress: temporal.address,
      temporalNamespace: temporal.namespace,
      temporalExecutable: await executable,
    });
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function valueOf<Value>(part: PromiseSettledResult<Value>): Value {
  if (part.status === 'rejected') throw part.reason;
  return part.value;
}
