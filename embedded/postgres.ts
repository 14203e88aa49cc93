import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { canReach, makeDirectory, sharedDirectoryFor } from './directories.ts';
import { lockDirectory } from './directory-lock.ts';
import { EmbeddedServerError, type Log } from './embedded-server-error.ts';
import { freePort } from './ports.ts';
import { postgresAccount } from './server-account.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import { clearLeftover, createCluster, isTakingConnections, type Cluster } from './postgres-cluster.ts';
import { identify } from './process-identity.ts';
import { restartable, untilReady, type ServerControl } from './restartable.ts';
import { startServerProcess, tail, type ServerProcess } from './server-process.ts';
import { readState, writeState } from './state-file.ts';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 30_000;
const USER = 'hub';
const DATABASE = 'hub';
const DEFAULT_PORT = 54_320;

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

/** Where and how the embedded PostgreSQL runs. */
export interface PostgresOptions {
  /** Keeps data, password (mode 600) and log; made when missing. */
  readonly directory: string;
  /** The port wanted; absent: that of the last time, else 54320. One that is taken gives another. */
  readonly port?: number;
  /** Server settings over the default ones, as on its command line. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log: Log;
}

/** The running PostgreSQL. */
export interface PostgresServer extends ServerControl {
  /** Connection URL of the database `hub`, password included: never log it. */
  readonly url: string;
  /** The same for another database of this server. */
  urlFor(database: string): string;
}

const stateSchema = z.object({ password: z.string(), port: z.number(), pid: z.number().optional(), startedAt: z.string().optional() });

/** The file with port, password and process of the PostgreSQL in a directory. */
export function postgresStateFile(directory: string): string {
  return join(directory, 'postgres.json');
}

/**
 * Starts the embedded PostgreSQL 18, on data that survive restarts. A server that an earlier run left behind is ended first.
 * Resolves once it takes connections. Errors: EmbeddedServerError, with the end of the server's log.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const directory = makeDirectory(options.directory);
  const lock = lockDirectory(directory);
  try {
    return await startLocked({ ...options, directory }, lock.release);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startLocked(options: PostgresOptions, release: () => void): Promise<PostgresServer> {
  const state = readState(postgresStateFile(options.directory), stateSchema);
  const password = state?.password ?? randomBytes(24).toString('base64url');
  const cluster = await clusterIn(options.directory, options.log);
  await clearLeftover(cluster);
  const port = await freePort(options.port, state?.port, DEFAULT_PORT);
  writeState(postgresStateFile(options.directory), { password, port });
  await createCluster(cluster, USER, password, DATABASE);
  const logFile = join(options.directory, 'postgres.log');
  const control = await restartable({
    logFile,
    release,
    kill: (server) => killAll(server),
    launch: async () => {
      const server = await launch(cluster, port, options, logFile);
      writeState(postgresStateFile(options.directory), { password, port, ...server.identity });
      return server;
    },
  });
  const urlFor = (database: string): string => `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`;
  options.log(`PostgreSQL runs on 127.0.0.1:${port} (process ${control.pid}, data in ${cluster.dataDirectory}, log ${logFile}).`);
  return Object.assign(control, { url: urlFor(DATABASE), urlFor });
}

async function clusterIn(directory: string, log: Log): Promise<Cluster> {
  const account = await postgresAccount(log);
  const binaries = await postgresBinaries(account, log);
  const reachable = account === undefined || canReach(directory, account);
  const home = reachable ? directory : sharedDirectoryFor('postgres-data', directory);
  if (!reachable) log(`The account of PostgreSQL cannot reach ${directory}: its data are in ${home}.`);
  return { home, dataDirectory: join(home, 'data'), binaries, account };
}

/** Tries again while backends of a killed server still hold its shared memory; they end by themselves within moments. */
async function launch(cluster: Cluster, port: number, options: PostgresOptions, logFile: string): Promise<ServerProcess> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    await clearLeftover(cluster);
    const server = await startServerProcess(commandFor(cluster, port, options.settings ?? {}, logFile));
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

function commandFor(cluster: Cluster, port: number, settings: Readonly<Record<string, string>>, logFile: string): Parameters<typeof startServerProcess>[0] {
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

/** The server and its backends at once: what a power cut ends. Where the system does not list them, they end by themselves. */
async function killAll(server: ServerProcess): Promise<void> {
  const backends = childrenOf(server.identity.pid).map(identify);
  await server.kill();
  for (const backend of backends) {
    if (backend !== undefined && identify(backend.pid)?.startedAt === backend.startedAt) process.kill(backend.pid, 'SIGKILL');
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
