import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { readLocalGateway } from '../../config/local-gateway.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import type { PostgresServer } from '../../embedded/postgres.ts';
import { startChild, type Child } from '../child.ts';
import type { Sandbox } from '../sandboxes.ts';
import type { Target } from '../source.ts';

/** A hub of its own database with a Mail+ and a Coins connector. */
export interface Hub {
  readonly process: Child;
  /** Where Coins sends list syncs. */
  readonly source: Target;
  readonly database: pg.Pool;
  command(connectorId: string, command: 'pause' | 'resume'): Promise<void>;
  stop(): Promise<void>;
}

const addedSchema = z.object({ sourceToken: z.string().optional() });
const permission = 'Consent to Receive Email Marketing';

/** Makes a database and starts a hub on it. */
export async function startHub(postgres: PostgresServer, sandboxes: { readonly mailplus: Sandbox; readonly coins: Sandbox }, name: string, profileDirectory?: string): Promise<Hub> {
  const databaseName = `bench_${name}`;
  const admin = new pg.Client({ connectionString: postgres.urlFor('postgres') });
  await admin.connect();
  await admin.query(`drop database if exists ${databaseName} with (force)`);
  await admin.query(`create database ${databaseName}`);
  await admin.end();
  const databaseUrl = postgres.urlFor(databaseName);
  await migrateToLatest(databaseUrl);
  const home = mkdtempSync(join(tmpdir(), 'hub-bench-home-'));
  const profile = profileDirectory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`, `--cpu-prof-name=${name}.cpuprofile`];
  const hub = await startChild({ script: 'bench/hub/local-main.js', nodeArgs: profile, environment: { DATABASE_URL: databaseUrl, HUB_HOME: home } });
  const gateway = await readLocalGateway(home);
  if (gateway === undefined) throw new Error('The hub did not say where its gateway is.');
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${gateway.url}/api/v1${path}`, {
      method, headers: { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The gateway answered ${answer.status} to ${method} ${path}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  };
  const { mailplus, coins } = sandboxes;
  await call('POST', '/connectors', { id: 'mailplus-1', platform: 'mailplus', preset: 'marketing-automation', settings: { baseUrl: mailplus.url }, credentials: { key: 'sandbox-key', secret: 'sandbox-secret' }, test: true, override: true });
  const added = await call('POST', '/connectors', { id: 'coins-1', platform: 'coins', preset: 'crm', settings: { baseUrl: coins.url, defaultPermission: permission }, credentials: { apiToken: 'coins-sandbox-token' }, test: true, override: true });
  const { sourceToken } = addedSchema.parse(added);
  if (sourceToken === undefined) throw new Error('The Coins connector has no source token.');
  const database = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  database.on('error', () => undefined);
  return {
    process: hub, database,
    source: { url: `${gateway.url}/inbound/coins/coins-1/list-syncs`, token: sourceToken },
    command: async (connectorId, command) => void (await call('POST', `/connectors/${connectorId}/${command}`)),
    stop: async () => {
      await database.end();
      await hub.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Waits until a query that counts gives 0; asks four times a second at most. */
export async function untilNone(database: pg.Pool, countSql: string, intervalMs = 250): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ n: string }>(countSql);
    if (Number(rows[0]?.n ?? 0) === 0) return;
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/** One number of a query. */
export async function numberOf(database: pg.Pool, query: string): Promise<number> {
  const { rows } = await database.query<{ n: string }>(query);
  return Number(rows[0]?.n ?? 0);
}

/** Counts what the hub still has to do: pages, deliveries, actions. */
export const workLeft = `select (select count(*) from inbox where state = 'new') + (select count(*) from delivery where state = 'pending')
  + (select count(*) from action where state in ('pending', 'sending')) as n`;
