import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { readLocalGateway } from '../../config/local-gateway.ts';
import { streamProspects } from '../../sandbox/dataset/index.ts';
import type { Bench } from '../bench.ts';
import { startChild, type Child } from '../child.ts';
import type { Target } from '../source.ts';
import { createNamespace, type Namespace } from './namespace.ts';
import { addConnectors } from './connectors.ts';
import { createDatabase, databaseOf, numberOf, untilNone } from './database.ts';

/** A hub of its own database and namespace, with a Mail+ and a Coins connector that are live. */
export interface Hub {
  /** The present process: worker and gateway in one, as by default. */
  process(): Child;
  /** Where Coins sends list syncs. */
  readonly source: Target;
  readonly database: pg.Pool;
  readonly namespace: Namespace;
  command(connectorId: string, command: 'pause' | 'resume'): Promise<void>;
  /** Changes settings of a connector as a person does. */
  set(connectorId: string, settings: object): Promise<void>;
  /** SIGKILL, and a new process at once. Resolves when that process was started, which is not yet ready. */
  killAndRestart(): Promise<{ readonly startedAt: number; readonly ready: Promise<void> }>;
  stop(): Promise<void>;
}

const cardsPerCall = 5_000;
let hubs = 0;

/** Makes a database and a namespace, and starts a hub on them. Coins gets its prospects when it is connected: nothing is known of them before they are sent. */
export async function startHub(bench: Bench, name: string, prospects: number): Promise<Hub> {
  await bench.coins.send('POST', '/reset');
  hubs += 1;
  const databaseUrl = await createDatabase(bench.postgres, `bench_${name}`);
  const namespace = await createNamespace(bench.temporal.address, `bench-${name.replaceAll('_', '-')}-${process.pid}-${hubs}`);
  const home = mkdtempSync(join(tmpdir(), 'hub-bench-home-'));
  const { profileDirectory } = bench.options;
  const nodeArgs = ['--max-semi-space-size=4', ...(profileDirectory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`, `--cpu-prof-name=${name}.cpuprofile`])];
  const environment = { DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: bench.temporal.address, TEMPORAL_NAMESPACE: namespace.name, HUB_HOME: home, HUB_GATEWAY_PORT: '0', HUB_LOG_LEVEL: 'error' };
  const begin = (): Promise<Child> => startChild({ script: 'workers/main.js', nodeArgs, environment, readyPrefix: 'connect-hub is ready' });
  let child = await begin();
  const api = { home, call: (method: string, path: string, body?: unknown) => callGateway(home, method, path, body) };
  const token = await addConnectors(bench, api);
  const database = databaseOf(databaseUrl);
  await untilNone(database, 'select 1 from connector where phase <> \'live\'', 100);
  await fillCoins(bench, prospects);
  const gateway = await readLocalGateway(home);
  return {
    process: () => child, database, namespace,
    source: { url: `${gateway?.url ?? ''}/inbound/coins/coins-1/list-syncs`, token },
    command: async (connectorId, command) => {
      await callGateway(home, 'POST', `/connectors/${connectorId}/${command}`);
      if (command === 'pause') await untilNone(database, `select 1 from connector where id = '${connectorId}' and not paused`);
    },
    set: async (connectorId, settings) => void (await callGateway(home, 'PATCH', `/connectors/${connectorId}`, { settings })),
    killAndRestart: async () => {
      await child.kill();
      const startedAt = performance.now();
      const ready = begin().then((next) => {
        child = next;
      });
      return { startedAt, ready };
    },
    stop: async () => {
      await child.stop();
      await database.end();
      await namespace.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function fillCoins({ coins, options }: Bench, prospects: number): Promise<void> {
  for (let from = 0; from < prospects; from += cardsPerCall) {
    await coins.send('POST', '/prospects', { prospects: [...streamProspects(options.seed, from, Math.min(prospects, from + cardsPerCall))] });
  }
}

async function callGateway(home: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const gateway = await readLocalGateway(home);
  if (gateway === undefined) throw new Error('The hub did not say where its gateway is.');
  const answer = await fetch(`${gateway.url}/api/v1${path}`, {
    method, headers: { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The gateway answered ${answer.status} to ${method} ${path}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

/** Pages that are accepted and not applied. */
export const pagesLeft = 'select 1 from inbox where state = \'new\'';

/** What the hub still has to do: pages, deliveries, actions, merges. */
export const workLeft = `${pagesLeft} union all select 1 from delivery where state = 'pending'
  union all select 1 from action where state in ('pending', 'sending') union all select 1 from merge_request where state = 'pending'`;

/** Deliveries to Coins that wait to be sent: merged contacts, one call each. */
export const deliveriesLeftForCoins = 'select 1 from delivery where connector_id = \'coins-1\' and state = \'pending\'';

/** Deliveries to Mail+ that wait to be sent. */
export const deliveriesLeft = 'select 1 from delivery where connector_id = \'mailplus-1\' and state = \'pending\'';

export { numberOf, untilNone };
