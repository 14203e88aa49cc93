import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { dataTypes } from '../../domain/presets/data-types.ts';
import type { ConnectorStatus } from '../../gateway/status/status-view.ts';
import { openCustomGateway, type CustomGateway } from '../support/custom-gateway.ts';

let world: CustomGateway;
const shop = 'shop-1';

beforeAll(async () => {
  world = await openCustomGateway();
  await world.add(shop, 'e-commerce-with-marketing-automation', { class: 'sales-channel' });
});
afterAll(async () => world.close());

const product = (more: object = {}) => ({ sku: 'SKU-1', name: 'Kettle', priceCents: 1995, currency: 'EUR', ...more });
const put = (path: string, body: unknown, headers?: Readonly<Record<string, string>>) => world.send(shop, 'PUT', path, body, headers);
const inboxCount = async (): Promise<number> => Number((await world.gateway.db.selectFrom('inbox').select(({ fn }) => fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n);
const names = async (): Promise<unknown[]> => (await world.records('products')).map(([canonical, deleted]) => (deleted ? 'gone' : canonical['name']));

describe('A custom system', () => {
  it('sends a product, and what it sent is the record, as it said it', async () => {
    expect(await put('/products/P-1', product({ colour: 'red', sourceTime: '2026-11-01T10:00:00Z' }))).toEqual({ status: 202, body: { accepted: 1, rejected: [] } });
    expect(world.gateway.woken).toContain(`sync ${shop}`);
    await world.drain(shop);
    expect(await world.records('products')).toEqual([[expect.objectContaining({ name: 'Kettle', priceCents: 1995, 'extra.colour': 'red' }), false]]);
  });

  it('is refused another content under the same time, whether one at a time or in a batch', async () => {
    const body = product({ name: 'Other', sourceTime: '2026-11-01T11:00:00+01:00' });
    const before = await inboxCount();
    expect(await put('/products/P-1', body)).toMatchObject({ status: 409, body: { error: { code: 'IDEMPOTENCY_CONFLICT', field: 'sourceTime', fix: expect.stringContaining('sourceTime') } } });
    expect(await inboxCount()).toBe(before);
    const batch = await world.send(shop, 'POST', '/products', [{ externalId: 'P-1', ...body }, { externalId: 'P-2', ...product({ sku: 'SKU-2' }) }]);
    expect(batch).toMatchObject({ status: 202, body: { accepted: 1, rejected: [{ index: 0, externalId: 'P-1', path: 'sourceTime', code: 'IDEMPOTENCY_CONFLICT' }] } });
    await world.drain(shop);
    expect(await names()).toEqual(['Kettle', 'Kettle']);
  });

  it('may send the same version again, in either way, which changes nothing', async () => {
    const same = product({ colour: 'red', sourceTime: '2026-11-01T10:00:00.000Z' });
    expect((await put('/products/P-1', same)).status).toBe(202);
    expect((await world.send(shop, 'POST', '/products', `${JSON.stringify({ externalId: 'P-1', ...same })}\n`)).body).toEqual({ accepted: 1, rejected: [] });
    await world.drain(shop);
    expect(await world.records('products')).toHaveLength(2);
  });

  it('says A, B and A again without times, and ends as A', async () => {
    for (const name of ['A', 'B', 'A']) expect((await put('/products/P-3', product({ sku: 'SKU-3', name }))).status).toBe(202);
    await world.drain(shop);
    expect((await names()).at(-1)).toBe('A');
    await world.send(shop, 'POST', '/products', ['A', 'B', 'A', 'C'].map((name) => ({ externalId: 'P-3', ...product({ sku: 'SKU-3', name }) })));
    await world.drain(shop);
    expect((await names()).at(-1)).toBe('C');
  });

  it('may send versions out of order: the newest counts', async () => {
    for (const hour of ['12', '10', '11']) await put('/products/P-4', product({ sku: 'SKU-4', name: `at ${hour}`, sourceTime: `2026-11-02T${hour}:00:00Z` }));
    await world.drain(shop);
    expect((await names()).at(-1)).toBe('at 12');
  });

  it('gets the answer of the first request again with the same key, and 409 with another body or at another address', async () => {
    const headers = { 'idempotency-key': 'K-1' };
    const first = await put('/products/P-5', product({ sku: 'SKU-5' }), headers);
    const before = await inboxCount();
    expect(await put('/products/P-5', product({ sku: 'SKU-5' }), headers)).toEqual(first);
    expect(await inboxCount()).toBe(before);
    for (const [path, body] of [['/products/P-5', product({ sku: 'SKU-X' })], ['/products/P-6', product({ sku: 'SKU-5' })]] as const) {
      expect(await put(path, body, headers)).toMatchObject({ status: 409, body: { error: { code: 'IDEMPOTENCY_CONFLICT' } } });
    }
  });

  it('tells that a thing is gone, and that it is there again', async () => {
    await put('/organisations/G-1', { name: 'Acme' });
    expect(await world.send(shop, 'DELETE', '/products/P-4')).toEqual({ status: 202, body: { accepted: 1, rejected: [] } });
    await world.drain(shop);
    expect((await world.records('products')).filter(([, deleted]) => deleted)).toHaveLength(1);
    await put('/products/P-4', product({ sku: 'SKU-4' }));
    await world.drain(shop);
    expect((await world.records('products')).filter(([, deleted]) => deleted)).toHaveLength(0);
  });

  it('sends an order before its product and its contact: all are there, as they were said', async () => {
    const order = { number: 'N-1', status: 'paid', placedAt: '2026-11-20T10:00:00Z', currency: 'EUR', totalCents: 3990, contactExternalId: 'C-1', lines: [{ productExternalId: 'P-9', quantity: 2, unitPriceCents: 1995 }] };
    for (const [path, body] of [['/orders/O-1', order], ['/contacts/C-1', { email: 'ann@people.example', firstName: 'Ann' }], ['/products/P-9', product({ sku: 'SKU-9' })]] as const) expect((await put(path, body)).status).toBe(202);
    await world.drain(shop);
    expect(await world.records('orders')).toEqual([[expect.objectContaining({ number: 'N-1', totalCents: 3990, lines: JSON.stringify([{ productExternalId: 'P-9', quantity: 2, unitPriceCents: 1995 }]) }), false]]);
    expect(await world.records('contacts')).toEqual([[expect.objectContaining({ email: 'ann@people.example', firstName: 'Ann' }), false]]);
    const things = await world.gateway.db.selectFrom('source_record').select(['external_id', 'data_type']).where('external_id', 'in', ['O-1', 'C-1', 'P-9']).orderBy('data_type').execute();
    expect(things).toEqual([{ external_id: 'C-1', data_type: 'contacts' }, { external_id: 'O-1', data_type: 'orders' }, { external_id: 'P-9', data_type: 'products' }]);
  });

  it('has a record that is wrong refused and kept with its reason, until it comes in order', async () => {
    const open = () => world.gateway.db.selectFrom('rejected_record').select(['external_id', 'path', 'code', 'reason']).where('state', '=', 'open').where('external_id', '=', 'O-2').execute();
    const order = { number: 'N-2', status: 'paid', placedAt: '2026-11-20T10:00:00Z', currency: 'EUR', totalCents: 39.9, lines: [] };
    expect(await put('/orders/O-2', order)).toMatchObject({ status: 422, body: { error: { code: 'RECORD_INVALID', field: 'totalCents', message: 'totalCents must be a whole number of cents: 19.95 is 1995' } } });
    expect(await open()).toEqual([{ external_id: 'O-2', path: 'totalCents', code: 'RECORD_INVALID', reason: 'totalCents must be a whole number of cents: 19.95 is 1995' }]);
    expect((await put('/orders/O-2', { ...order, totalCents: 3990 })).status).toBe(202);
    await world.drain(shop);
    expect(await open()).toEqual([]);
  });

  it('is refused data that its preset does not import, with the reason, and nothing of it is stored', async () => {
    const before = await inboxCount();
    for (const [method, path, body] of [['PUT', '/stock/S-1', { productExternalId: 'P-1', freeQuantity: 1 }], ['POST', '/shipments', [{ externalId: 'H-1', orderExternalId: 'O-1', status: 'shipped', lines: [] }]], ['POST', '/activities/complete', undefined], ['DELETE', '/stock/S-1', undefined]] as const) {
      const dataType = path.split('/')[1];
      expect(await world.send(shop, method, path, body)).toMatchObject({ status: 409, body: { error: { code: 'NOT_IMPORTED', field: 'dataType', message: `The preset E-commerce with marketing automation does not import ${dataType}.` } } });
    }
    expect(await inboxCount()).toBe(before);
  });

  it('passes a selection of its contacts, in which those of nobody are no matter, and takes it back', async () => {
    expect(await put('/lists/L-1', { name: 'Spring', members: ['C-1', 'C-never'] })).toEqual({ status: 202, body: { listId: 'L-1', members: 2 } });
    await world.drain(shop);
    const list = () => world.gateway.db.selectFrom('list').select(['name', 'current_sync_id', 'removed_at']).where('external_id', '=', 'L-1').executeTakeFirstOrThrow();
    expect(await list()).toMatchObject({ name: 'Spring', current_sync_id: expect.any(String), removed_at: null });
    expect((await world.send(shop, 'DELETE', '/lists/L-1')).status).toBe(202);
    await world.drain(shop);
    expect((await list()).removed_at).not.toBeNull();
  });

  it('says of each type when all of it was sent, which completes its first import once', async () => {
    for (let time = 0; time < 2; time += 1) expect(await world.send(shop, 'POST', '/products/complete')).toEqual({ status: 202, body: { dataType: 'products', complete: true } });
    await world.drain(shop);
    const runs = await world.gateway.db.selectFrom('backfill_run').select(['data_type', 'state', 'is_first']).where('connector_id', '=', shop).where('data_type', '=', 'products').execute();
    expect(runs).toEqual([{ data_type: 'products', state: 'done', is_first: true }]);
  });

  it('is shown with the types of which it has not said so yet, which go to it only then', async () => {
    await world.add('till-1', 'crm', { class: 'crm' });
    await world.gateway.db.updateTable('connector').set({ phase: 'backfilling' }).where('id', '=', 'till-1').execute();
    const awaited = async () => {
      const answer = await world.gateway.app.inject({ method: 'GET', url: '/api/v1/status', headers: world.gateway.bearer(await world.gateway.token('viewer')) });
      return answer.json<{ connectors: ConnectorStatus[] }>().connectors.find(({ connector }) => connector.id === 'till-1')?.awaitedImports;
    };
    const before = await awaited();
    expect(before).toContain('contacts');
    await world.send('till-1', 'POST', '/contacts/complete');
    await world.drain('till-1');
    expect(await awaited()).toEqual(before?.filter((type) => type !== 'contacts'));
  });

  it('reports what happened to its contacts, each once', async () => {
    await world.add('site-1', 'activities', { class: 'activities' });
    const activity = { type: 'page.viewed', at: '2026-11-20T10:00:00Z', contactExternalId: 'V-1', description: 'Kettles' };
    await world.send('site-1', 'PUT', '/contacts/V-1', { email: 'ann@people.example' });
    for (let time = 0; time < 2; time += 1) expect((await world.send('site-1', 'PUT', '/activities/A-1', activity)).status).toBe(202);
    expect(await world.send('site-1', 'PUT', '/activities/A-1', { ...activity, description: 'Mugs' })).toMatchObject({ status: 409 });
    await world.drain('site-1');
    const rows = await world.gateway.db.selectFrom('activity').select(['external_id', 'type']).where('connector_id', '=', 'site-1').execute();
    expect(rows).toEqual([{ external_id: 'A-1', type: 'page.viewed' }]);
  });

  it('may send a thousand records in one request, at once with others of the same things', async () => {
    const sourceTime = '2026-11-05T10:00:00Z';
    const batch = Array.from({ length: 1_000 }, (_, index) => ({ externalId: `B-${index}`, ...product({ sku: `B-${index}`, sourceTime }) }));
    const answers = await Promise.all([world.send(shop, 'POST', '/products', batch), world.send(shop, 'POST', '/products', batch.toReversed().map((one) => ({ ...one, name: 'Other' })))]);
    const counts = answers.map(({ body }) => Number(body['accepted']));
    expect(counts.toSorted((a, b) => a - b)).toEqual([0, 1_000]);
    await world.drain(shop);
    expect((await names()).length).toBeGreaterThanOrEqual(1_000);
  }, 120_000);

  it('is told which forms a body may have, whatever it sent', async () => {
    const refusalOf = async (type: string, body: string) => (await world.send(shop, 'POST', '/products', body, { 'content-type': type })).body;
    for (const type of ['text/csv', 'text/plain', 'application/xml']) expect(await refusalOf(type, 'a,b')).toMatchObject({ error: { code: 'REQUEST_INVALID', field: 'Content-Type', message: expect.stringMatching(/application\/json, or .* application\/x-ndjson/) } });
    expect(await refusalOf('application/json', '{"externalId":"P-1"}\n{"externalId":"P-2"}')).toMatchObject({ error: { field: 'body', message: expect.stringContaining('application/x-ndjson') } });
  });

  it('has ids with any signs, and an id of another system\'s making is none of an address', async () => {
    expect((await put(`/products/${encodeURIComponent('a/b?c#ä'.repeat(20))}`, product({ sku: 'S-strange' }))).status).toBe(202);
    expect(await put('/contacts/ann%40people.example', { email: 'ann@people.example' })).toMatchObject({ status: 400, body: { error: { code: 'REQUEST_INVALID', field: 'externalId' } } });
  });
});

describe('Erasing somebody whom a custom system sent', () => {
  it('forgets the versions that it sent, and takes the person out of a batch that waits: the others are applied', async () => {
    const sourceTime = '2026-11-10T10:00:00Z';
    await put('/contacts/E-1', { email: 'eve@people.example', sourceTime });
    await world.drain(shop);
    const versions = () => world.gateway.db.selectFrom('inbound_version').select('external_id').where('data_type', '=', 'contacts').where('external_id', 'like', 'E-%').execute();
    expect(await versions()).toEqual([{ external_id: 'E-1' }]);
    const { record_id: id } = await world.gateway.db.selectFrom('source_record').select('record_id').where('external_id', '=', 'E-1').executeTakeFirstOrThrow();
    await world.send(shop, 'POST', '/contacts', [{ externalId: 'E-1', email: 'eve@people.example', lastName: 'New' }, { externalId: 'F-1', email: 'fay@people.example' }]);
    const answer = await world.gateway.app.inject({ method: 'POST', url: `/api/v1/records/${id}/erase`, headers: world.gateway.bearer(await world.gateway.token('admin')), payload: { confirm: true } });
    expect(answer.statusCode).toBe(200);
    expect(await versions()).toEqual([]);
    expect(await world.drain(shop)).toMatchObject({ failed: 0 });
    const addresses = (await world.records('contacts')).map(([canonical]) => canonical['email']);
    expect(addresses).toContain('fay@people.example');
    expect(addresses).not.toContain('eve@people.example');
  });
});

describe('A connector of a custom system', () => {
  const add = (payload: object) => world.gateway.token('admin').then((token) =>
    world.gateway.app.inject({ method: 'POST', url: '/api/v1/connectors', headers: world.gateway.bearer(token), payload: { platform: 'custom', override: true, credentials: {}, ...payload } }));

  it('says first of what class it is, and has one of that class\'s presets', async () => {
    expect((await add({})).json().error).toMatchObject({ code: 'CONFIGURATION_INVALID', field: 'settings.class', message: expect.stringContaining('e-fulfilment, marketing-automation, sales-channel, marketplace, crm, activities, analytics') });
    expect((await add({ settings: { class: 'crm' }, preset: 'fulfilment' })).json().error).toMatchObject({ code: 'PRESET_REFUSED', message: expect.stringContaining('CRM') });
    expect((await add({ settings: { class: 'marketplace' }, id: 'market-1' })).json().connector).toMatchObject({ id: 'market-1', preset: 'marketplace' });
  });

  it('keeps its class for as long as its preset belongs to it', async () => {
    const token = await world.gateway.token('admin');
    const change = (settings: object) => world.gateway.app.inject({ method: 'PATCH', url: `/api/v1/connectors/${shop}`, headers: world.gateway.bearer(token), payload: { settings, unset: [], credentials: {}, skipCheck: false } });
    expect((await change({ class: 'crm' })).json().error).toMatchObject({ code: 'CONFIGURATION_INVALID', field: 'settings.class' });
    expect((await change({ timeZone: 'Europe/London' })).statusCode).toBe(200);
  });

  it('brings its permissions to Mail+ by their names', async () => {
    const token = await world.gateway.token('admin');
    const payload = { platform: 'mailplus', id: 'mail-1', credentials: { consumerKey: 'key', consumerSecret: 'topsecret' }, override: true };
    await world.gateway.app.inject({ method: 'POST', url: '/api/v1/connectors', headers: world.gateway.bearer(token), payload });
    await add({ settings: { class: 'sales-channel', permissions: ['Newsletter', 'Consent to Receive Email Marketing', 'By carrier pigeon'] }, preset: 'e-commerce-with-marketing-automation', id: 'shop-2' });
    const links = await world.gateway.db.selectFrom('permission_link').select(['permission', 'platform_key']).where('connector_id', '=', 'mail-1').orderBy('permission').execute();
    expect(links).toEqual([{ permission: 'Consent to Receive Email Marketing', platform_key: 'permissions:2' }, { permission: 'Newsletter', platform_key: 'permissions:1' }]);
  });
});

describe('The schemas of custom systems', () => {
  const get = (file: string) => world.gateway.app.inject(`/schemas/custom/${file}`);

  it.each([...dataTypes, 'lists', 'batch', 'answer'])('describe %s for everyone, by themselves', async (name) => {
    const answer = await get(`${name}.json`);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, expect.stringContaining('application/schema+json')]);
    const schema = answer.json();
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    for (const [, path = ''] of answer.body.matchAll(/"\$ref":"#\/([^"]+)"/g)) expect(path.split('/').reduce<unknown>((part, step) => (part as Record<string, unknown> | undefined)?.[step], schema)).toBeDefined();
  });

  it('tell a right record from a wrong one, as the gateway does', async () => {
    const schema = z.fromJSONSchema((await get('orders.json')).json());
    const order = { number: 'N-1', status: 'paid', placedAt: '2026-11-20T10:00:00', currency: 'EUR', totalCents: 3990, lines: [{ productExternalId: 'P-9', quantity: 2, unitPriceCents: 1995, gift: true }], own: 1 };
    for (const [body, right] of [[order, true], [{ ...order, totalCents: 1.5 }, false], [{ ...order, status: 'new' }, false], [{ ...order, lines: [{}] }, false], [{ ...order, billingAddress: null }, true]] as const) {
      expect(schema.safeParse(body).success).toBe(right);
      expect((await put('/orders/O-9', body)).status).toBe(right ? 202 : 422);
    }
  });

  it('are part of the OpenAPI document, each with what it is for', async () => {
    const document = (await world.gateway.app.inject('/openapi.json')).json();
    for (const type of dataTypes) expect(document.components.schemas[`Custom${type.charAt(0).toUpperCase()}${type.slice(1)}Input`]).toMatchObject({ type: 'object' });
    const { put: one, delete: gone } = document.paths['/inbound/custom/{connectorId}/{dataType}/{externalId}'];
    expect(JSON.stringify(one.requestBody)).toContain('#/components/schemas/CustomOrdersInput');
    expect(JSON.stringify(one.responses['2XX'])).toContain('CustomAnswer');
    expect(gone.requestBody).toBeUndefined();
    const { post: batch } = document.paths['/inbound/custom/{connectorId}/{dataType}'];
    expect(Object.keys(batch.requestBody.content)).toEqual(['application/json', 'application/x-ndjson']);
    expect(batch.parameters.map(({ name }: { name: string }) => name)).toContain('idempotency-key');
  });

  it('that are not there are answered with those that are', async () => {
    expect((await get('invoices.json')).json().error).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('orders.json') });
    expect((await world.gateway.app.inject('/schemas/coins/orders.json')).statusCode).toBe(404);
  });
});
