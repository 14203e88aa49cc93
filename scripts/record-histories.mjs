import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { parseConfig } from '../dist/config/environment.js';
import { migrateToLatest } from '../dist/db/migrate.js';
import { ensureSearchAttributes } from '../dist/embedded/search-attributes.js';
import { startServers } from '../dist/embedded/servers.js';
import { startCoinsSandbox } from '../dist/sandbox/coins/index.js';
import { generateDataset } from '../dist/sandbox/dataset/index.js';
import { startMailplusSandbox } from '../dist/sandbox/mailplus/index.js';
import { installRuntime } from '../dist/workers/log.js';
import { startHub } from '../dist/workers/start-hub.js';

/**
 * Records histories of this version's workflows into `test/replay/histories/<version>-….json`, on servers and sandboxes of its own: the
 * main job, reports, failures on the ladder, every command, backfills that end in every way, merges, another mapping and matching, continue-as-new. Run it
 * (after `npm run build`) when a version is released; the replay test then holds later versions to them. Histories of earlier versions stay;
 * with a word as argument those of this version stay too, and the new ones have the word in their names.
 */
const target = fileURLToPath(new URL('../test/replay/histories/', import.meta.url));
const { version } = JSON.parse(readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8'));
const [label] = process.argv.slice(2);
const perType = label === undefined ? 6 : 2;
const quiet = { debug() {}, info() {}, warn() {}, error: (facts, message) => process.stderr.write(`${message} ${JSON.stringify(facts)}\n`) };

async function until(what, condition, timeoutMs = 60_000) {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await delay(50)) if (await condition()) return;
  throw new Error(`Waited in vain for ${what}.`);
}

