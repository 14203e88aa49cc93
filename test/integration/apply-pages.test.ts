import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import { inAccount } from '../../db/database.ts';
import { mergePending, type MergeScope } from '../../db/repositories/merge/merge-records.ts';
import { mergeRecords } from '../../activities/merge.ts';
import { loadApplyContext } from '../../activities/apply-context.ts';
import { loadConnector } from '../../activities/connector-context.ts';
import { applyCards, rowsOf } from '../support/apply-cards.ts';
import { consent, openWorld, type CardFacts, type HubWorld } from '../support/hub-world.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
const tables = ['record', 'source_record', 'match_key', 'link', 'delivery', 'consent_event', 'record_change', 'merge_request', 'excluded_row'];
let world: HubWorld;
let scenes = 0;
const scene = () => {
  scenes += 1;
  const number = scenes;
  return { mail: (name: string | number) => `${name}.${number}@example.test`, id: (name: string | number) => `${name}-${number}` };
};
const db = () => world.pipeline.deps.db;

beforeAll(async () => { world = await openWorld({ coins: 2 }); });
afterAll(() => world.close());

/** Every row of the tables that a page writes, as text. */
async function everything(): Promise<Record<string, string>> {
  const dump: Record<string, string> = {};
  for (const table of tables) {
    const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.table(table)} t order by 1`.execute(db());
    dump[table] = rows.map(({ row }) => row).join('\n');
  }
  return dump;
}

async function mergeScope() {
  const context = await loadApplyContext(world.pipeline.deps, await loadConnector(world.pipeline.deps, 'coins-1'));
  return { ...context, now: new Date().toISOString(), faultPoint: () => Promise.resolve() };
}

const mergeAll = (scope: MergeScope) => mergePending(db(), scope, () => true);

async function recordOf(id: string): Promise<number | undefined> {
  return (await db().selectFrom('source_record').select('record_id').where('external_id', '=', id).executeTakeFirst())?.record_id;
}

describe('a page', () => {
  it('changes nothing when it comes again, whatever is on it', async () => {
    const { mail, id } = scene();
    const cards: CardFacts[] = [
      { prospectId: id('A'), email: mail('a'), consents: consent(true, at(1)) },
      { prospectId: id('B'), email: mail('a'), consents: consent(false, at(2)) },
      { prospectId: id('C'), email: mail('c'), consents: consent(true, '2099-01-01T00:00:00.000Z') },
      { prospectId: id('D'), mobile: '+447700900123', consents: consent(false, null) },
      { prospectId: id('A'), email: mail('a'), forename: 'Ann', lastModified: at(3) },
    ];
    const first = await applyCards(world, 'coins-1', cards);
    expect(first).toMatchObject({ created: 3 });
    const before = await everything();
    const second = await applyCards(world, 'coins-1', cards);
    expect(second).toMatchObject({ created: 0, changed: 0, raisedFor: [] });
    expect(await everything()).toEqual(before);
  });

  it('may be empty', async () => {
    const before = await everything();
    expect(await applyCards(world, 'coins-1', [])).toEqual({ created: 0, changed: 0, unchanged: 0, excluded: 0, mergesRequested: 0, raisedFor: [], recheck: [] });
    expect(await everything()).toEqual(before);
  });

  it('is nothing at all when what belongs to it fails', async () => {
    const { mail, id } = scene();
    const before = await everything();
    const broken = () => Promise.reject(new Error('the progress cannot be stored'));
    await expect(applyCards(world, 'coins-1', [{ prospectId: id('A'), email: mail('a') }], { progress: broken })).rejects.toThrow('the progress cannot be stored');
    expect(await everything()).toEqual(before);
  });

  it('creates nobody unless a list sync brought it, and lists who was left out', async () => {
    const { mail, id } = scene();
    await applyCards(world, 'coins-1', [{ prospectId: id('A'), email: mail('a') }]);
    const cards = [{ prospectId: id('A'), email: mail('a'), forename: 'Ann', lastModified: at(5) }, { prospectId: id('B'), email: mail('b') }];
    expect(await applyCards(world, 'coins-1', cards, { isPushed: false, mayCreate: false })).toMatchObject({ created: 0, changed: 1, excluded: 1 });
    expect(await recordOf(id('B'))).toBeUndefined();
    const listed = await db().selectFrom('excluded_row').select('reason').where('external_id', '=', id('B')).executeTakeFirst();
    expect(listed?.reason).toBe('created only by a list sync');
    await applyCards(world, 'coins-1', cards);
    expect(await recordOf(id('B'))).toBeDefined();
    expect(await db().selectFrom('excluded_row').selectAll().where('external_id', '=', id('B')).execute()).toEqual([]);
  });

  it('takes texts of any length, and leaves out what PostgreSQL cannot store', async () => {
    const { mail, id } = scene();
    const long = Array.from({ length: 200_000 }, (_, i) => String.fromCharCode(97 + ((i * 7919) % 26))).join('');
    await world.sync('coins-1', [
      { prospectId: id('A'), email: mail('a'), forename: `An\u0000n`, surname: long, address: { line1: '\ud800', line2: '', town: long, county: '', postcode: '', country: '' } },
      { prospectId: id('B'.repeat(190)), email: mail('b'), mobile: '0'.repeat(100_000), consents: consent(true, at(1)) },
    ]);
    const { rows } = await sql<{ first: string; last: number; line: string }>`
      select r.canonical->>'firstName' as first, length(r.canonical->>'lastName') as last, r.canonical->>'addressLine1' as line from record r where r.email = ${mail('a')}`.execute(db());
    expect(rows).toEqual([{ first: 'Ann', last: long.length, line: '\ufffd' }]);
    expect(await recordOf(id('B'.repeat(190)))).toBeDefined();
    await world.settle();
    expect(world.contact(mail('b'))).toBeDefined();
  });

  it('sees and changes nothing of another account', async () => {
    const { mail, id } = scene();
    await applyCards(world, 'coins-1', [{ prospectId: id('A'), email: mail('a') }]);
    await db().insertInto('account').values({ id: 'other', name: 'Other' }).onConflict((c) => c.doNothing()).execute();
    const before = await everything();
    await expect(applyCards(world, 'coins-1', [{ prospectId: id('A'), email: mail('a'), forename: 'Theirs', lastModified: at(9) }], { accountId: 'other' })).rejects.toThrow();
    expect(await everything()).toEqual(before);
    const visible = await inAccount(db(), 'other', async (trx) => Promise.all(tables.map(async (table) => (await sql`select 1 from ${sql.table(table)}`.execute(trx)).rows.length)));
    expect(visible).toEqual(tables.map(() => 0));
    await mergeAll({ ...(await mergeScope()), accountId: 'other' });
    expect(await everything()).toEqual(before);
  });

  it('keeps accounts apart that know the same people by the same ids', async () => {
    const { mail, id } = scene();
    await db().insertInto('account').values({ id: 'twin', name: 'Twin' }).execute();
    await db().insertInto('connector').values({ id: 'coins-twin', account_id: 'twin', platform: 'coins', class: 'crm', preset: 'crm', name: 'Twin', settings: '{}', credentials: '', credential_key: 'twin', phase: 'live' }).execute();
    const cards = (forename: string, minute: number) => [
      { prospectId: id('A'), email: mail('a'), forename, consents: consent(forename === 'Ann', at(minute)), lastModified: at(minute) }, { prospectId: id('B'), email: mail('b'), lastModified: at(minute) },
    ];
    await applyCards(world, 'coins-1', cards('Ann', 1));
    const before = await everything();
    const twin = { accountId: 'twin', connectorId: 'coins-twin', exports: [], activityExports: [], reflecting: new Set<string>() };
    await applyCards(world, 'coins-1', cards('Eve', 9), twin);
    await applyCards(world, 'coins-1', [{ prospectId: id('A'), email: mail('b'), forename: 'Eve', lastModified: at(10) }], twin);
    await mergeAll({ ...(await mergeScope()), ...twin });
    const after = await everything();
    const linesOf = (dump: Record<string, string>) => tables.flatMap((table) => (dump[table] ?? '').split('\n'));
    expect(new Set(linesOf(after))).toEqual(new Set([...linesOf(after), ...linesOf(before)]));
    const { rows } = await sql`select r.account_id, r.canonical->>'firstName' as name from source_record s join record r on r.id = s.record_id where s.external_id = ${id('A')} order by 1`.execute(db());
    expect(rows).toEqual([{ account_id: 'default', name: 'Ann' }, { account_id: 'twin', name: 'Eve' }]);
  });
});

describe('pages side by side', () => {
  it('end without a deadlock that lasts, eight in flight with the same addresses in other orders', async () => {
    const { mail, id } = scene();
    const people = Array.from({ length: 60 }, (_, i) => i);
    const pages = Array.from({ length: 40 }, (_, page) => people.map((_, i) => {
      const who = people[(i * (page % 7 + 1) + page) % people.length] ?? 0;
      return { prospectId: id(`${page % 8}/${who}`), email: mail((who * 13 + page) % 30), lastModified: at(page) };
    }));
    const queue = [...pages];
    const worker = async () => { for (let page = queue.shift(); page !== undefined; page = queue.shift()) await applyCards(world, 'coins-1', page); };
    await Promise.all(Array.from({ length: 8 }, worker));
    await world.settle();
    const newest = new Map<string, { at: string; email: string }>();
    for (const row of pages.flat()) {
      const known = newest.get(row.prospectId);
      if (known === undefined || row.lastModified > known.at) newest.set(row.prospectId, { at: row.lastModified, email: row.email });
    }
    const { rows } = await sql<{ external_id: string; record_id: number; email: string }>`
      select external_id, record_id, canonical->>'email' as email from source_record where external_id like ${`%-${scenes}`}`.execute(db());
    const recordByEmail = new Map<string, number>();
    for (const row of rows) {
      const email = newest.get(row.external_id)?.email ?? '';
      if (!recordByEmail.has(email)) recordByEmail.set(email, row.record_id);
      expect(recordByEmail.get(email)).toBe(row.record_id);
    }
    expect(rows).toHaveLength(newest.size);
    expect(new Set(recordByEmail.values()).size).toBe(recordByEmail.size);
  });

  it('and a merge of the same records leave one record with all sources', async () => {
    const { mail, id } = scene();
    for (let round = 0; round < 10; round += 1) {
      const a = (minute: number, email: string) => ({ prospectId: id(`A${round}`), email, lastModified: at(minute) });
      const b = (minute: number, forename: string) => ({ prospectId: id(`B${round}`), email: mail(`b${round}`), forename, lastModified: at(minute) });
      await applyCards(world, 'coins-1', [a(1, mail(`a${round}`)), b(1, '')]);
      await applyCards(world, 'coins-1', [a(2, mail(`b${round}`))]);
      const scope = await mergeScope();
      await Promise.all([
        mergeAll(scope), applyCards(world, 'coins-1', [a(3, mail(`b${round}`)), b(3, 'Bea')]), mergeAll(scope),
        applyCards(world, 'coins-2', [{ prospectId: id(`C${round}`), email: mail(`b${round}`) }]), applyCards(world, 'coins-1', [b(4, 'Bee')]),
      ]);
      await mergeAll(scope);
      const records = await Promise.all(['A', 'B', 'C'].map((name) => recordOf(id(`${name}${round}`))));
      expect(new Set(records).size).toBe(1);
    }
  });
});

describe('a merge', () => {
  it('that is cut off in the middle leaves nothing half done, and is carried out the next time', async () => {
    const { mail, id } = scene();
    await applyCards(world, 'coins-1', [{ prospectId: id('A'), email: mail('a'), consents: consent(true, at(1)) }, { prospectId: id('B'), email: mail('b'), consents: consent(false, at(2)) }]);
    await world.settle();
    await applyCards(world, 'coins-1', [{ prospectId: id('A'), email: mail('b'), lastModified: at(3) }]);
    const before = await everything();
    const scope = await mergeScope();
    await expect(mergeAll({ ...scope, faultPoint: () => Promise.reject(new Error('killed')) })).rejects.toThrow('killed');
    expect(await everything()).toEqual(before);
    expect(await mergeAll(scope)).toMatchObject({ merged: 1, raisedFor: expect.arrayContaining(['mailplus-1']) as unknown });
    expect(await recordOf(id('A'))).toBe(await recordOf(id('B')));
    expect(await mergeAll(scope)).toMatchObject({ merged: 0, dropped: 0 });
  });

  it('of three records goes on to the third, in whatever order they are found', async () => {
    const { mail, id } = scene();
    await applyCards(world, 'coins-1', ['A', 'B', 'C'].map((name) => ({ prospectId: id(name), email: mail(name.toLowerCase()) })));
    await applyCards(world, 'coins-1', [{ prospectId: id('A'), email: mail('b'), lastModified: at(1) }, { prospectId: id('B'), email: mail('c'), lastModified: at(1) }]);
    await applyCards(world, 'coins-1', [{ prospectId: id('A'), email: mail('c'), lastModified: at(2) }]);
    await world.pipeline.merge();
    expect(new Set(await Promise.all(['A', 'B', 'C'].map((name) => recordOf(id(name))))).size).toBe(1);
  });

  it('is carried out in parts: one at least each time, and it is said whether any is left', async () => {
    const { mail, id } = scene();
    const names = ['A', 'B', 'C', 'D'] as const;
    await applyCards(world, 'coins-1', names.map((name) => ({ prospectId: id(name), email: mail(name) })));
    await applyCards(world, 'coins-1', names.map((name) => ({ prospectId: id(name), email: mail('A'), lastModified: at(1) })));
    const { deps } = world.pipeline;
    let nowMs = Date.now();
    const part = (forMs: number) => new MockActivityEnvironment().run(() => mergeRecords({ ...deps, now: () => (nowMs += 1_000) }, 'default', forMs)) as ReturnType<typeof mergeRecords>;
    expect(await part(0)).toMatchObject({ merged: 1, more: true, raisedFor: expect.arrayContaining(['mailplus-1']) as unknown });
    expect(await part(60_000)).toMatchObject({ merged: 2, more: false });
    expect(await part(0)).toEqual({ merged: 0, raisedFor: [], more: false });
    expect(new Set(await Promise.all(names.map((name) => recordOf(id(name))))).size).toBe(1);
  });

  it('stops between two when its activity is cancelled', async () => {
    const { mail, id } = scene();
    const names = ['A', 'B', 'C'] as const;
    await applyCards(world, 'coins-1', names.map((name) => ({ prospectId: id(name), email: mail(name) })));
    await applyCards(world, 'coins-1', names.map((name) => ({ prospectId: id(name), email: mail('A'), lastModified: at(1) })));
    const env = new MockActivityEnvironment();
    const faultPoint = () => Promise.resolve(env.cancel());
    expect(await env.run(() => mergeRecords({ ...world.pipeline.deps, faultPoint }, 'default', 60_000))).toMatchObject({ merged: 1, more: true });
    expect(await world.pipeline.merge()).toMatchObject({ merged: 1, more: false });
  });

  it('is dropped when the two have no key in common any more', async () => {
    const { mail, id } = scene();
    await applyCards(world, 'coins-1', [{ prospectId: id('A'), email: mail('a') }, { prospectId: id('B'), email: mail('b') }]);
    await applyCards(world, 'coins-1', [{ prospectId: id('A'), email: mail('b'), lastModified: at(1) }]);
    await applyCards(world, 'coins-1', [{ prospectId: id('A'), email: mail('c'), lastModified: at(2) }]);
    expect(await mergeAll(await mergeScope())).toMatchObject({ merged: 0, dropped: 1 });
    expect(await recordOf(id('A'))).not.toBe(await recordOf(id('B')));
  });
});

describe('rows that name one person', () => {
  it('are one record on one page, and leave one primary contact at the platform that has it twice', async () => {
    const { mail, id } = scene();
    expect(new Set(rowsOf([{ prospectId: id('A'), email: ` ${mail('a').toUpperCase()} ` }, { prospectId: id('B'), email: mail('a') }]).map((row) => row.canonical['email'])).size).toBe(1);
    await applyCards(world, 'coins-1', [{ prospectId: id('A'), email: mail('a') }, { prospectId: id('B'), email: mail('a') }]);
    expect(await recordOf(id('A'))).toBe(await recordOf(id('B')));
    const primary = await db().selectFrom('link').select('external_id').where('external_id', 'in', [id('A'), id('B')]).where('is_primary', '=', true).execute();
    expect(primary).toHaveLength(1);
  });
});
