import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { openDatabase, openPool, type Db } from '../../db/database.ts';
import { adoptForeignFeeds, cutChangeFeeds } from '../../db/repositories/feed/cut.ts';
import { publishChanges } from '../../db/repositories/feed/publish.ts';
import { readChanges, type FeedPosition, type StoredChange } from '../../db/repositories/feed/read-changes.ts';
import type { FeedEntry } from '../../domain/model/feed-entry.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait-for.ts';

let database: TestDatabase;
let db: Db;
const feed = { accountId: 'main', connectorId: 'shop-1' };

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(openPool({ url: database.url, maxConnections: 4, onError: () => undefined }));
  await sql`insert into account (id, name) values ('main', 'Main')`.execute(db);
  for (const id of ['shop-1', 'shop-2']) {
    await sql`insert into connector (id, account_id, platform, class, preset, name, settings, credentials, credential_key, phase)
      values (${id}, 'main', 'custom', 'crm', 'crm', ${id}, '{"changeFeedDays": 7}', 'x', 'x', 'live')`.execute(db);
  }
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
beforeEach(async () => {
  for (const table of ['change_feed', 'change_feed_cut']) await sql.raw(`delete from ${table}`).execute(db);
});

const entry = (key: string, more: Partial<FeedEntry> = {}): FeedEntry => ({ key, dataType: 'products', kind: 'upserted', externalId: `P-${key}`, changes: ['name'], data: { name: key }, ...more });
const publish = (...keys: readonly string[]) => publishChanges(db, feed, keys.map((key) => entry(key)));

/** Transactions of other tests on the same server hold entries back too. */
async function untilVisible(...keys: readonly string[]): Promise<void> {
  await waitFor(async () => {
    const { rows } = await sql<{ hidden: number }>`select count(*) hidden from change_feed where key = any(${keys}::text[]) and xid >= pg_snapshot_xmin(pg_current_snapshot())`.execute(db);
    return rows[0]?.hidden === 0;
  }, { message: 'older transactions to end' });
}

async function publishVisibly(...keys: readonly string[]): Promise<void> {
  await publish(...keys);
  await untilVisible(...keys);
}

async function page(after?: FeedPosition, limit = 100): Promise<readonly StoredChange[]> {
  const read = await readChanges(db, 'shop-1', after, limit);
  if (read.kind === 'expired') throw new Error('expired');
  return read.entries;
}

const keys = (entries: readonly StoredChange[]) => entries.map((one) => one.key);

/** Reads page by page as a system does, until there is nothing more. */
async function readAll(limit: number): Promise<string[]> {
  const all: string[] = [];
  for (let after: FeedPosition | undefined; ;) {
    const entries = await page(after, limit);
    all.push(...keys(entries));
    after = entries.at(-1) ?? after;
    if (entries.length === 0) return all;
  }
}

