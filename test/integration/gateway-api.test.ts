import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { sql } from 'kysely';
import type { ConnectorCommands } from '../../gateway/temporal/commands.ts';
import { startGateway, type GatewayFixture } from '../support/gateway-fixture.ts';

let gateway: GatewayFixture;
let tokens: Record<'viewer' | 'operator' | 'admin', string>;
let stranger: string;

beforeAll(async () => {
  gateway = await startGateway();
  tokens = { viewer: await gateway.token('viewer'), operator: await gateway.token('operator'), admin: await gateway.token('admin') };
  stranger = await gateway.token('admin', { accountId: 'other' });
  await call('POST', '/connectors', { payload: { platform: 'mailplus', credentials: { consumerKey: 'k', consumerSecret: 's' } } });
  await call('POST', '/connectors', { payload: { platform: 'coins', settings: { baseUrl: 'http://coins.example' }, credentials: { apiToken: 't' } } });
  await seed();
});
afterAll(async () => gateway.stop());

async function call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, options: { readonly token?: string; readonly payload?: object } = {}) {
  const { token = tokens.admin, payload } = options;
  return gateway.app.inject({ method, url: `/api/v1${path}`, headers: gateway.bearer(token), ...(payload === undefined ? {} : { payload }) });
}

/** One record with everything that can happen to it, in the account `main`. */
async function seed(): Promise<void> {
  const provenance = [['coins-1', 'P1', '2026-11-20T09:12:00.000Z', 0]];
  const permission = 'Consent to Receive Email Marketing';
  const consent = { [permission]: { state: 'withdrawn', at: '2026-11-20T10:00:00.000Z', connectorId: 'mailplus-1' } };
  const { db } = gateway;
  await sql`insert into record (account_id, id, data_type, canonical, provenance, consent, email)
    values ('main', 7, 'contacts', ${JSON.stringify({ email: 'anna@people.example', firstName: 'Anna' })}, ${JSON.stringify(provenance)}, ${JSON.stringify(consent)}, 'anna@people.example')`.execute(db);
  await sql`insert into source_record (account_id, connector_id, data_type, external_id, record_id, payload, canonical, field_times, source_time)
    values ('main', 'coins-1', 'contacts', 'P1', 7, '{}', '{"firstName":"Anna"}', '{}', '2026-11-20T09:12:00Z')`.execute(db);
  await sql`insert into link (account_id, connector_id, data_type, external_id, record_id, held) values ('main', 'mailplus-1', 'contacts', '7', 7, '{"firstName":"Anna"}')`.execute(db);
  await sql`insert into consent_event (account_id, record_id, permission, granted, stated_at, received_at, connector_id, external_id, may_grant, evidence)
    values ('main', 7, ${permission}, true, '2026-11-01T10:00:00Z', '2026-11-01T10:00:01Z', 'coins-1', 'P1', true, 'Coins prospect P1'),
           ('main', 7, ${permission}, false, '2026-11-20T10:00:00Z', '2026-11-20T10:05:00Z', 'mailplus-1', '7', false, 'Mail+ unsubscribe')`.execute(db);
  await sql`insert into delivery (account_id, connector_id, data_type, record_id, target, lane, state, code, reason, wanted, delivered)
    values ('main', 'mailplus-1', 'contacts', 7, '7', 1, 'failed', 'RECORD_REFUSED', 'postcode is not known', 2, 2),
           ('main', 'coins-1', 'contacts', 7, 'P1', 1, 'parked', null, 'waiting for its own first import', 1, 0)`.execute(db);
  await sql`insert into call_attempt (account_id, connector_id, direction, operation, attempt, status, code, message, record_ids, next_attempt_at)
    values ('main', 'mailplus-1', 'out', 'deliver contacts', 1, 422, 'RECORD_REFUSED', 'postcode is not known', '[7]', null),
           ('main', 'mailplus-1', 'in', 'read contacts', 3, 503, 'PLATFORM_ERROR', 'maintenance', '[]', '2026-11-21T10:00:00Z')`.execute(db);
  await sql`insert into action (account_id, connector_id, kind, target, cause, payload, state, code, reason)
    values ('main', 'coins-1', 'activity', 'P1', 'a1', '{}', 'failed', 'RECORD_GONE', 'gone'), ('main', 'coins-1', 'activity', 'P1', 'a2', '{}', 'pending', null, null)`.execute(db);
  await sql`insert into rejected_record (account_id, connector_id, data_type, external_id, path, code, reason, payload)
    values ('main', 'coins-1', 'contacts', 'P9', 'prospects[3].email', 'RECORD_INVALID', 'must be text', '{}')`.execute(db);
  await sql`insert into list_sync (account_id, connector_id, sync_id, list_id, page_count, state, reason) values ('main', 'coins-1', 'LS-7', 'L-1', 3, 'parked', 'missing pages: 2 of 3')`.execute(db);
  await sql`insert into inbox (account_id, connector_id, kind, key, body_hash, payload, state, received_at) values ('main', 'coins-1', 'list-sync', 'x', 'h', '{}', 'new', now() - interval '90 s')`.execute(db);
  await sql`insert into backfill_run (account_id, connector_id, data_type, from_at, to_at, workflow_id, started_at) values ('main', 'mailplus-1', 'contacts', '2016-01-01', '2026-01-01', 'backfill/mailplus-1/contacts', now() - interval '10 s')`.execute(db);
  await sql`insert into slice (account_id, run_id, stream, from_at, to_at, state, rows) select 'main', max(id), 'contacts', timestamptz '2020-01-01', timestamptz '2021-01-01', 'done', 500 from backfill_run
    union all select 'main', max(id), 'contacts', timestamptz '2019-01-01', timestamptz '2020-01-01', 'running', 500 from backfill_run`.execute(db);
}

