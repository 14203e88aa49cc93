import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { publishChanges } from '../../db/repositories/feed/publish.ts';
import { startGateway, type GatewayFixture } from '../support/gateway-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

let gateway: GatewayFixture;
let tokens: { source: string; otherSource: string; operator: string; viewer: string; form: string; stranger: string };

beforeAll(async () => {
  gateway = await startGateway();
  await gateway.token('admin');
  for (const id of ['shop-1', 'shop-2', 'mailplus-1']) {
    await sql`insert into connector (id, account_id, platform, class, preset, name, settings, credentials, credential_key, phase)
      values (${id}, 'main', 'coins', 'crm', 'crm', ${id}, '{}', 'x', ${id}, 'live')`.execute(gateway.db);
  }
  tokens = {
    source: await gateway.token('source', { connectorId: 'shop-1' }), otherSource: await gateway.token('source', { connectorId: 'shop-2' }), operator: await gateway.token('operator'),
    viewer: await gateway.token('viewer'), form: await gateway.token('form', { connectorId: 'shop-1' }), stranger: await gateway.token('operator', { accountId: 'other' }),
  };
});
afterAll(async () => gateway.stop());

interface Answer {
  readonly entries: { id: string; at: string; data: unknown }[];
  readonly next: string | null;
  readonly more: boolean;
  readonly items: { kind: string }[];
  readonly total: number;
  readonly error: { code: string; field?: string };
}

async function get(path: string, token = tokens.source): Promise<{ status: number; body: Answer }> {
  const response = await gateway.app.inject({ method: 'GET', url: `/api/v1/connectors/${path}`, headers: gateway.bearer(token) });
  return { status: response.statusCode, body: response.json() };
}

async function publish(...keys: readonly string[]): Promise<void> {
  await publishChanges(gateway.db, { accountId: 'main', connectorId: 'shop-1' }, keys.map((key) => ({
    key, dataType: 'products', kind: 'upserted', externalId: `P-${key}`, changes: ['name'], data: { name: `Lamp ${key}` },
  })));
  await waitFor(async () => (await sql<{ hidden: number }>`select count(*) hidden from change_feed where xid >= pg_snapshot_xmin(pg_current_snapshot())`.execute(gateway.db)).rows[0]?.hidden === 0);
}

describe('GET /connectors/:connectorId/changes', () => {
  it('gives no cursor while there was never anything', async () => {
    expect(await get('shop-2/changes', tokens.otherSource)).toEqual({ status: 200, body: { entries: [], next: null, more: false } });
  });

  it('is read with a cursor until there is nothing more, and goes on from there', async () => {
    await publish('a', 'b', 'c');
    const first = await get('shop-1/changes?limit=2');
    expect(first).toMatchObject({ status: 200, body: { more: true } });
    expect(first.body.entries).toEqual([
      { id: 'a', at: expect.any(String), dataType: 'products', kind: 'upserted', externalId: 'P-a', changes: ['name'], data: { name: 'Lamp a' } }, expect.objectContaining({ id: 'b' }),
    ]);
    const second = await get(`shop-1/changes?after=${first.body.next}&limit=2`);
    expect([second.body.entries.map(({ id }) => id), second.body.more]).toEqual([['c'], false]);
    const end = await get(`shop-1/changes?after=${second.body.next}`);
    expect(end.body).toEqual({ entries: [], next: second.body.next, more: false });
    await publish('d');
    expect((await get(`shop-1/changes?after=${end.body.next}`)).body.entries.map(({ id }) => id)).toEqual(['d']);
  });

  it('is for the source token of the connector and for operators, and for nobody else', async () => {
    expect((await get('shop-1/changes', tokens.operator)).status).toBe(200);
    for (const token of [tokens.otherSource, tokens.viewer, tokens.form]) expect(await get('shop-1/changes', token)).toMatchObject({ status: 403, body: { error: { code: 'TOKEN_NOT_ALLOWED' } } });
    expect(await get('shop-1/changes', 'wrong')).toMatchObject({ status: 401 });
    expect(await get('shop-1/changes', tokens.stranger)).toMatchObject({ status: 404, body: { error: { code: 'CONNECTOR_UNKNOWN' } } });
  });

  it('refuses a cursor that the hub never gave', async () => {
    for (const after of ['nonsense', Buffer.from('1.5').toString('base64url'), Buffer.from(`1.${2n ** 64n}.1`).toString('base64url'), Buffer.from("1.1.1'; drop table x").toString('base64url')]) {
      expect(await get(`shop-1/changes?after=${after}`)).toMatchObject({ status: 400, body: { error: { code: 'REQUEST_INVALID', field: 'after' } } });
    }
    expect(await get('shop-1/changes?limit=1001')).toMatchObject({ status: 400 });
  });

  it('refuses a cursor from before what is kept with 410, and says what to do', async () => {
    const { body } = await get('shop-1/changes?limit=1');
    await sql`insert into change_feed_cut (account_id, connector_id, xid, seq) select 'main', 'shop-1', xid, seq from change_feed where key = 'c'`.execute(gateway.db);
    const late = await get(`shop-1/changes?after=${body.next}`);
    expect(late).toMatchObject({ status: 410, body: { error: { code: 'CHANGES_EXPIRED', fix: expect.stringContaining('from the beginning') } } });
    expect((await get('shop-1/changes')).status).toBe(200);
  });
});

