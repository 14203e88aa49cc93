import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { beginReading, storePage } from '../../db/repositories/reports/lists.ts';
import { endLook, noteRound, saveDetails, saveMailings, saveStatistics, saveTrendReports } from '../../db/repositories/reports/mailings.ts';
import type { ReportList, ReportRow } from '../../domain/reports/report.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { hub as runHub, openCliHome, type CliHome, type CliResult } from '../support/cli-fixture.ts';

let opened: CliHome;
let viewer: string;
const scope = { accountId: 'main', connectorId: 'mailplus-1' };
const now = '2026-11-20T12:00:00.000Z';

beforeAll(async () => {
  opened = await openCliHome({ platforms: { mailplus } });
  const { gateway } = opened;
  viewer = await gateway.token('viewer');
  const { db } = gateway;
  await sql`insert into connector (id, account_id, platform, class, preset, name, settings, credentials, credential_key, phase) values
    ('mailplus-1', 'main', 'mailplus', 'marketing-automation', 'marketing-automation', 'm', '{"reports":"on"}', '{}', 'k1', 'live'),
    ('mailplus-2', 'main', 'mailplus', 'marketing-automation', 'marketing-automation', 'm', '{}', '{}', 'k2', 'live')`.execute(db);
  await sql`insert into record (account_id, id, data_type, canonical, provenance) select 'main', n, 'contacts', '{}', '{}' from generate_series(1, 2) n`.execute(db);
  await sql`insert into link (account_id, connector_id, data_type, external_id, alternate_id, record_id, held) values
    ('main', 'mailplus-1', 'contacts', 'c1', null, 1, '{}'), ('main', 'mailplus-1', 'contacts', 'enc:k2', 'k2', 2, '{}')`.execute(db);
  await saveMailings(db, scope, [
    { externalId: 'm1', kind: 'mailing', name: 'Spring', channel: 'email', scheduledAt: '2026-11-19T10:00:00.000Z', sentCount: 3, url: 'https://news.example/m1' },
    { externalId: 'm2', kind: 'mailing', name: 'Text', channel: 'sms', scheduledAt: '2026-11-18T10:00:00.000Z', sentCount: 1 },
    { externalId: 'w1', kind: 'campaign', name: 'Welcome 1', channel: 'email', campaign: { externalId: 'w', name: 'Welcome', active: true } },
  ], { now, listed: { from: '2026-10-21T12:00:00.000Z', to: now } });
  const { id } = await db.selectFrom('report_mailing').select('id').where('external_id', '=', 'm1').executeTakeFirstOrThrow();
  await saveDetails(db, id, { subject: 'It is spring', targetGroup: 'Everybody', links: [{ id: 8, name: 'Shop', url: 'https://shop.example/' }, { id: 9, name: 'Blog', url: 'https://blog.example/' }] });
  await saveStatistics(db, id, { sentCount: 3, openCount: 2, openRenderedCount: 2, clickCount: 1, hardbounceCount: 1, softbounceCount: 0 }, now);
  const c1 = { contactKey: 'k1', contactExternalId: 'c1' };
  await store(id, 'recipients', [c1, { contactKey: 'k2' }, { contactKey: 'k3', contactExternalId: 'c3' }]);
  await store(id, 'opens', [{ ...c1, at: '2026-11-19T11:00:00.000Z' }, { ...c1, at: '2026-11-19T12:00:00.000Z' }, { contactKey: 'k2', at: '2026-11-19T11:30:00.000Z' }], 1);
  await store(id, 'clicks', [{ ...c1, at: '2026-11-19T11:01:00.000Z', linkId: 8 }, { ...c1, at: '2026-11-19T11:02:00.000Z', linkId: 8 }]);
  await store(id, 'bounces', [{ contactKey: 'k3', contactExternalId: 'c3', at: '2026-11-19T10:05:00.000Z', bounce: 'hard' }]);
  await endLook(db, id, { readAt: now, dueAt: '2026-11-20T13:00:00.000Z', since: '2026-11-19T10:00:00.000Z', problem: null });
  await noteRound(db, scope, { readAt: now });
  await saveTrendReports(db, scope, [{ id: 4, name: 'Newsletter', enabled: true, target: 'B2C', mailingCount: 12 }], now);

  async function store(mailingId: number, list: ReportList, rows: readonly ReportRow[], unreadable = 0): Promise<void> {
    const reading = { list, windowFrom: null, windowTo: null };
    await beginReading(db, 'main', mailingId, reading, '1');
    await storePage(db, { ...scope, mailingId }, { ...reading, after: 0 }, { rows, unreadable }, now);
  }
});
afterAll(() => opened.close());

