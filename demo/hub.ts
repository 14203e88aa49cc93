import { readLocalGateway } from '../config/local-gateway.ts';
import { gatewayClient, type GatewayClient } from '../cli/gateway-client.ts';
import { logFile, ownEnvironment, places, runningServers } from './places.ts';
import type { Processes, Running } from './processes.ts';

const startTimeoutMs = 120_000;

/** The hub of the demo: the process with the servers and the gateway, and the worker's own process beside it. */
export interface DemoHub {
  readonly gatewayUrl: string;
  /** Of the Temporal server, where it is known. */
  readonly temporalUiUrl: string | undefined;
  readonly api: GatewayClient;
  /** Process id of the worker of the moment. */
  readonly workerPid: number;
  /** Ends the worker by SIGKILL, as a power cut would. */
  killWorker(): Promise<void>;
  /** Starts a worker; the one before must be gone. Resolves once it says that it is ready. */
  startWorker(): Promise<void>;
}

/** Starts `npm start` without its worker (embedded PostgreSQL, Temporal server, gateway), and a worker as a process of its own. */
export async function startDemoHub(processes: Processes): Promise<DemoHub> {
  const base = { HUB_HOME: places.home, HUB_LOG_LEVEL: 'warn' };
  await processes.start({
    name: 'The hub', script: places.start, workingDirectory: places.home, logFile: logFile('hub'), timeoutMs: startTimeoutMs,
    environment: ownEnvironment({ ...base, HUB_ROLES: 'gateway', HUB_GATEWAY_PORT: '0' }),
    ready: (line) => (line.startsWith('Ctrl-C') ? true : undefined),
  });
  const servers = runningServers();
  const gateway = await readLocalGateway(places.home);
  if (servers === undefined || gateway === undefined) throw new Error('The hub started, but its servers or its gateway are not there.');
  const environment = ownEnvironment({
    ...base, HUB_ROLES: 'worker', DATABASE_URL: servers.databaseUrl,
    TEMPORAL_ADDRESS: servers.temporal.connectionOptions.address ?? '', TEMPORAL_NAMESPACE: servers.temporal.namespace,
  });
  const launch = (): Promise<Running<true>> => processes.start({
    name: 'The worker', script: places.worker, workingDirectory: places.home, logFile: logFile('worker'), timeoutMs: startTimeoutMs,
    environment, ready: (line) => (line.startsWith('connect-hub is ready') ? true : undefined),
  });
  let worker = await launch();
  return {
    gatewayUrl: gateway.url,
    temporalUiUrl: servers.temporalUiUrl,
    api: gatewayClient(gateway),
    get workerPid() {
      return worker.pid;
    },
    killWorker: () => worker.kill(),
    startWorker: async () => {
      worker = await launch();
    },
  };
}