describe('GET /connectors/:connectorId/failures', () => {
  beforeAll(async () => {
    const { db } = gateway;
    await sql`insert into record (account_id, id, data_type, canonical, provenance) select 'main', n, 'contacts', '{}', '[]' from generate_series(1, 4) n`.execute(db);
    await sql`insert into source_record (account_id, connector_id, data_type, external_id, record_id, payload, canonical, field_times, source_time)
      values ('main', 'shop-1', 'contacts', 'C-1', 1, '{}', '{}', '{}', now()), ('main', 'shop-1', 'contacts', 'C-2', 2, '{}', '{}', '{}', now()), ('main', 'shop-2', 'contacts', 'X-1', 3, '{}', '{}', '{}', now())`.execute(db);
    await sql`insert into delivery (account_id, connector_id, data_type, record_id, target, lane, state, code, reason, settled_at) values
      ('main', 'mailplus-1', 'contacts', 1, '', 1, 'failed', 'RECORD_REFUSED', 'no postcode', '2026-11-01T10:00:00Z'), ('main', 'mailplus-1', 'contacts', 2, '', 1, 'parked', null, 'waiting for its own first import', '2026-11-01T09:00:00Z'),
      ('main', 'mailplus-1', 'contacts', 3, '', 1, 'failed', 'RECORD_REFUSED', 'of another system', now()), ('main', 'mailplus-1', 'contacts', 4, '', 1, 'delivered', null, null, now())`.execute(db);
    await sql`insert into rejected_record (account_id, connector_id, data_type, external_id, path, code, reason, created_at) values
      ('main', 'shop-1', 'orders', 'O-1', 'totalCents', 'RECORD_INVALID', 'a whole number is needed', '2026-11-01T08:00:00Z'), ('main', 'shop-2', 'orders', 'O-2', '', 'RECORD_INVALID', 'x', now())`.execute(db);
    await sql`insert into action (account_id, connector_id, kind, target, cause, payload, state, code, reason, settled_at) values
      ('main', 'mailplus-1', 'list.replace', 'L-1', 'a', '{"sourceConnectorId":"shop-1","listId":"L-1","syncId":"S"}', 'failed', 'PLATFORM_LIMIT_REACHED', 'no room', '2026-11-01T07:00:00Z'),
      ('main', 'mailplus-1', 'activity.create', 'P-1', 'shop-1/A-1@P-1', '{"externalId":"shop-1/A-1"}', 'failed', 'RECORD_GONE', 'gone', '2026-11-01T06:00:00Z'),
      ('main', 'mailplus-1', 'activity.create', 'P-1', 'shop-12/A-1@P-1', '{"externalId":"shop-12/A-1"}', 'failed', 'RECORD_GONE', 'of another system', now())`.execute(db);
    await sql`insert into call_attempt (account_id, connector_id, direction, operation, attempt, status, code, message, created_at) values
      ('main', 'shop-1', 'out', 'POST /webhook', 3, 500, 'PLATFORM_ERROR', 'the platform answered with an internal error (500).', '2026-11-01T05:00:00Z')`.execute(db);
    await sql`insert into inbox (account_id, connector_id, kind, key, body_hash, payload, state, failures, reason, received_at) values ('main', 'shop-1', 'records', 'k', 'h', '{}', 'failed', 3, 'x', '2026-11-01T04:00:00Z')`.execute(db);
  });

  it('shows what of the system\'s data did not get through, where and why, with what to do, newest first', async () => {
    const { status, body } = await get('shop-1/failures');
    expect([status, body.total]).toEqual([200, 7]);
    const nothing = { path: null, dataType: null, externalId: null, destination: null, fix: expect.any(String) };
    expect(body.items).toEqual([
      { ...nothing, kind: 'delivery', at: '2026-11-01T10:00:00.000Z', state: 'failed', dataType: 'contacts', externalId: 'C-1', destination: 'mailplus-1', operation: 'deliver contacts', code: 'RECORD_REFUSED', reason: 'no postcode', fix: expect.stringContaining('Correct the named field') },
      { ...nothing, kind: 'delivery', at: '2026-11-01T09:00:00.000Z', state: 'parked', dataType: 'contacts', externalId: 'C-2', destination: 'mailplus-1', operation: 'deliver contacts', code: null, reason: 'waiting for its own first import', fix: expect.stringContaining('goes on by itself') },
      { ...nothing, kind: 'record', at: '2026-11-01T08:00:00.000Z', state: 'failed', dataType: 'orders', externalId: 'O-1', path: 'totalCents', operation: 'read orders', code: 'RECORD_INVALID', reason: 'a whole number is needed' },
      { ...nothing, kind: 'action', at: '2026-11-01T07:00:00.000Z', state: 'failed', dataType: 'lists', externalId: 'L-1', destination: 'mailplus-1', operation: 'list.replace', code: 'PLATFORM_LIMIT_REACHED', reason: 'no room' },
      { ...nothing, kind: 'action', at: '2026-11-01T06:00:00.000Z', state: 'failed', dataType: 'activities', externalId: 'A-1', destination: 'mailplus-1', operation: 'activity.create', code: 'RECORD_GONE', reason: 'gone' },
      { ...nothing, kind: 'call', at: '2026-11-01T05:00:00.000Z', state: 'failed', destination: 'shop-1', operation: 'POST /webhook', code: 'PLATFORM_ERROR', reason: 'the platform answered with an internal error (500).' },
      { ...nothing, kind: 'request', at: '2026-11-01T04:00:00.000Z', state: 'failed', operation: 'apply records', code: 'INTERNAL', reason: 'x' },
    ]);
  });

  it('is paged, and may be narrowed to one kind', async () => {
    const page = await get('shop-1/failures?limit=2&offset=1');
    expect([page.body.total, page.body.items.map(({ kind }) => kind)]).toEqual([7, ['delivery', 'record']]);
    const actions = await get('shop-1/failures?kind=action');
    expect([actions.body.total, actions.body.items.map(({ kind }) => kind)]).toEqual([2, ['action', 'action']]);
  });

  it('is for the source token of the connector and for operators only', async () => {
    expect((await get('shop-1/failures', tokens.operator)).body.total).toBe(7);
    for (const token of [tokens.otherSource, tokens.viewer]) expect((await get('shop-1/failures', token)).status).toBe(403);
    expect((await get('shop-1/failures', tokens.stranger)).status).toBe(404);
  });
});
