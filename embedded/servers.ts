import { join } from 'node:path';
import { z } from 'zod';
import type { HubConfig } from '../config/environment.ts';
import type { TemporalTarget } from '../config/temporal-environment.ts';
import { projectCacheDirectory } from './directories.ts';
import type { Log } from './embedded-server-error.ts';
import { postgresStateFile, startPostgres, urlOf, type PostgresServer } from './postgres.ts';
import { isRunning } from './process-identity.ts';
import { readState } from './state-file.ts';
import { findTemporalExecutable } from './temporal-executable.ts';
import { EMBEDDED_NAMESPACE, startTemporal, temporalStateFile, type TemporalServer } from './temporal.ts';

/** The part of the configuration that decides which servers are used, and which are started. */
export type ServersConfig = Pick<HubConfig, 'databaseUrl' | 'temporal' | 'temporalUiUrl' | 'homeDirectory'>;

/** Where the two servers are that the hub works on. */
export interface ServerAddresses {
  /** Password included: never log it. */
  readonly databaseUrl: string;
  readonly temporal: TemporalTarget;
  /** Without a slash at the end; undefined when it is not known. */
  readonly temporalUiUrl: string | undefined;
}

/** The two servers, and those of them that were started here. */
export interface HubServers extends ServerAddresses {
  readonly embedded: { readonly postgres: PostgresServer | undefined; readonly temporal: TemporalServer | undefined };
  /** Ends what was started here, and nothing else. Call it after the hub's own parts have ended. */
  stop(): Promise<void>;
}

/**
 * Makes sure that there is a PostgreSQL and a Temporal server: the configured ones, or embedded ones with their data in the home
 * directory, which are started again should they end by themselves. They end with this process, however it ends.
 * Errors: EmbeddedServerError; nothing is left running then.
 */
export async function startServers(config: ServersConfig, log: Log): Promise<HubServers> {
  const { postgres: postgresDirectory, temporal: temporalDirectory } = directoriesIn(config.homeDirectory);
  const [postgres, temporal] = await Promise.allSettled([
    config.databaseUrl === undefined ? startPostgres({ directory: postgresDirectory, supervised: true, log }) : undefined,
    config.temporal === undefined ? startOwnTemporal(temporalDirectory, log) : undefined,
  ]);
  const started = [postgres, temporal].flatMap((part) => (part.status === 'fulfilled' && part.value !== undefined ? [part.value] : []));
  const stop = async (): Promise<void> => void (await Promise.all(started.map((server) => server.stop())));
  const failed = [postgres, temporal].find((part) => part.status === 'rejected');
  if (postgres.status === 'rejected' || temporal.status === 'rejected') {
    await stop();
    throw failed?.reason;
  }
  const embedded = { postgres: postgres.value, temporal: temporal.value };
  return { ...addressesOf(config, embedded.postgres?.url, embedded.temporal), embedded, stop };
}

const postgresState = z.object({ password: z.string(), port: z.number(), pid: z.number(), startedAt: z.string() });
const temporalState = z.object({ port: z.number(), uiPort: z.number(), pid: z.number(), startedAt: z.string() });

/**
 * The servers of a hub on this machine that is already running, for a command beside it: the configured ones, or the embedded ones
 * that another process started in the home directory. Undefined when an embedded one is needed and does not run.
 */
export function findRunningServers(config: ServersConfig): ServerAddresses | undefined {
  const directories = directoriesIn(config.homeDirectory);
  const postgres = readState(postgresStateFile(directories.postgres), postgresState);
  const temporal = readState(temporalStateFile(directories.temporal), temporalState);
  const databaseUrl = postgres !== undefined && isRunning(postgres) ? urlOf(postgres.password, postgres.port) : undefined;
  const found = temporal !== undefined && isRunning(temporal) ? { address: `127.0.0.1:${temporal.port}`, uiUrl: `http://127.0.0.1:${temporal.uiPort}` } : undefined;
  if ((config.databaseUrl ?? databaseUrl) === undefined || (config.temporal ?? found) === undefined) return undefined;
  return addressesOf(config, databaseUrl, found);
}

function addressesOf(config: ServersConfig, databaseUrl: string | undefined, own: { readonly address: string; readonly uiUrl?: string } | undefined): ServerAddresses {
  const url = config.databaseUrl ?? databaseUrl;
  const temporal = config.temporal ?? (own === undefined ? undefined : { connectionOptions: { address: own.address }, namespace: EMBEDDED_NAMESPACE });
  if (url === undefined || temporal === undefined) throw new Error('A server is neither configured nor running.');
  return { databaseUrl: url, temporal, temporalUiUrl: config.temporalUiUrl ?? (config.temporal === undefined ? own?.uiUrl : undefined) };
}

async function startOwnTemporal(directory: string, log: Log): Promise<TemporalServer> {
  const executable = await findTemporalExecutable({ cacheDirectories: [projectCacheDirectory(), join(directory, 'cache')], log });
  return startTemporal({ executable, directory, supervised: true, log });
}

function directoriesIn(homeDirectory: string): { readonly postgres: string; readonly temporal: string } {
  return { postgres: join(homeDirectory, 'postgres'), temporal: join(homeDirectory, 'temporal') };
}