describe('roles', () => {
  it('let a viewer read, an operator command, and only an admin change', async () => {
    const wanted: readonly ['GET' | 'POST' | 'DELETE', string, 'viewer' | 'operator' | 'admin'][] = [
      ['GET', '/status', 'viewer'], ['GET', '/failed', 'viewer'], ['GET', '/audit', 'viewer'], ['GET', '/platforms', 'viewer'], ['GET', '/reports/bounces', 'viewer'], ['POST', '/bounces/1/resolve', 'operator'],
      ['POST', '/connectors/coins-1/pause', 'operator'], ['POST', '/connectors/coins-1/failed/retry', 'operator'], ['POST', '/connectors/coins-1/check', 'operator'],
      ['GET', '/tokens', 'admin'], ['POST', '/connectors', 'admin'],
    ];
    for (const [method, path, role] of wanted) {
      for (const [index, tried] of (['viewer', 'operator', 'admin'] as const).entries()) {
        const answer = await call(method, path, { token: tokens[tried], ...(method === 'POST' ? { payload: {} } : {}) });
        const allowed = index >= ['viewer', 'operator', 'admin'].indexOf(role);
        expect({ path, tried, refused: answer.statusCode === 403 && answer.json().error.code === 'TOKEN_NOT_ALLOWED' }).toEqual({ path, tried, refused: !allowed });
      }
    }
  });

  it('refuse every route of the API without a token, with a wrong one, and with a source token', async () => {
    const source = await gateway.token('source', { connectorId: 'coins-1' });
    const { paths } = gateway.app.swagger() as unknown as { paths: Record<string, Record<string, unknown>> };
    const routes = Object.entries(paths).filter(([path]) => path.startsWith('/api/v1/'));
    expect(routes.length).toBeGreaterThan(15);
    for (const [path, operations] of routes) {
      for (const method of Object.keys(operations)) {
        for (const [headers, status, code] of [[{}, 401, 'TOKEN_INVALID'], [{ authorization: 'Bearer hub_wrong' }, 401, 'TOKEN_INVALID'], [{ authorization: 'Basic eDp5' }, 401, 'TOKEN_INVALID'], [gateway.bearer(source), 403, 'TOKEN_NOT_ALLOWED']] as const) {
          const answer = await gateway.app.inject({ method: method.toUpperCase() as 'GET', url: path.replaceAll(/\{\w+\}/g, '1'), headers });
          expect([path, method, answer.statusCode, answer.json().error.code]).toEqual([path, method, status, code]);
        }
      }
    }
  });
});

