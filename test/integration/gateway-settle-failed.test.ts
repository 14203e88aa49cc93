import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { inAccount, type Trx } from '../../db/database.ts';
import { listFailed } from '../../db/repositories/failed/list-failed.ts';
import { retryFailed, skipFailed, type FailedChoice } from '../../db/repositories/failed/settle-failed.ts';
import { startGateway, type GatewayFixture } from '../support/gateway-fixture.ts';

let gateway: GatewayFixture;

beforeAll(async () => {
  gateway = await startGateway();
  await gateway.token('admin');
  for (const id of ['mailplus-1', 'mailplus-2', 'coins-1']) {
    await sql`insert into connector (id, account_id, platform, class, preset, name, settings, credentials, credential_key, phase)
      values (${id}, 'main', 'x', 'crm', 'crm', ${id}, '{}', 'x', ${id.startsWith('mailplus') ? 'shared' : 'own'}, 'live')`.execute(gateway.db);
  }
  await sql`insert into record (account_id, id, data_type, canonical, provenance) select 'main', n, 'contacts', '{}', '[]' from generate_series(1, 4) n`.execute(gateway.db);
});
afterAll(async () => gateway.stop());

beforeEach(async () => {
  const { db } = gateway;
  for (const table of ['delivery', 'action', 'rejected_record', 'call_attempt', 'inbox', 'list_sync', 'hold']) await sql.raw(`delete from ${table}`).execute(db);
  await sql`insert into delivery (account_id, connector_id, data_type, record_id, target, lane, state, code, reason, wanted, delivered, failures, settled_at) values
    ('main', 'mailplus-1', 'contacts', 1, 'a', 1, 'failed', 'RECORD_REFUSED', 'r', 2, 2, 0, now()), ('main', 'mailplus-1', 'contacts', 2, '', 1, 'failed', 'RECORD_OPTED_OUT', 'o', 5, 5, 3, now()),
    ('main', 'mailplus-1', 'contacts', 3, 'c', 1, 'delivered', null, null, 1, 1, 0, now()), ('main', 'mailplus-2', 'contacts', 1, 'a', 1, 'failed', 'RECORD_REFUSED', 'r', 1, 1, 0, now())`.execute(db);
  await sql`insert into action (account_id, connector_id, kind, target, cause, payload, state, code) values
    ('main', 'mailplus-1', 'list.replace', 'L', 'a', '{}', 'failed', 'PLATFORM_LIMIT_REACHED'), ('main', 'mailplus-1', 'list.replace', 'L', 'b', '{}', 'done', null)`.execute(db);
  await sql`insert into rejected_record (account_id, connector_id, data_type, external_id, path, code, reason) values ('main', 'mailplus-1', 'contacts', 'P', '', 'RECORD_INVALID', 'x')`.execute(db);
  await sql`insert into call_attempt (account_id, connector_id, direction, operation, attempt, code, message) values
    ('main', 'mailplus-1', 'out', 'deliver contacts', 1, 'PLATFORM_ERROR', 'x'), ('main', 'mailplus-1', 'out', 'deliver contacts', 1, 'RECORD_OPTED_OUT', 'told with the record')`.execute(db);
  await sql`insert into inbox (account_id, connector_id, kind, key, body_hash, payload, state, failures, reason) values ('main', 'mailplus-1', 'list-sync', 'k', 'h', '{}', 'failed', 3, 'x')`.execute(db);
  await sql`insert into list_sync (account_id, connector_id, sync_id, list_id, page_count, state, reason) values ('main', 'mailplus-1', 'LS', 'L', 3, 'parked', 'missing pages: 2')`.execute(db);
  await sql`insert into hold (account_id, credential_key, direction, step, not_before, code, reason) values ('main', 'shared', 'out', 3, now() + interval '1 h', 'PLATFORM_ERROR', 'x')`.execute(db);
  await sql`update connector set health_out = 'needsOperator', health_out_reason = 'x'`.execute(db);
});

const settle = <Result>(act: (trx: Trx, connectorId: string, choice: FailedChoice) => Promise<Result>, choice: FailedChoice = {}, connectorId = 'mailplus-1') => inAccount(gateway.db, 'main', (trx) => act(trx, connectorId, choice));
const failures = async () => (await listFailed(gateway.db, { limit: 100, offset: 0 })).items.map(({ id }) => id.replace(/\d+$/, 'n')).sort();

describe('retrying', () => {
  it('makes everything of the connector due again, and ends the waits of its login', async () => {
    expect(await settle(retryFailed)).toEqual({ retried: { delivery: 2, action: 1, record: 0, call: 1, inbox: 1, list: 0 }, left: { record: 1, list: 1, action: 0 }, waitEnded: true });
    const deliveries = await gateway.db.selectFrom('delivery').selectAll().where('connector_id', '=', 'mailplus-1').orderBy('record_id').execute();
    expect(deliveries).toMatchObject([
      { state: 'pending', wanted: 3, delivered: 2, failures: 0, code: null, reason: null, settled_at: null },
      { state: 'pending', wanted: 6, delivered: 5, failures: 0 },
      { state: 'delivered', wanted: 1, delivered: 1 },
    ]);
    expect(await gateway.db.selectFrom('hold').selectAll().execute()).toEqual([]);
    const health = await gateway.db.selectFrom('connector').select(['id', 'health_out']).orderBy('id').execute();
    expect(health).toEqual([{ id: 'coins-1', health_out: 'needsOperator' }, { id: 'mailplus-1', health_out: 'ok' }, { id: 'mailplus-2', health_out: 'ok' }]);
    expect(await failures()).toEqual(['delivery:mailplus-2:contacts:1:a', 'list:mailplus-1:LS', 'record:mailplus-1:n']);
  });

  it('by code or by id leaves the others', async () => {
    expect(await settle(retryFailed, { code: 'RECORD_OPTED_OUT' })).toMatchObject({ retried: { delivery: 1, action: 0, call: 0, inbox: 0 }, left: { record: 0, list: 0, action: 0 } });
    const chosen = { ids: ['delivery:mailplus-1:contacts:1:a', 'delivery:mailplus-2:contacts:1:a'] };
    expect(await settle(retryFailed, chosen)).toEqual({ retried: { delivery: 1, action: 0, record: 0, call: 0, inbox: 0, list: 0 }, left: { record: 0, list: 0, action: 0 }, waitEnded: false });
    expect(await failures()).toContain('delivery:mailplus-2:contacts:1:a');
  });
});

describe('skipping', () => {
  it('sets everything of the connector aside, and nothing of another', async () => {
    expect(await settle(skipFailed)).toEqual({ delivery: 2, action: 1, record: 1, call: 1, inbox: 1, list: 1 });
    expect(await failures()).toEqual(['delivery:mailplus-2:contacts:1:a']);
    expect(await settle(skipFailed)).toEqual({ delivery: 0, action: 0, record: 0, call: 0, inbox: 0, list: 0 });
  });

  it('by id sets just that aside', async () => {
    const [action] = (await listFailed(gateway.db, { kind: 'action', limit: 1, offset: 0 })).items;
    expect(await settle(skipFailed, { ids: [action?.id ?? '', 'list:mailplus-1:LS'] })).toEqual({ delivery: 0, action: 1, record: 0, call: 0, inbox: 0, list: 1 });
  });

  it('refuses an id that is none', async () => {
    await expect(settle(skipFailed, { ids: ['nonsense'] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
