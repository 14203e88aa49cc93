import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { canReach, makeDirectory, sharedDirectory } from './directories.ts';
import { lockDirectory } from './directory-lock.ts';
import { EmbeddedServerError, type Log } from './embedded-server-error.ts';
import { onFreePort } from './ports.ts';
import { postgresAccount, type ServerAccount } from './server-account.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import { clearLeftover, createCluster, hasData, resetPassword, type Cluster } from './postgres-cluster.ts';
import { killPostgres, launchPostgres } from './postgres-launch.ts';
import { restartable, type ServerControl } from './restartable.ts';
import { readState, writeState } from './state-file.ts';

const USER = 'hub';
const DATABASE = 'hub';
const DEFAULT_PORT = 54_320;

/** Where and how the embedded PostgreSQL runs. */
export interface PostgresOptions {
  /** Keeps data, password (mode 600) and log; made when missing. */
  readonly directory: string;
  /** The port wanted; absent: that of the last time, else 54320. One that is taken gives another. */
  readonly port?: number;
  /** Server settings over the default ones, as on its command line. */
  readonly settings?: Readonly<Record<string, string>>;
  /** True: started again should it end by itself. */
  readonly supervised?: boolean;
  readonly log: Log;
}

/** The running PostgreSQL. */
export interface PostgresServer extends ServerControl {
  /** Connection URL of the database `hub`, password included: never log it. */
  readonly url: string;
  /** Where its data are; below the given directory unless its account cannot reach that. */
  readonly dataDirectory: string;
  /** The same for another database of this server. */
  urlFor(database: string): string;
}

const stateSchema = z.object({ password: z.string(), port: z.number(), home: z.string().optional(), pid: z.number().optional(), startedAt: z.string().optional() });

type PostgresFacts = Pick<z.infer<typeof stateSchema>, 'password' | 'port' | 'home'>;

/** The file with port, password and process of the PostgreSQL in a directory. */
export function postgresStateFile(directory: string): string {
  return join(directory, 'postgres.json');
}

/** The connection URL of an embedded PostgreSQL. */
export function urlOf(password: string, port: number, database: string = DATABASE): string {
  return `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`;
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
  const stateFile = postgresStateFile(options.directory);
  const state = readState(stateFile, stateSchema);
  const account = await postgresAccount(options.log);
  const binaries = await postgresBinaries(account, options.log);
  const home = chooseHome(options.directory, state?.home, account, options.log);
  const cluster: Cluster = { home, dataDirectory: join(home, 'data'), binaries, account };
  const facts = { password: state?.password ?? randomBytes(24).toString('base64url'), ...(home === options.directory ? {} : { home }) };
  await clearLeftover(cluster);
  if (!hasData(cluster)) {
    writeState(stateFile, { ...facts, port: state?.port ?? DEFAULT_PORT });
    await createCluster(cluster, USER, facts.password, DATABASE);
  } else if (state === undefined) await resetPassword(cluster, USER, facts.password);
  return onFreePort([options.port, state?.port, DEFAULT_PORT], (port) => startOn({ ...facts, port }, cluster, options, release));
}

async function startOn(facts: PostgresFacts, cluster: Cluster, options: PostgresOptions, release: () => void): Promise<PostgresServer> {
  const { port, password } = facts;
  const logFile = join(options.directory, 'postgres.log');
  const control = await restartable({
    name: 'PostgreSQL',
    logFile,
    log: options.log,
    release,
    supervised: options.supervised ?? false,
    kill: killPostgres,
    launch: async () => {
      const server = await launchPostgres({ cluster, port, settings: options.settings ?? {}, logFile });
      writeState(postgresStateFile(options.directory), { ...facts, ...server.identity });
      return server;
    },
  });
  options.log(`PostgreSQL runs on 127.0.0.1:${port} (process ${control.pid}, data in ${cluster.dataDirectory}, log ${logFile}).`);
  return Object.assign(control, { url: urlOf(password, port), dataDirectory: cluster.dataDirectory, urlFor: (database: string) => urlOf(password, port, database) });
}

/** The directory itself, or the one elsewhere that was chosen before, or a new one: data elsewhere are never found by a path alone. */
function chooseHome(directory: string, chosen: string | undefined, account: ServerAccount | undefined, log: Log): string {
  if (chosen !== undefined && existsSync(chosen)) return chosen;
  if (chosen !== undefined) {
    throw new EmbeddedServerError(`The data of the embedded PostgreSQL are no longer in ${chosen}.`, `Put them back, or remove ${directory} to begin with an empty database.`);
  }
  if (account === undefined || canReach(directory, account)) return directory;
  const home = sharedDirectory(`postgres-data-${randomBytes(6).toString('hex')}`);
  log(`The account of PostgreSQL cannot reach ${directory}: its data are in ${home}.`);
  return home;
}