/** A hub with both sandboxes, live. */
async function openWorld(home) {
  const config = parseConfig({ HUB_HOME: home, HUB_GATEWAY_PORT: '0', HUB_RETRY_LADDER_MS: '200,300,400' }, home);
  const servers = await startServers(config, () => undefined);
  await migrateToLatest(servers.databaseUrl);
  const connection = await Connection.connect(servers.temporal.connectionOptions);
  await ensureSearchAttributes(connection, servers.temporal.namespace);
  const client = new Client({ connection, namespace: servers.temporal.namespace });
  const hub = await startHub({ config, servers, log: quiet, faultPoint: async () => undefined });
  const [mail, coins] = [await startMailplusSandbox(), await startCoinsSandbox()];
  const { token } = JSON.parse(readFileSync(join(home, 'gateway.json'), 'utf8'));
  const api = async (method, path, body) => {
    const response = await fetch(`${hub.gatewayUrl}/api/v1${path}`, { method, headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const close = async () => {
    await hub.stop();
    await connection.close();
    await Promise.all([mail.close(), coins.close()]);
    await servers.stop();
  };
  return { hub, client, mail, coins, api, close };
}

/** Both connectors, a list sync, and what comes of it. */
async function mainJob({ hub, mail, coins, api }) {
  const data = generateDataset({ seed: 1, prospects: 200, existingContacts: 50 });
  mail.state.seedContacts(data.existingContacts);
  const test = { test: true, preset: undefined };
  await api('POST', '/connectors', { ...test, platform: 'mailplus', id: 'mailplus-1', settings: { baseUrl: mail.url, pullIntervalMs: 2_000, pullMarginMs: 0 }, credentials: { key: 'sandbox-key', secret: 'sandbox-secret' } });
  const { sourceToken } = await api('POST', '/connectors', { ...test, platform: 'coins', id: 'coins-1', settings: { baseUrl: coins.url, pullIntervalMs: 2_000, pullMarginMs: 0 }, credentials: { apiToken: coins.token } });
  const states = async () => (await api('GET', '/status')).connectors.map((one) => one.connector.state);
  await until('both connectors to be live', async () => (await states()).every((state) => state === 'live'));
  const send = async (syncId, prospects) => fetch(`${hub.gatewayUrl}/inbound/coins/coins-1/list-syncs`, {
    method: 'POST', headers: { authorization: `Bearer ${sourceToken}`, 'content-type': 'application/json', 'idempotency-key': syncId },
    body: JSON.stringify({ syncId, cid: '210', list: { id: `L-${syncId}`, name: `List ${syncId}`, description: '' }, page: 1, pageCount: 1, prospects }),
  });
  const cards = [...data.listPages(1_000)].flatMap((page) => page.prospects);
  await send('LS-1', cards.slice(0, 100));
  await until('the first list', () => mail.state.lists().length === 1);
  return { send, cards };
}

/** The ladder to its end, an operator, and the commands. */
async function failuresAndCommands({ client, mail, api }, { send, cards }) {
  const fault = mail.state.addFault({ action: 'status', status: 503, path: '/contact/**', method: 'POST' });
  await send('LS-2', cards.slice(100));
  const health = async () => (await api('GET', '/connectors/mailplus-1')).health.out.state;
  await until('the end of the ladder', async () => (await health()) === 'needsOperator');
  mail.state.removeFault(fault.id);
  await api('POST', '/connectors/mailplus-1/failed/retry', {});
  await until('the second list', () => mail.state.lists().length === 2);
  for (const command of ['pause', 'resume', 'pause', 'resume']) await api('POST', `/connectors/mailplus-1/${command}`);
  await api('POST', '/connectors/mailplus-1/failed/skip', {});
  const lifecycle = client.workflow.getHandle('connector/mailplus-1');
  await lifecycle.signal('sourceChanged', { dataType: 'contacts', ids: ['1', '2'] });
  await lifecycle.signal('sourceChanged', { dataType: 'contacts' });
  await lifecycle.signal('sourceChanged', { dataType: 'people' });
  await lifecycle.signal('startBackfill', { dataType: 'orders' });
}

/** Reports of mailings: switched off, over the ladder, to their end. */
async function reports({ client, mail, api }) {
  const pull = async () => client.workflow.execute('pullReports', { workflowId: 'reports/mailplus-1', taskQueue: 'hub', args: [{ connectorId: 'mailplus-1' }] });
  await pull();
  await api('PATCH', '/connectors/mailplus-1', { settings: { reports: 'on' } });
  mail.state.sendMailing({ name: 'Spring', recipients: { generated: { count: 500 } }, opened: { ratio: 0.4 }, sentAt: new Date(Date.now() - 3_600_000).toISOString() });
  mail.state.addFault({ action: 'status', status: 503, path: '/mailing/*/opens', count: 2 });
  await pull();
}

/** Backfills that end in every way. */
async function backfills({ client, mail, api }) {
  const start = (workflowId, input) => client.workflow.start('backfill', { workflowId, taskQueue: 'hub', args: [input] });
  const settled = async (handle) => handle.result().catch(() => undefined);
  await settled(await start('by-hand', { connectorId: 'mailplus-1', dataType: 'contacts', from: '2025-01-01' }));
  await settled(await start('wrong-input', { connectorId: 'mailplus-1', dataType: 'people' }));
  mail.state.setLatency(1_500);
  const cancelled = await start('cancelled', { connectorId: 'mailplus-1', dataType: 'contacts', from: '2022-01-01' });
  await settled(await start('refused', { connectorId: 'mailplus-1', dataType: 'contacts' }));
  await delay(1_000);
  await cancelled.cancel();
  await settled(cancelled);
  const terminated = await start('terminated', { connectorId: 'mailplus-1', dataType: 'contacts', from: '2022-01-01' });
  await delay(1_000);
  await terminated.terminate();
  mail.state.setLatency(0);
  await client.workflow.execute('sweep', { workflowId: 'sweep/recorded', taskQueue: 'hub' });
  await settled(client.workflow.getHandle('backfill/mailplus-1/contacts'));
  await api('POST', '/connectors/mailplus-1/backfill', { dataType: 'activities', from: '2026-01-01' });
}

/** Prospects who turn out to be one, another mapping, another matching (which goes on for minutes: it is recorded as far as it is). */
async function mergesAndChanges({ client, api }, { send, cards }) {
  const email = 'joint@people.example';
  const lastModified = new Date().toISOString();
  const eventsOf = async (workflowId) => (await client.workflow.getHandle(workflowId).fetchHistory().catch(() => undefined))?.events ?? [];
  const merges = async () => (await eventsOf('sync/coins-1')).filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'mergeFor').length;
  const before = await merges();
  await send('LS-3', cards.slice(0, 3).map((card) => ({ ...card, email, lastModified })));
  await until('merges', async () => (await merges()) > before);
  await api('PATCH', '/connectors/mailplus-1/mapping', { set: [{ field: 'extra.levelOfInterest', property: 'initials' }] });
  await until('the mapping', async () => (await eventsOf('remap/mailplus-1')).some((event) => event.workflowExecutionCompletedEventAttributes));
  await until('backfills to end', async () => (await api('PATCH', '/account', { matching: 'phone' }).catch(() => undefined)) !== undefined);
  const { id } = await api('GET', '/account');
  await until('a part of the matching', async () => (await eventsOf(`rematch/${id}`)).some((event) => event.activityTaskCompletedEventAttributes));
}

/** Many wakes, and the end of a connector. */
async function renewalAndRemoval({ client, api }) {
  const handle = client.workflow.getHandle('sync/mailplus-1');
  const { runId } = await handle.describe();
  for (let i = 0; i < 50; i += 1) await Promise.all(Array.from({ length: 25 }, () => handle.signal('wake')));
  await until('continue-as-new', async () => (await handle.describe()).runId !== runId);
  await api('DELETE', '/connectors/coins-1');
  await client.workflow.getHandle('connector/coins-1').result();
}

/** The histories that differ most, a few of each type. Process names are replaced: they say nothing to a replay. */
async function save(client) {
  const kept = new Map();
  for await (const { workflowId, runId, type } of client.workflow.list()) {
    if (type.startsWith('temporal')) continue;
    const recorded = historyToJSON(await client.workflow.getHandle(workflowId, runId).fetchHistory());
    const json = JSON.stringify(JSON.parse(recorded, (name, value) => (['workerVersion', 'deploymentVersion', 'buildId'].includes(name) ? undefined : value))).replaceAll(/\d+@[\w.-]+(#[\w-]+)?(?=[":-])/g, 'worker@recorded');
    const kinds = JSON.parse(json).events.map((event) => event.eventType);
    const steps = kinds.map((kind, index) => `${kinds[index - 1]}>${kind}`);
    const shape = [...new Set(steps)].sort((a, b) => (a < b ? -1 : 1)).join();
    const ofType = kept.get(type) ?? new Map();
    if (!ofType.has(shape) || ofType.get(shape).length > json.length) ofType.set(shape, json);
    kept.set(type, ofType);
  }
  for (const [type, shapes] of kept) {
    const largest = [...shapes.values()].sort((a, b) => b.split('"eventType"').length - a.split('"eventType"').length).slice(0, perType);
    for (const [index, json] of largest.entries()) await writeFile(join(target, `${version}-${type}-${label === undefined ? '' : `${label}-`}${index + 1}.json`), `${json}\n`);
    process.stdout.write(`${type}: ${largest.length}\n`);
  }
}

installRuntime(quiet);
const home = mkdtempSync(join(tmpdir(), 'hub-record-'));
const world = await openWorld(home);
try {
  const sender = await mainJob(world);
  await reports(world);
  await failuresAndCommands(world, sender);
  await backfills(world);
  await mergesAndChanges(world, sender);
  await renewalAndRemoval(world);
  await mkdir(target, { recursive: true });
  if (label === undefined) for (const name of await readdir(target)) if (name.startsWith(`${version}-`)) await rm(join(target, name));
  await save(world.client);
} finally {
  await world.close();
  rmSync(home, { recursive: true, force: true });
}