describe('the failed overview', () => {
  it('shows each failed thing once, with cause and fix', async () => {
    const { total, items } = (await call('GET', '/failed')).json();
    expect(total).toBe(5);
    const byKind = Object.fromEntries(items.map((item: { kind: string }) => [item.kind, item]));
    expect(byKind.delivery).toMatchObject({ id: 'delivery:mailplus-1:contacts:7:7', recordId: 7, status: 422, code: 'RECORD_REFUSED', message: 'postcode is not known', fix: expect.stringContaining('hub failed retry') });
    expect(byKind.call).toMatchObject({ connectorId: 'mailplus-1', operation: 'read contacts', attempts: 3, status: 503, nextAttemptAt: '2026-11-21T10:00:00.000Z' });
    expect(byKind.action).toMatchObject({ externalId: 'P1', code: 'RECORD_GONE' });
    expect(byKind.record).toMatchObject({ externalId: 'P9', operation: 'read contacts, prospects[3].email' });
    expect(byKind.list).toMatchObject({ id: 'list:coins-1:LS-7', code: 'LIST_PAGES_MISSING', message: 'missing pages: 2 of 3' });
  });

  it('filters and pages', async () => {
    expect((await call('GET', '/failed?connector=coins-1&kind=action')).json()).toMatchObject({ total: 1 });
    expect((await call('GET', '/failed?code=PLATFORM_ERROR')).json().items).toHaveLength(1);
    const paged = (await call('GET', '/failed?limit=2&offset=4')).json();
    expect([paged.total, paged.items.length]).toEqual([5, 1]);
  });

  it('shows one by its id, and says so when there is none', async () => {
    expect((await call('GET', '/failed/list:coins-1:LS-7')).json()).toMatchObject({ kind: 'list' });
    expect((await call('GET', '/failed/call:mailplus-1:999')).statusCode).toBe(404);
    expect((await call('GET', '/failed/nonsense')).json().error).toMatchObject({ code: 'NOT_FOUND', field: 'ids' });
  });

  it('passes retry and skip to the connector, and refuses ids of another one', async () => {
    gateway.commanded.length = 0;
    expect((await call('POST', '/connectors/coins-1/failed/retry', { payload: { code: 'RECORD_GONE' } })).json()).toEqual({ message: 'retryFailed done' });
    expect((await call('POST', '/connectors/coins-1/failed/skip')).statusCode).toBe(200);
    const wrong = await call('POST', '/connectors/coins-1/failed/skip', { payload: { ids: ['action:mailplus-1:1'] } });
    expect(wrong.json().error).toMatchObject({ code: 'REQUEST_INVALID', field: 'ids' });
    expect(gateway.commanded).toEqual(['retryFailed coins-1', 'skipFailed coins-1']);
  });
});

describe('the status', () => {
  it('tells progress, what waits and why, and the inbox', async () => {
    const { connectors } = (await call('GET', '/status')).json();
    const [mailplus, coins] = [connectors.find((c: { connector: { id: string } }) => c.connector.id === 'mailplus-1'), connectors.find((c: { connector: { id: string } }) => c.connector.id === 'coins-1')];
    expect(mailplus.backfills).toMatchObject([{ dataType: 'contacts', state: 'running', rows: 1_000, slices: 2, slicesDone: 1, percent: 50, estimatedEnd: expect.any(String) }]);
    expect(mailplus.backfills[0].rowsPerSecond).toBeGreaterThan(0);
    expect(mailplus.counts).toMatchObject({ failed: 1, openCalls: 1, pending: 0 });
    expect(coins.counts).toMatchObject({ parked: 1, failed: 2, rejected: 1, actionsPending: 1 });
    expect(coins.reasons).toContainEqual({ what: 'delivery', state: 'parked', code: null, reason: 'waiting for its own first import', count: 1, fix: null });
    expect(coins.counts.listed + mailplus.counts.listed).toBe((await call('GET', '/failed')).json().total);
    expect(coins.sending).toEqual({ pending: coins.counts.pending, perSecond: 0, estimatedEnd: null });
    expect(coins.inbox).toMatchObject({ waiting: 1, failed: 0 });
    expect(coins.inbox.lagSeconds).toBeGreaterThan(80);
    expect(coins.temporalUi).toBe('http://127.0.0.1:8233/namespaces/default/workflows/connector%2Fcoins-1');
  });
});

