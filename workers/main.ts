import { loadConfig } from '../config/environment.ts';
import { HubError } from '../domain/errors.ts';
import type { ServerAddresses } from '../embedded/servers.ts';
import { createFaultPoint } from './fault-point.ts';
import { createLog, installRuntime } from './log.ts';
import { keepHeapSmall } from './memory.ts';
import { runProcess } from './process-life.ts';
import { startHub } from './start-hub.ts';
import { stopRequested } from './stop-request.ts';

/** One process of the hub (HUB_ROLES) beside others, on servers that run and a database that is migrated. Ready once it says so. */
async function main(): Promise<void> {
  const config = loadConfig();
  const log = createLog(config.logLevel);
  installRuntime(log);
  const stopping = stopRequested();
  const hub = await startHub({ config, servers: serversOf(config), log, faultPoint: createFaultPoint(process.env['HUB_FAULT_POINT'], () => process.kill(process.pid, 'SIGKILL')) });
  process.stdout.write(`connect-hub is ready (${config.roles.join(', ')})${hub.gatewayUrl === undefined ? '' : ` at ${hub.gatewayUrl}`}\n`);
  await stopping;
  await hub.stop();
}

function serversOf({ databaseUrl, temporal, temporalUiUrl }: ReturnType<typeof loadConfig>): ServerAddresses {
  if (databaseUrl === undefined || temporal === undefined) throw new HubError('CONFIGURATION_INVALID', 'This process needs DATABASE_URL and TEMPORAL_ADDRESS; `npm start` brings servers of its own.');
  return { databaseUrl, temporal, temporalUiUrl };
}

keepHeapSmall();
await runProcess(main);
