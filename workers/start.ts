import type { Log } from '../activities/dependencies.ts';
import { loggable } from '../activities/failure.ts';
import { loadConfig } from '../config/environment.ts';
import { migrateToLatest } from '../db/migrate.ts';
import { ensureSearchAttributes, SEARCH_ATTRIBUTES } from '../embedded/search-attributes.ts';
import { startServers, type HubServers } from '../embedded/servers.ts';
import { createFaultPoint } from './fault-point.ts';
import { createLog, installRuntime } from './log.ts';
import { keepHeapSmall } from './memory.ts';
import { runProcess } from './process-life.ts';
import { atDatabase, connectClient } from './reach-servers.ts';
import { startHub, type RunningHub } from './start-hub.ts';
import { stopRequested } from './stop-request.ts';

/**
 * `npm start`: the whole hub. Starts the embedded servers that are not configured, brings the database and the search attributes up to
 * date, runs this process's roles, and ends everything in order at Ctrl-C.
 */
async function main(): Promise<void> {
  const config = loadConfig();
  const log = createLog(config.logLevel);
  installRuntime(log);
  const stopping = stopRequested();
  const servers = await startServers(config, (line) => process.stderr.write(`${line}\n`));
  try {
    const { applied } = await atDatabase(servers.databaseUrl, () => migrateToLatest(servers.databaseUrl));
    if (applied.length > 0) log.info({ applied }, 'The database was brought up to date');
    await prepareNamespace(servers, log);
    const hub = await startHub({ config, servers, log, faultPoint: createFaultPoint(process.env['HUB_FAULT_POINT'], () => process.kill(process.pid, 'SIGKILL')) });
    process.stdout.write(announcement(hub, servers));
    await stopping;
    process.stdout.write('Stopping.\n');
    await hub.stop();
  } finally {
    await servers.stop();
  }
}

/** A server that lets nobody but administrators register search attributes has them already, or says so at the first workflow. */
async function prepareNamespace({ temporal }: HubServers, log: Log): Promise<void> {
  const connection = await connectClient(temporal);
  try {
    await ensureSearchAttributes(connection, temporal.namespace);
  } catch (error) {
    const command = SEARCH_ATTRIBUTES.map((name) => `--name ${name} --type Keyword`).join(' ');
    log.warn({ ...loggable(error), namespace: temporal.namespace, command: `temporal operator search-attribute create ${command}` }, 'The search attributes could not be checked; an administrator of the Temporal server makes them with this command');
  } finally {
    await connection.close();
  }
}

function announcement({ gatewayUrl }: RunningHub, { temporal, temporalUiUrl }: HubServers): string {
  const lines = [
    'connect-hub is running.',
    ...(gatewayUrl === undefined ? [] : [`  Gateway      ${gatewayUrl}`, `  API          ${gatewayUrl}/docs`]),
    `  Temporal     ${temporal.connectionOptions.address ?? ''} (namespace ${temporal.namespace})`,
    ...(temporalUiUrl === undefined ? [] : [`  Temporal UI  ${temporalUiUrl}/namespaces/${temporal.namespace}/workflows`]),
    'Ctrl-C stops it.',
  ];
  return `${lines.join('\n')}\n`;
}

keepHeapSmall();
await runProcess(main);
