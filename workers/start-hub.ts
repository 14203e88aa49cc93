import { Client } from '@temporalio/client';
import type { Log } from '../activities/dependencies.ts';
import type { HubConfig } from '../config/environment.ts';
import { loadSecretKeys } from '../config/secret-keys.ts';
import { createSecretBox } from '../config/secrets.ts';
import type { ServerAddresses } from '../embedded/servers.ts';
import { defaultGatewaySettings, type GatewayDependencies } from '../gateway/dependencies.ts';
import { startGateway, type RunningGateway } from '../gateway/start.ts';
import { platforms } from '../platforms/registry.ts';
import { createDependencies, type WorkerDependencies } from './create-dependencies.ts';
import { connectClient, connectWorker } from './reach-servers.ts';
import { runWorker } from './run-worker.ts';
import { sweepNow } from './sweep-now.ts';

/** A running process of the hub. */
export interface RunningHub {
  /** Address of the gateway; undefined in a process without it. */
  readonly gatewayUrl: string | undefined;
  /** Ends requests and activities under way in order, then closes everything. */
  stop(): Promise<void>;
}

/** What a process of the hub is started with. */
export interface HubOptions {
  readonly config: HubConfig;
  readonly servers: ServerAddresses;
  readonly log: Log;
  readonly faultPoint: (name: string) => Promise<void>;
}

/** Starts the roles of this process on servers that run. Everything that was opened is closed again when one of them fails to start. */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const { config, servers } = options;
  const closers: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const connection = await connectClient(servers.temporal);
    closers.push(() => connection.close());
    const client = new Client({ connection, namespace: servers.temporal.namespace });
    const deps = await openDependencies(options, client);
    closers.push(() => deps.close());
    if (config.roles.includes('worker')) await addWorker(options, client, deps, closers);
    const gateway = config.roles.includes('gateway') ? await addGateway(options, client, deps, closers) : undefined;
    if (!config.roles.includes('worker')) await sweepNow(client, options.log);
    return { gatewayUrl: gateway?.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openDependencies({ config, servers, log, faultPoint }: HubOptions, client: Client): Promise<WorkerDependencies> {
  const secrets = createSecretBox(await loadSecretKeys(config.secretKeys, config.homeDirectory));
  const retryLadderMs = config.retry.ladderMs.flatMap((ms) => Array.from({ length: config.retry.maxAttemptsPerStep }, () => ms));
  return createDependencies({
    databaseUrl: servers.databaseUrl, temporal: client, secrets, log, faultPoint,
    settings: { retryLadderMs, listSyncParkAfterMs: config.listSyncParkAfterMs }, intervals: { pullMs: config.pullIntervalMs },
  });
}

async function addWorker({ servers }: HubOptions, client: Client, deps: WorkerDependencies, closers: (() => Promise<void>)[]): Promise<void> {
  const connection = await connectWorker(servers.temporal);
  closers.push(() => connection.close());
  const worker = await runWorker(connection, servers.temporal.namespace, client, deps);
  closers.push(() => worker.stop());
}

async function addGateway({ config, servers, log, faultPoint }: HubOptions, client: Client, deps: WorkerDependencies, closers: (() => Promise<void>)[]): Promise<RunningGateway> {
  const { db, secrets, now, settings, intervals } = deps.activities;
  const gatewayDeps: GatewayDependencies = {
    db, secrets, now, log, faultPoint, platforms, temporal: client,
    settings: {
      ...defaultGatewaySettings, bodyLimitBytes: config.gateway.bodyLimitBytes, rateLimitPerMinute: config.gateway.rateLimitPerMinute,
      formRequestsPerMinute: config.gateway.formRequestsPerMinute, trustedProxies: config.gateway.trustedProxies,
      pullMarginMs: settings.pullMarginMs, pullIntervalMs: intervals.pullMs, temporalNamespace: servers.temporal.namespace,
      temporalAddress: servers.temporal.connectionOptions.address ?? '127.0.0.1:7233', ...(servers.temporalUiUrl === undefined ? {} : { temporalUiUrl: servers.temporalUiUrl }),
      ...(servers.temporal.commandLine === undefined ? {} : { temporalCommandLine: servers.temporal.commandLine }),
    },
  };
  const gateway = await startGateway(gatewayDeps, { host: config.gateway.host, port: config.gateway.port, homeDirectory: config.homeDirectory });
  closers.push(() => gateway.close());
  return gateway;
}