describe('looking up a record', () => {
  it('finds it whatever the spelling, with sources, provenance, the deciding consent (of permissions that nobody spoke of too), links and deliveries', async () => {
    const { records } = (await call('POST', '/records/find', { payload: { email: ' Anna@People.Example ' } })).json();
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      id: 7,
      fields: [{ name: 'email', value: 'anna@people.example', connectorId: 'coins-1' }, { name: 'firstName', value: 'Anna' }],
      consent: [{ state: 'withdrawn', decidedBy: { evidence: 'Mail+ unsubscribe', granted: false, connectorId: 'mailplus-1' } }, { permission: 'Consent to Receive SMS Marketing', state: 'unknown', decidedBy: null }],
      sources: [{ connectorId: 'coins-1', externalId: 'P1' }],
      links: [{ connectorId: 'mailplus-1', held: { firstName: 'Anna' } }],
      deliveries: [{ connectorId: 'coins-1', state: 'parked' }, { connectorId: 'mailplus-1', state: 'failed', code: 'RECORD_REFUSED' }],
    });
  });

  it('says which data types there are, what a number may be, and that a connector is not there', async () => {
    const errorOf = async (path: string) => (await call('GET', path)).json().error;
    expect(await errorOf('/connectors/coins-1/records/contact/P1')).toMatchObject({ code: 'REQUEST_INVALID', field: 'dataType', message: 'dataType: must be one of: products, contacts, organisations, stock, orders, checkouts, shipments' });
    expect(await errorOf('/failed?limit=0')).toMatchObject({ code: 'REQUEST_INVALID', field: 'limit', message: 'limit: must be 1 or more' });
    expect(await errorOf('/connectors/nobody/records/contacts/P1')).toMatchObject({ code: 'CONNECTOR_UNKNOWN' });
    expect(await errorOf('/connectors/coins-1/records/contacts/P404')).toMatchObject({ code: 'NOT_FOUND', field: 'externalId' });
  });

  it('refuses what is no address, and finds nothing for a stranger', async () => {
    expect((await call('POST', '/records/find', { payload: { email: 'nobody' } })).json().error).toMatchObject({ code: 'REQUEST_INVALID', field: 'email' });
    expect((await call('POST', '/records/find', { token: stranger, payload: { email: 'anna@people.example' } })).json()).toEqual({ records: [] });
  });

  it('shows one by its id at a connector, to those of its account', async () => {
    const shown = (await call('GET', '/connectors/coins-1/records/contacts/P1', { token: tokens.viewer })).json();
    expect(shown).toMatchObject({ id: 7, dataType: 'contacts', deliveries: [{ connectorId: 'coins-1' }, { connectorId: 'mailplus-1', reason: 'postcode is not known' }], actions: [] });
    expect((await call('GET', '/connectors/mailplus-1/records/contacts/7')).json()).toMatchObject({ id: 7 });
    expect((await call('GET', '/connectors/coins-1/records/orders/P1')).statusCode).toBe(404);
    expect((await call('GET', '/connectors/coins-1/records/contacts/P1', { token: stranger })).statusCode).toBe(404);
    expect((await call('GET', '/connectors/coins-1/records/activities/P1')).statusCode).toBe(400);
  });

  it('leaves no trace of the address in the log', () => {
    expect(gateway.logged.join('\n')).not.toContain('people.example');
  });
});

