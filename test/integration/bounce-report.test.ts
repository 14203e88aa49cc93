import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { hub as runHub, openCliHome, type CliHome, type CliResult } from '../support/cli-fixture.ts';

let opened: CliHome;
let operator: string;
let viewer: string;

beforeAll(async () => {
  opened = await openCliHome();
  const { gateway } = opened;
  [operator, viewer] = [await gateway.token('operator'), await gateway.token('viewer')];
  const { db } = gateway;
  await sql`insert into connector (id, account_id, platform, class, preset, name, settings, credentials, credential_key, phase) values
    ('mailplus-1', 'main', 'mailplus', 'marketing-automation', 'marketing-automation', 'm', '{}', '{}', 'k1', 'live'),
    ('coins-1', 'main', 'coins', 'crm', 'crm', 'c', '{}', '{}', 'k2', 'live')`.execute(db);
  await sql`insert into record (account_id, id, data_type, canonical, provenance) select 'main', n, 'contacts', '{}', '{}' from generate_series(1, 6) n`.execute(db);
  await sql`insert into bounce_case (account_id, record_id, connector_id, contact_external_id, cause, kind, bounces, bounced_at, last_bounced_at, address, opened_at, resolved_at, resolution) values
    ('main', 1, 'mailplus-1', '1', 'b1', 'hard', 1, '2026-09-30', '2026-09-30', 'x', '2026-10-01T00:00:00Z', '2026-10-03T00:00:00Z', 'address-changed'),
    ('main', 2, 'mailplus-1', '2', 'b2', 'soft', 4, '2026-10-01', '2026-10-01', 'x', '2026-10-02T00:00:00Z', '2026-10-03T00:00:00Z', 'mail-arrived'),
    ('main', 3, 'mailplus-1', '3', 'b3', 'hard', 2, '2026-10-01', '2026-10-02', 'x', '2026-10-02T00:00:00Z', '2026-10-08T00:00:00Z', 'by-hand'),
    ('main', 3, 'mailplus-1', '3', 'b3b', 'hard', 2, '2026-10-01', '2026-10-02', 'x', '2026-10-02T00:00:00Z', '2026-10-30T00:00:00Z', 'joined'),
    ('main', 4, 'mailplus-1', '4', 'b4', 'hard', 1, '2026-08-01', '2026-08-01', 'x', '2026-08-01T00:00:00Z', null, null),
    ('main', 5, 'mailplus-1', '5', 'b5', 'hard', 3, '2026-10-05', '2026-10-09', 'x', '2026-10-06T00:00:00Z', null, null),
    ('main', 6, 'mailplus-1', '6', 'b6', 'hard', 1, '2026-07-01', '2026-07-01', 'x', '2026-07-01T00:00:00Z', '2026-07-02T00:00:00Z', 'contact-gone')`.execute(db);
  await sql`insert into action (account_id, connector_id, kind, target, cause, payload, state, code, reason)
    select 'main', 'coins-1', 'task.create', 'P' || record_id, 'bounce-case/' || id, '{}', case record_id when 4 then 'done' else 'skipped' end,
      case record_id when 4 then null else 'PLATFORM_NOT_LICENSED' end, case record_id when 4 then null else 'no tasks in this licence' end
    from bounce_case where record_id in (1, 4, 5)`.execute(db);
});
afterAll(() => opened.close());

const get = async (query = '', token = viewer) => (await opened.gateway.app.inject({ url: `/api/v1/reports/bounces${query}`, headers: opened.gateway.bearer(token) })).json();
const resolve = (id: number | string, token = operator) => opened.gateway.app.inject({ method: 'POST', url: `/api/v1/bounces/${id}/resolve`, headers: opened.gateway.bearer(token), payload: {} });
const october = '?from=2026-10-01&to=2026-11-01';
const hub = (...args: readonly string[]): Promise<CliResult> => runHub({ homeDirectory: opened.home }, ...args);
const caseOf = async (cause: string) => (await opened.gateway.db.selectFrom('bounce_case').select(['id', 'resolution']).where('cause', '=', cause).executeTakeFirstOrThrow());