const get = async (path: string, token = viewer) => (await opened.gateway.app.inject({ url: `/api/v1/reports/${path}`, headers: opened.gateway.bearer(token) })).json();
const hub = (...args: readonly string[]): Promise<CliResult> => runHub({ homeDirectory: opened.home }, 'report', ...args);

describe('the list of mailings', () => {
  it('is the newest first, page by page, with the connectors whose reports are pulled and are not', async () => {
    const first = await get('mailings?limit=2');
    expect(first.mailings.map(({ id }: { id: string }) => id)).toEqual(['w1', 'm1']);
    expect(first.mailings[1]).toMatchObject({ statistics: { openCount: 2 }, lists: { opens: { lines: 3, readAt: now, reading: false, unreadable: 1 } }, dueAt: '2026-11-20T13:00:00.000Z', problem: null });
    expect(await get(`mailings?limit=2&cursor=${first.next}`)).toMatchObject({ mailings: [{ id: 'm2', channel: 'sms', lists: { recipients: { lines: 0, readAt: null } } }], next: null });
    expect(first.connectors).toEqual([
      { connectorId: 'mailplus-1', on: true, listedFrom: '2026-10-21T12:00:00.000Z', readAt: now, problem: null }, { connectorId: 'mailplus-2', on: false, listedFrom: null, readAt: null, problem: null },
    ]);
    expect((await get('mailings?from=2026-11-19&to=2026-11-20')).mailings).toMatchObject([{ id: 'm1' }]);
    expect((await get('mailings?connector=mailplus-2')).mailings).toEqual([]);
  });

  it.each([['mailings?limit=0', 'limit'], ['mailings?cursor=nonsense', 'cursor'], ['mailings?cursor=WzEsMl0', 'cursor'], ['mailings/m1/opens?cursor=WzEsMl0', 'cursor'], ['mailings/m1/friends', 'list']])('refuses %s, and names the field', async (path, field) => {
    expect((await get(path)).error).toMatchObject({ code: 'REQUEST_INVALID', field: expect.stringContaining(field) });
  });
});

