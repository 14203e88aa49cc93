import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { completeImports, openCustomWorld } from '../support/custom-world.ts';
import type { ThingsWorld } from '../support/things-world.ts';
import { sendJson, startRawServer, type RawServer } from '../platforms/raw-server.ts';

interface Entry { readonly id: string; readonly externalId: string; readonly changes: readonly string[]; readonly data: { readonly sku?: string; readonly name?: string } }

const secret = 'a-plain-secret';
const [shop, mail] = ['shop-1', 'mail-1'] as const;
let world: ThingsWorld;
let server: RawServer;
let step = 0;
/** What the system does with a call that is genuine; it stores each `webhook-id` once, unless it breaks off before. */
let behave: (response: ServerResponse, entries: readonly Entry[], store: () => void) => void;
const storedIds = new Set<string>();
let stored: Entry[] = [];
let forged = 0;

beforeAll(async () => {
  world = await openCustomWorld();
  server = await startRawServer(({ headers, body }, response) => {
    const id = String(headers['webhook-id']);
    const expected = `v1,${createHmac('sha256', secret).update(`${id}.${String(headers['webhook-timestamp'])}.${body}`).digest('base64')}`;
    if (headers['webhook-signature'] !== expected) forged += 1;
    const { type, entries = [] } = JSON.parse(body) as { type: string; entries?: Entry[] };
    if (type === 'ping') return void response.writeHead(204).end();
    const store = (): void => {
      if (!storedIds.has(id)) stored.push(...entries);
      storedIds.add(id);
    };
    return behave(response, entries, store);
  });
  const { db, secrets } = world.pipeline.deps;
  await world.add(shop, 'e-commerce-with-marketing-automation');
  await world.add(mail, 'marketing-automation');
  await db.updateTable('connector').set({
    settings: JSON.stringify({ baseUrl: '', timeZone: 'UTC', optInStrategy: 'both', webhookUrl: `${server.url}/hub` }), credentials: secrets.seal(JSON.stringify({ webhookSecret: secret }), `connector/${mail}`),
  }).where('id', '=', mail).execute();
  for (const id of [shop, mail]) await completeImports(db, id);
});
afterAll(async () => {
  await world.close();
  await server.close();
});
beforeEach(() => {
  stored = [];
  calm();
});

function calm(): void {
  behave = (response, _entries, store) => {
    store();
    response.writeHead(204).end();
  };
}

const names = () => stored.map(({ data }) => data.name);
const push = (...ids: readonly string[]) => world.push(shop, 'products', ids.map((id) => ({ id, at: new Date(Date.UTC(2026, 4, 1, 0, 0, (step += 1))).toISOString(), data: { sku: `SKU-${id}`, name: `Mug ${id} ${step}` } })));
const deliver = () => world.pipeline.deliver(mail);
const states = async () => (await world.pipeline.deps.db.selectFrom('delivery').select(['state', 'code', 'reason']).where('connector_id', '=', mail).where('state', '<>', 'delivered').execute());

/** The process ends at a named point: nothing that comes behind it happens. */
async function killedAt(point: string): Promise<void> {
  const { deps } = world.pipeline;
  const own = deps.faultPoint;
  Object.assign(deps, { faultPoint: (name: string) => (name === point ? Promise.reject(new Error('killed')) : Promise.resolve()) });
  await expect(deliver()).rejects.toThrow('killed');
  Object.assign(deps, { faultPoint: own });
}

describe('a custom system with a webhook', () => {
  it('gets a batch in one signed call, and nothing stands in its feed', async () => {
    await push('P1', 'P2', 'P3');
    expect(await deliver()).toMatchObject({ sent: 3 });
    expect([names().length, storedIds.size, forged]).toEqual([3, 1, 0]);
    expect(await world.pipeline.deps.db.selectFrom('change_feed').select('key').execute()).toEqual([]);
    await deliver();
    expect(storedIds.size).toBe(1);
  });

  it.each(['intent-before-call', 'call-before-outcome'])('gets each change once although the hub was killed: %s', async (point) => {
    await push('P1', 'P4');
    await killedAt(point);
    await deliver();
    expect(names()).toEqual([expect.stringMatching(/^Mug P1/), expect.stringMatching(/^Mug P4/)]);
    expect(new Set(stored.map(({ id }) => id)).size).toBe(2);
    expect(await states()).toEqual([]);
  });

  it.each([
    ['before it stored', false, 'PLATFORM_RESET'], ['after it stored', true, 'PLATFORM_RESET'],
  ] as const)('stores a call once that it broke off %s', async (_name, storesFirst, code) => {
    await push('P1');
    behave = (response, _entries, store) => {
      if (storesFirst) store();
      response.destroy();
    };
    await expect(deliver()).rejects.toMatchObject({ code });
    calm();
    await deliver();
    expect(names()).toHaveLength(1);
  });

  it('is asked again after its own failure and its call to slow down, in the same order', async () => {
    await push('P1', 'P2');
    behave = (response) => response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Oh</h1>');
    await expect(deliver()).rejects.toMatchObject({ code: 'PLATFORM_ERROR' });
    behave = (response) => response.writeHead(429, { 'retry-after': '9' }).end();
    await expect(deliver()).rejects.toMatchObject({ code: 'PLATFORM_RATE_LIMITED', facts: { retryAfterMs: 9_000 } });
    calm();
    await deliver();
    expect(names()).toEqual([expect.stringMatching(/^Mug P1/), expect.stringMatching(/^Mug P2/)]);
  });

  it('refuses one record without harm to the others; it comes again when it is changed', async () => {
    await push('P1', 'P2', 'P3');
    behave = (response, entries, store) => {
      store();
      sendJson(response, 200, { refused: entries.filter(({ data }) => data.sku === 'SKU-P2').map(({ id }) => ({ id, message: 'no such shelf' })) });
    };
    await deliver();
    expect(await states()).toEqual([{ state: 'failed', code: 'RECORD_REFUSED', reason: 'no such shelf' }]);
    calm();
    stored = [];
    await push('P2');
    await deliver();
    expect([names(), await states()]).toEqual([[expect.stringMatching(/^Mug P2/)], []]);
  });

  it('fails on one record only: it is found, and fails alone', async () => {
    await push('P1', 'P2', 'P3', 'P4');
    behave = (response, entries, store) => {
      if (entries.some(({ data }) => data.sku === 'SKU-P3')) return void response.writeHead(500).end();
      store();
      return void response.writeHead(204).end();
    };
    await expect(deliver()).rejects.toMatchObject({ code: 'PLATFORM_ERROR' });
    await deliver();
    expect(new Set(names().map((name) => name?.slice(0, 6)))).toEqual(new Set(['Mug P1', 'Mug P2', 'Mug P4']));
    expect(await states()).toMatchObject([{ state: 'failed', code: 'RECORD_REFUSED' }]);
  });
});
