import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { Client, Connection } from '@temporalio/client';
import { readLocalGateway } from '../../config/local-gateway.ts';
import { freePort } from '../../embedded/ports.ts';
import { ensureSearchAttributes } from '../../embedded/search-attributes.ts';
import { requireFreshBuild } from './e2e-dist.ts';
import { callJson, type JsonAnswer } from './e2e-control.ts';
import { startProgram, type Program } from './e2e-process.ts';
import { waitFor } from './wait-for.ts';

/** The servers that a hub works on. */
export interface HubPlace {
  /** Of a migrated database. */
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly namespace: string;
}

/** What a process of a hub does; as HUB_ROLES. */
export type HubRoles = 'worker' | 'gateway' | 'worker,gateway';

/** A hub as an operator has it: processes of the build on servers, known by its gateway, its database and its workflows. */
export interface E2eHub {
  readonly place: HubPlace;
  readonly gatewayUrl: string;
  /** Where it keeps keys and its local access. */
  readonly homeDirectory: string;
  readonly client: Client;
  /** Starts a process with these roles; `faultPoint` makes it kill itself there (HUB_FAULT_POINT). */
  start(roles: HubRoles, faultPoint?: string): Promise<Program>;
  /** A call to the REST API as an administrator. */
  api(method: string, path: string, body?: unknown): Promise<JsonAnswer>;
  adminToken(): Promise<string>;
  /** One row of numbers or texts from the hub's database. */
  row<Row extends Record<string, unknown>>(query: string, values?: readonly unknown[]): Promise<Row>;
  rows<Row extends Record<string, unknown>>(query: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** How much is on its way, by kind; only what is more than none. */
  pending(): Promise<Readonly<Record<string, number>>>;
  /** Resolves when nothing is on its way. */
  untilQuiet(timeoutMs?: number): Promise<void>;
  /** Everything that its processes have written to their standard output and error. */
  log(): string;
  /** Ends its processes in order. */
  close(): Promise<void>;
}

/** Numbers that tests scale down; as environment variables. */
const testVariables = {
  HUB_LOG_LEVEL: 'debug', HUB_PULL_INTERVAL_MS: '3600000', HUB_RETRY_LADDER_MS: '500,1000,2000', HUB_RATE_LIMIT_PER_MINUTE: '1000000',
};

const pendingQuery = `
  select (select count(*) from inbox where state = 'new')::int inbox,
    (select count(*) from delivery where state = 'pending')::int deliveries,
    (select count(*) from action where state in ('pending', 'sending'))::int actions,
    (select count(*) from merge_request where state = 'pending')::int merges,
    (select count(*) from list_sync where state = 'receiving')::int lists,
    (select count(*) from backfill_run where state = 'running')::int backfills,
    (select count(*) from call_intent)::int intents,
    (select count(*) from connector where phase in ('onboarding', 'backfilling'))::int connectors`;

/** Makes a hub without starting any of its processes. `directory` keeps its home and its log. Errors: no build, or an old one. */
export async function prepareHub(place: HubPlace, directory: string, variables: Readonly<Record<string, string>> = {}): Promise<E2eHub> {
  requireFreshBuild();
  const port = await freePort();
  const homeDirectory = join(directory, 'home');
  const logFiles: string[] = [];
  const pool = new pg.Pool({ connectionString: place.databaseUrl, max: 3 });
  pool.on('error', () => undefined);
  const connection = await Connection.connect({ address: place.temporalAddress });
  await ensureSearchAttributes(connection, place.namespace);
  const programs: Program[] = [];
  const environment = {
    DATABASE_URL: place.databaseUrl, TEMPORAL_ADDRESS: place.temporalAddress, TEMPORAL_NAMESPACE: place.namespace, HUB_HOME: homeDirectory, HUB_GATEWAY_PORT: String(port),
    ...testVariables, ...variables,
  };
  const rows: E2eHub['rows'] = async (query, values = []) => (await pool.query(query, [...values])).rows;
  const hub: E2eHub = {
    place, homeDirectory, gatewayUrl: `http://127.0.0.1:${port}`, client: new Client({ connection, namespace: place.namespace }), rows,
    start: async (roles, faultPoint) => {
      // One file for each process: that one is ready says nothing of another that starts beside it.
      const logFile = join(directory, `hub-${logFiles.length + 1}.log`);
      logFiles.push(logFile);
      const program = await startProgram({
        program: 'workers/main.js', logFile, readyWhen: /^connect-hub is ready.*$/m,
        environment: { ...environment, HUB_ROLES: roles, ...(faultPoint === undefined ? {} : { HUB_FAULT_POINT: faultPoint }) },
      });
      programs.push(program);
      return program;
    },
    adminToken: async () => {
      const local = await readLocalGateway(homeDirectory);
      if (local === undefined) throw new Error('No gateway of this hub has ever listened.');
      return local.token;
    },
    api: async (method, path, body) => callJson(method, `${hub.gatewayUrl}/api/v1${path}`, body, { authorization: `Bearer ${await hub.adminToken()}` }),
    row: async <Row extends Record<string, unknown>>(query: string, values: readonly unknown[] = []): Promise<Row> => {
      const [first] = await rows<Row>(query, values);
      if (first === undefined) throw new Error(`No row: ${query}`);
      return first;
    },
    pending: async () => Object.fromEntries(Object.entries(await hub.row<Record<string, number>>(pendingQuery)).filter(([, count]) => count > 0)),
    untilQuiet: (timeoutMs = 60_000) => untilQuiet(hub, timeoutMs),
    log: () => logFiles.map((file) => readFileSync(file, 'utf8')).join(''),
    close: async () => {
      await Promise.all(programs.filter((program) => !program.hasEnded()).map((program) => program.stop()));
      await connection.close();
      await pool.end();
    },
  };
  return hub;
}

async function untilQuiet(hub: E2eHub, timeoutMs: number): Promise<void> {
  let last: Readonly<Record<string, number>> = {};
  try {
    await waitFor(async () => Object.keys((last = await hub.pending())).length === 0, { timeoutMs });
  } catch (error) {
    const failed = await hub.rows('select connector_id, code, reason, count(*)::int from delivery where state = \'pending\' group by 1, 2, 3');
    throw new Error(`After ${timeoutMs} ms there is still something on its way: ${JSON.stringify(last)}, deliveries ${JSON.stringify(failed)}\n${hub.log().slice(-3_000)}`, { cause: error });
  }
}