describe('the report of a mailing', () => {
  it('has what the platform counts, with its time, beside what is stored', async () => {
    expect(await get('mailings/m1')).toMatchObject({
      name: 'Spring', subject: 'It is spring', targetGroup: 'Everybody', statistics: { sentCount: 3, openCount: 2 }, statisticsAt: now, contacts: { opens: 2, clicks: 1, bounces: 1 },
      links: [{ id: 8, name: 'Shop', clicks: 2, contacts: 1 }, { id: 9, clicks: 0, contacts: 0 }], lists: { recipients: { lines: 3 }, clicks: { lines: 2 } },
    });
    expect(await get('mailings/w1')).toMatchObject({ kind: 'campaign', campaign: { name: 'Welcome', active: true }, statistics: null, links: [] });
  });

  it('lists its contacts by record, by either id, page by page without a line twice', async () => {
    expect((await get('mailings/m1/recipients')).lines).toEqual([
      { contact: 'c1', recordId: 1, at: null, run: null, link: null, bounce: null }, { contact: 'enc:k2', recordId: 2, at: null, run: null, link: null, bounce: null },
      { contact: 'c3', recordId: null, at: null, run: null, link: null, bounce: null },
    ]);
    const seen: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { lines, next }: { lines: { contact: string; at: string }[]; next: string | null } = await get(`mailings/m1/opens?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
      expect(lines).toHaveLength(1);
      seen.push(...lines.map(({ contact, at }) => `${contact} ${at.slice(11, 16)}`));
      cursor = next;
    }
    expect(seen).toEqual(['c1 11:00', 'c1 12:00', 'enc:k2 11:30']);
    expect((await get('mailings/m1/clicks')).lines[0]).toMatchObject({ link: { id: 8, name: 'Shop' } });
    expect((await get('mailings/m1/bounces')).lines).toMatchObject([{ contact: 'c3', bounce: 'hard' }]);
    expect((await get('mailings/m2/recipients'))).toEqual({ lines: [], next: null });
  });

  it('that is not there says what to do', async () => {
    const { error } = await get('mailings/nope');
    expect(error).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('«nope»'), fix: expect.stringContaining('hub report mailings') });
  });

  it('asks which connector is meant when two have the mailing, and shows nothing of another account', async () => {
    const { db } = opened.gateway;
    await saveMailings(db, { ...scope, connectorId: 'mailplus-2' }, [{ externalId: 'm2', kind: 'mailing', name: 'Text', channel: 'sms' }], { now });
    expect((await get('mailings/m2')).error).toMatchObject({ code: 'REQUEST_INVALID', field: 'connector' });
    expect(await get('mailings/m2?connector=mailplus-2')).toMatchObject({ connectorId: 'mailplus-2' });
    await db.deleteFrom('report_mailing').where('connector_id', '=', 'mailplus-2').execute();
    const stranger = await opened.gateway.token('viewer', { accountId: 'other' });
    expect(await get('mailings', stranger)).toEqual({ mailings: [], next: null, connectors: [] });
    expect((await get('mailings/m1', stranger)).error.code).toBe('NOT_FOUND');
    expect(await get('trends', stranger)).toEqual({ trends: [], connectors: [] });
  });
});

describe('a page that another pull has stored already', () => {
  it('is not stored again, and its progress stays', async () => {
    const { db } = opened.gateway;
    const { id } = await db.selectFrom('report_mailing').select('id').where('external_id', '=', 'm2').executeTakeFirstOrThrow();
    const reading = { list: 'recipients' as const, windowFrom: null, windowTo: null, after: 0 };
    await beginReading(db, 'main', id, reading, '1');
    const page = { rows: [{ contactKey: 'k1', contactExternalId: 'c1' }], unreadable: 0, next: 1 };
    expect([await storePage(db, { ...scope, mailingId: id }, reading, page, now), await storePage(db, { ...scope, mailingId: id }, reading, page, now)]).toEqual([1, null]);
    expect(await storePage(db, { ...scope, mailingId: id }, { ...reading, after: 1 }, { rows: page.rows, unreadable: 0 }, now)).toBe(0);
    expect(await get('mailings/m2')).toMatchObject({ lists: { recipients: { lines: 1, readAt: now, reading: false } } });
  });
});

describe('reports on the command line', () => {
  it('are for a person to read, and documents with --json', async () => {
    const list = await hub('mailings');
    expect(list.out).toMatch(/m1\s+│ Spring\s+│ email\s+│ 2026-11-19 10:00:00\s+│ 3\s+│ 2\s+│ 1\s+│ 1\s+│ followed/);
    expect(list.out).toContain('mailplus-2: reports are not pulled. Switch them on with: hub connector set mailplus-2 --set reports=on');
    const { out } = await hub('mailing', 'm1');
    expect(out).toMatch(/counted \(UTC\)\s+2026-11-20 12:00:00/);
    expect(out).toMatch(/opens\s+│ 2\s+│ 2\s+│ 3\s+│ 2026-11-20 12:00:00\s+│ 1 could not be read/);
    expect((await hub('mailing', 'm1', '--list', 'clicks', '--limit', '1')).out).toMatch(/c1\s+│ 1\s+│ 2026-11-19 11:01:00\s+│ Shop[\s\S]+There is more: --cursor /);
    expect((await hub('trends')).out).toMatch(/4\s+│ mailplus-1\s+│ Newsletter\s+│ yes\s+│ B2C\s+│\s+│ 12/);
    expect(JSON.parse((await hub('mailing', 'm1', '--json')).out)).toMatchObject({ id: 'm1' });
  });

  it('say what to do about a mailing that is not there, and refuse wrong numbers before anything is asked', async () => {
    expect(await hub('mailing', 'nope')).toMatchObject({ code: 1, err: expect.stringContaining('hub report mailings') });
    expect((await hub('mailings', '--limit', 'all')).code).toBe(2);
    expect((await hub('mailing', 'm1', '--list', 'friends')).code).toBe(2);
  });
});
