import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedServerError } from './embedded-server-error.ts';
import { clearLeftover, isTakingConnections, type Cluster } from './postgres-cluster.ts';
import { identify } from './process-identity.ts';
import { untilReady } from './restartable.ts';
import { endLeftover, startServerProcess, tail, type ServerCommand, type ServerProcess } from './server-process.ts';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 30_000;

/**
 * Server settings of the default machine. Commits are durable. A statement that fails is logged by its error code and message
 * only: details, parameters and the statement itself may hold personal data.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  synchronous_commit: 'on',
  shared_buffers: '256MB',
  min_wal_size: '256MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  random_page_cost: '1.1',
  jit: 'off',
  log_checkpoints: 'off',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
};

/** One server to launch. */
export interface PostgresPlan {
  readonly cluster: Cluster;
  readonly port: number;
  /** Over the default settings. */
  readonly settings: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/**
 * Starts the server and resolves once it takes connections. Tries again while backends of a killed server still hold its shared
 * memory; they end by themselves within moments. Errors: EmbeddedServerError with the end of the log.
 */
export async function launchPostgres(plan: PostgresPlan): Promise<ServerProcess> {
  const { cluster, logFile } = plan;
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    await clearLeftover(cluster);
    const server = await startServerProcess(commandFor(plan));
    try {
      await untilReady({
        ready: () => isTakingConnections(cluster, server.identity.pid),
        failed: () => (server.hasExited() ? startFailure(logFile) : undefined),
        timeoutMs: START_TIMEOUT_MS,
        onTimeout: () => startFailure(logFile),
      });
      return server;
    } catch (error) {
      await server.stop();
      if (Date.now() > deadline || !tail(logFile, 4).includes('pre-existing shared memory block')) throw error;
      await delay(100);
    }
  }
}

function commandFor({ cluster, port, settings, logFile }: PostgresPlan): ServerCommand {
  const flags = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return {
    name: 'PostgreSQL',
    command: cluster.binaries.postgres,
    args: ['-D', cluster.dataDirectory, '-p', String(port), ...flags],
    workingDirectory: cluster.home,
    logFile,
    stopSignal: 'SIGINT',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    account: cluster.account,
  };
}

function startFailure(logFile: string): EmbeddedServerError {
  return new EmbeddedServerError(`The embedded PostgreSQL did not start:\n${tail(logFile)}\n`, `See ${logFile}, or set DATABASE_URL to a PostgreSQL server.`);
}

/** Ends the server and its backends at once by SIGKILL, as a power cut would. Where the system does not list them, they end by themselves. */
export async function killPostgres(server: ServerProcess): Promise<void> {
  const backends = childrenOf(server.identity.pid).flatMap((pid) => identify(pid) ?? []);
  await server.kill();
  await Promise.all(backends.map((backend) => endLeftover(backend, 'SIGKILL', STOP_TIMEOUT_MS)));
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