describe('the report of bounces', () => {
  it('shows what is open, and of a period what was opened and resolved in what time', async () => {
    expect(await get(october)).toMatchObject({
      from: '2026-10-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z', openNow: 2, oldestOpenAt: '2026-08-01T00:00:00.000Z', opened: 4,
      resolved: { total: 3, addressChanged: 1, mailArrived: 1, contactGone: 0, byHand: 1 },
      timeToResolve: { medianSeconds: 2 * 86_400, averageSeconds: 3 * 86_400, longestSeconds: 6 * 86_400 },
    });
  });

  it('counts nothing of a period in which nothing happened, and still shows what is open', async () => {
    expect(await get('?from=2020-01-01&to=2020-02-01')).toMatchObject({
      openNow: 2, opened: 0, resolved: { total: 0 }, timeToResolve: { medianSeconds: null, averageSeconds: null, longestSeconds: null }, cases: [{ contact: '5' }, { contact: '4' }],
    });
  });

  it('lists open ones first, then the newest, with their tasks', async () => {
    const { cases } = await get(october);
    expect(cases.map(({ contact }: { contact: string }) => contact)).toEqual(['5', '4', '3', '2', '1']);
    expect(cases[1]).toMatchObject({ kind: 'hard', bounces: 1, resolution: null, tasks: [{ connectorId: 'coins-1', target: 'P4', state: 'done' }] });
    expect((await get(`${october}&state=resolved&limit=1&offset=1`)).cases).toMatchObject([{ contact: '2', resolution: 'mail-arrived' }]);
    expect((await get(`${october}&limit=0`)).cases).toEqual([]);
  });

  it('says which CRM has which tasks, and that one has none in its licence', async () => {
    expect((await get(october)).tasks).toEqual([{ connectorId: 'coins-1', made: 1, waiting: 0, failed: 0, notLicensed: 1, setAside: 0, without: 0, note: expect.stringContaining('as an activity only') }]);
  });

  it('says of a CRM whose platform takes no tasks that a bounce is an activity there only', async () => {
    const { db } = opened.gateway;
    await sql`insert into connector (id, account_id, platform, class, preset, name, settings, credentials, credential_key, phase) values ('tribe-1', 'main', 'tribe', 'crm', 'crm', 't', '{}', '{}', 'k3', 'live')`.execute(db);
    const { tasks } = await get(october);
    await db.updateTable('connector').set({ phase: 'removed' }).where('id', '=', 'tribe-1').execute();
    expect(tasks[1]).toEqual({ connectorId: 'tribe-1', made: 0, waiting: 0, failed: 0, notLicensed: 0, setAside: 0, without: 2, note: 'tribe takes no tasks: a bounce stands there as an activity only.' });
    expect((await get(october)).tasks).toHaveLength(1);
  });

  it('shows nothing of another account', async () => {
    const stranger = await opened.gateway.token('viewer', { accountId: 'other' });
    expect(await get(october, stranger)).toMatchObject({ openNow: 0, opened: 0, tasks: [], cases: [] });
  });

  it.each([['?from=2026-11-02&to=2026-11-01', 'from'], ['?from=yesterday', 'from'], ['?limit=1001', 'limit'], ['?state=lost', 'state']])('refuses %s, and names the field', async (query, field) => {
    expect((await get(query)).error).toMatchObject({ code: 'REQUEST_INVALID', field: expect.stringContaining(field) });
  });
});

describe('the report on the command line', () => {
  it('is for a person to read, and one document with --json', async () => {
    const { code, out } = await hub('report', 'bounces', '--from', '2026-10-01', '--to', '2026-11-01');
    expect(code).toBe(0);
    expect(out).toMatch(/open now\s+2\n/);
    expect(out).toMatch(/resolved\s+3 \(1 address changed, 1 mail arrived, 1 by hand\)/);
    expect(out).toMatch(/time to resolve\s+median 2 d, average 3 d, longest 6 d/);
    expect(out).toMatch(/coins-1 P4: made/);
    expect(out).toMatch(/no tasks in its licence/);
    expect(JSON.parse((await hub('report', 'bounces', '--json', '--state', 'open')).out)).toMatchObject({ openNow: 2 });
  });

  it('refuses wrong numbers and ids before anything is asked', async () => {
    expect((await hub('report', 'bounces', '--limit', '1001')).code).toBe(2);
    expect((await hub('bounces', 'resolve', 'P1')).code).toBe(2);
  });
});

describe('resolving by hand', () => {
  it('ends an open case once, is in the audit, and is not for a viewer', async () => {
    const { id } = await caseOf('b5');
    expect((await resolve(id, viewer)).json().error.code).toBe('TOKEN_NOT_ALLOWED');
    expect((await resolve(id)).json()).toEqual({ message: `Bounce ${id} is resolved.` });
    expect(await caseOf('b5')).toMatchObject({ resolution: 'by-hand' });
    expect((await resolve(id)).json().error.code).toBe('NOT_FOUND');
    const audit = await opened.gateway.db.selectFrom('audit').select(['what', 'details']).where('what', '=', 'bounce.resolved').execute();
    expect(audit).toEqual([{ what: 'bounce.resolved', details: { caseId: id } }]);
  });

  it('ends none of another account, and none by a word', async () => {
    const stranger = await opened.gateway.token('operator', { accountId: 'other' });
    const { id } = await caseOf('b4');
    expect((await resolve(id, stranger)).json().error.code).toBe('NOT_FOUND');
    expect((await resolve('all')).json().error.code).toBe('REQUEST_INVALID');
    expect(await caseOf('b4')).toMatchObject({ resolution: null });
    expect((await hub('bounces', 'resolve', String(id))).out).toContain(`Bounce ${id} is resolved.`);
    expect(await caseOf('b4')).toMatchObject({ resolution: 'by-hand' });
  });
});