describe('a token of another account', () => {
  it('sees nothing on any list and reaches nothing by id', async () => {
    expect((await call('GET', '/connectors', { token: stranger })).json()).toEqual({ connectors: [] });
    expect((await call('GET', '/status', { token: stranger })).json().connectors).toEqual([]);
    expect((await call('GET', '/failed', { token: stranger })).json()).toEqual({ total: 0, items: [] });
    expect((await call('GET', '/audit', { token: stranger })).json()).toEqual({ entries: [] });
    expect((await call('GET', '/tokens', { token: stranger })).json().tokens).toHaveLength(1);
    gateway.commanded.length = 0;
    const tries: readonly ['GET' | 'POST' | 'PATCH' | 'DELETE', string][] = [
      ['GET', '/connectors/coins-1'], ['PATCH', '/connectors/coins-1'], ['DELETE', '/connectors/coins-1'], ['POST', '/connectors/coins-1/check'], ['POST', '/connectors/coins-1/pause'],
      ['POST', '/connectors/coins-1/resume'], ['POST', '/connectors/coins-1/backfill'], ['GET', '/connectors/coins-1/backfill/how'], ['POST', '/connectors/coins-1/failed/retry'], ['POST', '/connectors/coins-1/failed/skip'],
      ['GET', '/failed/list:coins-1:LS-7'], ['DELETE', '/tokens/1'],
    ];
    for (const [method, path] of tries) {
      const answer = await call(method, path, { token: stranger, ...(method === 'PATCH' || method === 'POST' ? { payload: {} } : {}) });
      expect([method, path, answer.statusCode]).toEqual([method, path, 404]);
    }
    const source = await call('POST', '/tokens', { token: stranger, payload: { name: 'x', role: 'source', connectorId: 'coins-1' } });
    expect(source.statusCode).toBe(404);
    expect(gateway.commanded).toEqual([]);
  });
});

describe('tokens', () => {
  it('are shown once, work, and stop working when they are revoked', async () => {
    const made = (await call('POST', '/tokens', { payload: { name: 'dashboard', role: 'viewer' } })).json();
    expect(made.token).toMatch(/^hub_/);
    expect((await call('GET', '/tokens')).body).not.toContain(made.token);
    expect((await call('GET', '/status', { token: made.token })).statusCode).toBe(200);
    expect((await call('DELETE', `/tokens/${made.id}`)).json()).toMatchObject({ id: made.id, revokedAt: expect.any(String) });
    expect((await call('GET', '/status', { token: made.token })).statusCode).toBe(401);
    expect((await call('DELETE', '/tokens/999999')).statusCode).toBe(404);
  });

  it('of a source need their connector, others have none', async () => {
    for (const payload of [{ name: 'x', role: 'source' }, { name: 'x', role: 'viewer', connectorId: 'coins-1' }]) {
      expect((await call('POST', '/tokens', { payload })).json().error).toMatchObject({ code: 'REQUEST_INVALID', field: 'connectorId' });
    }
  });

  it('are made and revoked in the audit, as connectors are added, with who and without secrets', async () => {
    const { entries } = (await call('GET', '/audit')).json();
    expect(entries.map((entry: { what: string }) => entry.what)).toEqual(expect.arrayContaining(['token.created', 'token.revoked', 'connector.added']));
    expect(entries.every((entry: { who: string }) => entry.who === 'admin of main')).toBe(true);
    expect(JSON.stringify(entries)).not.toMatch(/hub_/);
    expect((await call('GET', '/audit?connector=coins-1&limit=1')).json().entries).toMatchObject([{ what: 'connector.added', connectorId: 'coins-1', details: { platform: 'coins' } }]);
  });
});

describe('set-up', () => {
  it('shows the six steps with what is done and what is next', async () => {
    const { steps, next } = (await call('GET', '/onboarding')).json();
    expect(steps).toHaveLength(6);
    expect(steps[1]).toMatchObject({ number: 2, state: 'done', connectors: ['mailplus-1'] });
    expect(steps[4]).toMatchObject({ number: 5, state: 'done', connectors: ['coins-1'] });
    expect(next).toBe('Activities/Analytics');
  });

  it('shows platforms with their settings and presets with their lookbacks', async () => {
    const { platforms } = (await call('GET', '/platforms')).json();
    expect(platforms.find((one: { id: string }) => one.id === 'coins')).toMatchObject({ presets: ['crm'], credentials: ['apiToken'], feedsHub: true, settings: expect.arrayContaining(['baseUrl', 'permissionKey', 'pullMarginMs']) });
    const preset = (await call('GET', '/presets/marketing-automation')).json();
    expect(preset.dataTypes).toContainEqual({ dataType: 'contacts', import: 'yes', export: 'yes', lookback: '10 years' });
    expect((await call('GET', '/presets')).json().presets).toHaveLength(8);
    expect((await call('GET', '/presets/nosuch')).json().error.message).toContain('marketing-automation');
  });
});

