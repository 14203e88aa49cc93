import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { z } from 'zod';
import { makeDirectory } from './directories.ts';
import { lockDirectory } from './directory-lock.ts';
import { EmbeddedServerError, type Log } from './embedded-server-error.ts';
import { freePort, onFreePort } from './ports.ts';
import { commandLineOf, identify } from './process-identity.ts';
import { restartable, untilReady, type ServerControl } from './restartable.ts';
import { SEARCH_ATTRIBUTES } from './search-attributes.ts';
import { endLeftover, startServerProcess, tail, type ServerProcess } from './server-process.ts';
import { readState, writeState } from './state-file.ts';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const DEFAULT_PORT = 7_233;
const DEFAULT_UI_PORT = 8_233;

/** The namespace of the embedded server: the one that its user interface and its command line open by themselves. */
export const EMBEDDED_NAMESPACE = 'default';

/** Where and how the embedded Temporal server runs. */
export interface TemporalOptions {
  /** The `temporal` program (see findTemporalExecutable). */
  readonly executable: string;
  /** Keeps the state and the log; made when missing. */
  readonly directory: string;
  /** The ports wanted; absent: those of the last time, else 7233 and 8233. One that is taken gives another. */
  readonly ports?: { readonly grpc?: number; readonly ui?: number };
  /** True: workflows are gone with the process, and there is no user interface. For tests. */
  readonly inMemory?: boolean;
  /** Dynamic configuration of the server, as JSON values. */
  readonly dynamicConfig?: Readonly<Record<string, unknown>>;
  /** True: started again should it end by itself. */
  readonly supervised?: boolean;
  readonly log: Log;
}

/** The running Temporal server. */
export interface TemporalServer extends ServerControl {
  /** `host:port` of its gRPC service. */
  readonly address: string;
  readonly namespace: string;
  /** Its user interface; absent when it runs in memory. */
  readonly uiUrl?: string;
}

interface TemporalPorts {
  readonly grpc: number;
  readonly ui: number;
}

const stateSchema = z.object({ port: z.number(), uiPort: z.number(), pid: z.number().optional(), startedAt: z.string().optional() });

/** The file with ports and process of the Temporal server in a directory. */
export function temporalStateFile(directory: string): string {
  return join(directory, 'temporal.json');
}

/**
 * Starts `temporal server start-dev` with its state in a file that survives restarts and SIGKILL (SQLite with a write-ahead log),
 * and the hub's search attributes. A server that an earlier run left behind is ended first.
 * Resolves once the namespace answers and knows the search attributes. Errors: EmbeddedServerError, with the end of the server's log.
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const directory = makeDirectory(options.directory);
  const lock = lockDirectory(directory);
  try {
    return await startLocked({ ...options, directory }, lock.release);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startLocked(options: TemporalOptions, release: () => void): Promise<TemporalServer> {
  const state = readState(temporalStateFile(options.directory), stateSchema);
  await clearLeftover(state?.pid);
  return onFreePort([options.ports?.grpc, state?.port, DEFAULT_PORT], async (port) => {
    const uiPort = await freePort(options.ports?.ui, state?.uiPort, DEFAULT_UI_PORT);
    return startOn({ grpc: port, ui: uiPort }, options, release);
  });
}

async function startOn(ports: TemporalPorts, options: TemporalOptions, release: () => void): Promise<TemporalServer> {
  const logFile = join(options.directory, 'temporal.log');
  const control = await restartable({
    name: 'The Temporal server',
    logFile,
    log: options.log,
    release,
    supervised: options.supervised ?? false,
    launch: async () => {
      const server = await launchOn(options, ports, logFile);
      writeState(temporalStateFile(options.directory), { port: ports.grpc, uiPort: ports.ui, ...server.identity });
      return server;
    },
  });
  const address = `127.0.0.1:${ports.grpc}`;
  options.log(`Temporal runs on ${address} (process ${control.pid}, state in ${options.directory}, log ${logFile}).`);
  return Object.assign(control, { address, namespace: EMBEDDED_NAMESPACE, ...(options.inMemory === true ? {} : { uiUrl: `http://127.0.0.1:${ports.ui}` }) });
}

async function clearLeftover(pid: number | undefined): Promise<void> {
  const leftover = identify(pid ?? 0);
  if (leftover !== undefined && commandLineOf(leftover.pid).includes('server start-dev')) await endLeftover(leftover, 'SIGINT', STOP_TIMEOUT_MS);
}

async function launchOn(options: TemporalOptions, ports: TemporalPorts, logFile: string): Promise<ServerProcess> {
  const server = await startServerProcess({
    name: 'The Temporal server',
    command: options.executable,
    args: argumentsFor(options, ports),
    workingDirectory: options.directory,
    logFile,
    stopSignal: 'SIGINT',
    stopTimeoutMs: STOP_TIMEOUT_MS,
  });
  try {
    await untilReady({
      ready: () => answers(`127.0.0.1:${ports.grpc}`),
      failed: () => (server.hasExited() ? startFailure(logFile) : undefined),
      timeoutMs: START_TIMEOUT_MS,
      onTimeout: () => startFailure(logFile),
    });
    return server;
  } catch (error) {
    await server.kill();
    throw error;
  }
}

function argumentsFor(options: TemporalOptions, ports: TemporalPorts): string[] {
  const storage = ['--db-filename', join(options.directory, 'temporal.db'), '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'];
  const ui = ['--ui-port', String(ports.ui), '--ui-disable-news-fetch'];
  const server = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(ports.grpc), '--log-level', 'warn'];
  return [
    ...server,
    ...(options.inMemory === true ? ['--headless'] : [...ui, ...storage]),
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...Object.entries(options.dynamicConfig ?? {}).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${JSON.stringify(value)}`]),
  ];
}

/** True once the frontend describes the namespace and lists the hub's search attributes. */
async function answers(address: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: '1s' });
    try {
      const namespace = EMBEDDED_NAMESPACE;
      await connection.workflowService.describeNamespace({ namespace });
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      return SEARCH_ATTRIBUTES.every((name) => name in (customAttributes ?? {}));
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}

function startFailure(logFile: string): EmbeddedServerError {
  return new EmbeddedServerError(`The embedded Temporal server did not start:\n${tail(logFile)}\n`, `See ${logFile}, or set TEMPORAL_ADDRESS to a Temporal server.`);
}