/** A connection of its own as the owner, for a transaction that stays open. */
async function withClient(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

const insertAs = (client: pg.Client, key: string) =>
  client.query(`insert into change_feed (account_id, connector_id, key, data_type, kind, external_id, data) values ('main', 'shop-1', $1, 'products', 'upserted', $1, '{}')`, [key]);

describe('a change feed', () => {
  it('gives entries once each, in the order they were published, however small the pages', async () => {
    await publish('a', 'b', 'c');
    await publish('d');
    await publishVisibly('e', 'f');
    expect(await readAll(4)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(await readAll(1)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('keeps an entry as it came first when its key comes again, in the same batch or later', async () => {
    expect(await publishChanges(db, feed, [entry('a'), entry('a', { data: 2 }), entry('b')])).toBe(2);
    expect(await publishChanges(db, feed, [entry('b', { data: 3 }), entry('c')])).toBe(1);
    await untilVisible('c');
    expect((await page()).map(({ key, data }) => [key, data])).toEqual([['a', { name: 'a' }], ['b', { name: 'b' }], ['c', { name: 'c' }]]);
    expect(await publishChanges(db, { ...feed, connectorId: 'shop-2' }, [entry('a')])).toBe(1);
  });

  it('never skips a transaction that began first and commits last', async () => {
    await publishVisibly('before');
    await withClient(async (early) => {
      await early.query('begin');
      await insertAs(early, 'early');
      await publish('late');
      const seen = await page();
      expect(keys(seen)).toEqual(['before']);
      await early.query('commit');
      await untilVisible('early', 'late');
      const rest = await page(seen.at(-1));
      expect(keys(rest)).toEqual(['early', 'late']);
      expect(Number(rest[0]?.xid)).toBeLessThan(Number(rest[1]?.xid));
    });
  });

  it('never skips a transaction that has its number early and writes its entry late', async () => {
    await withClient(async (early) => {
      await early.query('begin');
      await early.query('select pg_current_xact_id()');
      await publish('late');
      await insertAs(early, 'early');
      expect(await page()).toEqual([]);
      await early.query('commit');
      await untilVisible('early', 'late');
      const rest = await page();
      expect(keys(rest)).toEqual(['early', 'late']);
      expect(rest[0]?.seq).toBeGreaterThan(rest[1]?.seq ?? 0);
      expect(await readAll(1)).toEqual(['early', 'late']);
    });
  });

  it('goes on behind a transaction that was rolled back', async () => {
    await withClient(async (early) => {
      await early.query('begin');
      await insertAs(early, 'early');
      await publish('late');
      expect(await page()).toEqual([]);
      await early.query('rollback');
      await untilVisible('late');
      expect(keys(await page())).toEqual(['late']);
    });
  });

  it('tells whether there is more', async () => {
    await publishVisibly('a', 'b');
    expect(await readChanges(db, 'shop-1', undefined, 1)).toMatchObject({ kind: 'page', more: true });
    expect(await readChanges(db, 'shop-1', undefined, 2)).toMatchObject({ kind: 'page', more: false });
  });

  it('knows whose data an entry holds, by the link of the thing or of the contact that it is about', async () => {
    await sql`insert into record (account_id, id, data_type, canonical, provenance) values ('main', 41, 'products', '{}', '[]'), ('main', 42, 'contacts', '{}', '[]')`.execute(db);
    await sql`insert into link (account_id, connector_id, data_type, external_id, record_id, held) values ('main', 'shop-1', 'products', 'P-a', 41, '{}'), ('main', 'shop-1', 'contacts', 'C-1', 42, '{}')`.execute(db);
    await publishChanges(db, feed, [entry('a'), entry('b'), entry('n', { dataType: 'activities', kind: 'happened', externalId: 'A-1', about: { dataType: 'contacts', externalId: 'C-1' } })]);
    const rows = await db.selectFrom('change_feed').select(['key', 'record_id']).orderBy('key').execute();
    expect(rows).toEqual([{ key: 'a', record_id: 41 }, { key: 'b', record_id: null }, { key: 'n', record_id: 42 }]);
  });
});

describe('what is kept of a change feed', () => {
  const age = (days: number, ...old: readonly string[]) => sql`update change_feed set created_at = clock_timestamp() - make_interval(days => ${days}) where key = any(${old}::text[])`.execute(db);
  const cut = (limit = 1_000) => cutChangeFeeds(db, new Date().toISOString(), limit);

  it('is cut at its beginning, in batches, by the days of the connector', async () => {
    await publishVisibly('a', 'b', 'c', 'd');
    await age(8, 'a', 'b');
    await age(6, 'c');
    expect(await cut(1)).toBe(1);
    expect(keys(await page())).toEqual(['b', 'c', 'd']);
    expect(await cut()).toBe(1);
    expect(await cut()).toBe(0);
    expect(keys(await page())).toEqual(['c', 'd']);
  });

  it('has no holes: an old entry behind a younger one stays', async () => {
    await publishVisibly('a', 'b');
    await age(8, 'b');
    expect(await cut()).toBe(0);
  });

  it('refuses a position before the last entry that went, and takes that one itself', async () => {
    await publishVisibly('a', 'b', 'c');
    const [a, b] = await page();
    await age(8, 'a', 'b');
    await cut();
    expect(await readChanges(db, 'shop-1', a, 10)).toEqual({ kind: 'expired' });
    expect(keys(await page(b))).toEqual(['c']);
  });

  it('begins again after the database was restored to a server that has counted less far', async () => {
    await publishVisibly('a', 'b');
    const [a] = await page();
    await sql`update change_feed set xid = (xid::text::bigint + 1000000)::text::xid8`.execute(db);
    const before = { xid: String(Number(a?.xid) + 1_000_000), seq: a?.seq ?? 0 };
    expect(await readChanges(db, 'shop-1', before, 10)).toEqual({ kind: 'expired' });
    expect(await adoptForeignFeeds(db)).toBe(1);
    expect(await adoptForeignFeeds(db)).toBe(0);
    await publishVisibly('c');
    expect(await readAll(1)).toEqual(['a', 'b', 'c']);
    expect(await readChanges(db, 'shop-1', a, 10)).toEqual({ kind: 'expired' });
  });
});