describe('backfill', () => {
  it('tells the exact lines for `temporal` and `tctl`', async () => {
    const how = (await call('GET', '/connectors/mailplus-1/backfill/how?dataType=contacts&from=2020-01-01')).json();
    expect(how.temporal).toBe('temporal workflow start --address 127.0.0.1:7233 --namespace default --task-queue hub --type backfill --workflow-id backfill/mailplus-1/contacts --input \'{"connectorId":"mailplus-1","dataType":"contacts","from":"2020-01-01"}\'');
    expect(how.tctl).toBe('tctl --address 127.0.0.1:7233 --namespace default workflow start --taskqueue hub --workflow_type backfill --workflow_id backfill/mailplus-1/contacts --input \'{"connectorId":"mailplus-1","dataType":"contacts","from":"2020-01-01"}\'');
  });

  it('adds what the hub itself needs to reach the Temporal server, and no secret', async () => {
    const commandLine = { temporal: ['--tls-ca-path', 'ca.pem'], tctl: ['--tls_ca_path', 'ca.pem'], secrets: ['TEMPORAL_API_KEY'] };
    const other = await startGateway({ settings: { temporalAddress: 'temporal.example:7233', temporalNamespace: 'hub', temporalCommandLine: commandLine } });
    const headers = other.bearer(await other.token('admin'));
    await other.app.inject({ method: 'POST', url: '/api/v1/connectors', headers, payload: { platform: 'mailplus', credentials: { consumerKey: 'k', consumerSecret: 's' } } });
    const how = (await other.app.inject({ url: '/api/v1/connectors/mailplus-1/backfill/how', headers })).json();
    await other.stop();
    expect(how.secrets).toEqual(['TEMPORAL_API_KEY']);
    expect(how.temporal).toContain('temporal workflow start --address temporal.example:7233 --namespace hub --tls-ca-path ca.pem --task-queue');
    expect(how.tctlSignal).toContain('TEMPORAL_CLI_AUTH="Bearer $TEMPORAL_API_KEY" tctl --address temporal.example:7233 --namespace hub --tls_ca_path ca.pem workflow signal');
  });

  it('says what is wrong with a type or a date before anything starts', async () => {
    expect((await call('GET', '/connectors/mailplus-1/backfill/how?dataType=orders')).json().error).toMatchObject({ code: 'NOT_IMPORTED', message: expect.stringContaining('imports: ') });
    expect((await call('GET', '/connectors/mailplus-1/backfill/how?dataType=cats')).json().error).toMatchObject({ code: 'REQUEST_INVALID', field: 'dataType' });
    expect((await call('GET', '/connectors/mailplus-1/backfill/how?from=yesterday')).json().error).toMatchObject({ code: 'REQUEST_INVALID', field: 'from' });
    expect((await call('GET', '/connectors/mailplus-1/backfill/how?dataType=activities')).json().error).toMatchObject({ code: 'REQUEST_INVALID', field: 'from' });
  });
});

describe('a refusal inside the workflow', () => {
  it('comes back with its own code and sentence', async () => {
    const refuse = async (): Promise<never> => {
      throw new WorkflowUpdateFailedError('refused', ApplicationFailure.nonRetryable('A backfill of contacts runs: backfill/coins-1/contacts.', 'BACKFILL_RUNNING'));
    };
    const refusing = await startGateway({ parts: { commands: { start: async () => undefined, pause: refuse, resume: refuse, remove: refuse, startBackfill: refuse, retryFailed: refuse, skipFailed: refuse, rematch: refuse, remap: refuse } satisfies ConnectorCommands } });
    try {
      const headers = refusing.bearer(await refusing.token('admin'));
      await refusing.app.inject({ method: 'POST', url: '/api/v1/connectors', headers, payload: { platform: 'coins', settings: { baseUrl: 'http://coins.example' }, credentials: { apiToken: 't' } } });
      const answer = await refusing.app.inject({ method: 'POST', url: '/api/v1/connectors/coins-1/backfill', headers, payload: {} });
      expect([answer.statusCode, answer.json().error]).toMatchObject([409, { code: 'BACKFILL_RUNNING', message: 'A backfill of contacts runs: backfill/coins-1/contacts.' }]);
    } finally {
      await refusing.stop();
    }
  });
});
