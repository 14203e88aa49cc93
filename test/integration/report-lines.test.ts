import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase, openPool, type Db } from '../../db/database.ts';
import { beginReading, storePage } from '../../db/repositories/reports/lists.ts';
import { saveMailings } from '../../db/repositories/reports/mailings.ts';
import type { ReportRow } from '../../domain/reports/report.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const now = '2026-05-01T10:00:00.000Z';
const scope = { accountId: 'one', connectorId: 'mailplus-1' };

describe('the lines of a long list', () => {
  let database: TestDatabase;
  let db: Db;
  let mailingId: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = openDatabase(openPool({ url: database.url, maxConnections: 1, onError: () => undefined }));
    await db.insertInto('account').values({ id: 'one', name: 'One' }).execute();
    await db.insertInto('connector').values({ id: 'mailplus-1', account_id: 'one', platform: 'mailplus', class: 'marketing_automation', preset: 'mailplus', name: 'Mail+', settings: '{}', credentials: '', credential_key: 'm', phase: 'live' }).execute();
    await saveMailings(db, scope, [{ externalId: 'm1', kind: 'mailing', name: 'Spring', channel: 'email' }], { now });
    ({ id: mailingId } = await db.selectFrom('report_mailing').select('id').executeTakeFirstOrThrow());
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  /** Stores the pages of a list, one after the other; gives how many lines were new. */
  async function store(list: 'recipients' | 'opens', pages: readonly (readonly ReportRow[])[]): Promise<readonly (number | null)[]> {
    const window = { windowFrom: null, windowTo: null };
    await beginReading(db, 'one', mailingId, { list, ...window }, null);
    const fresh: (number | null)[] = [];
    for (const [after, rows] of pages.entries()) {
      const next = after + 1 < pages.length ? { next: after + 1 } : {};
      fresh.push(await storePage(db, { ...scope, mailingId }, { list, after, ...window }, { rows, unreadable: 0, ...next }, now));
    }
    return fresh;
  }

  it('are stored whole when a page is more than goes to the database at once, each contact once', async () => {
    const rows = Array.from({ length: 4_500 }, (_, index) => ({ contactKey: `k${(index * 7) % 1_500}`, at: new Date(Date.parse(now) + index).toISOString() }));
    expect(await store('opens', [rows, rows])).toEqual([4_500, 0]);
    expect(await db.selectFrom('report_list').select('lines').where('list', '=', 'opens').execute()).toEqual([{ lines: 4_500 }]);
    expect(await db.selectFrom('report_contact').select(({ fn }) => fn.countAll<number>().as('contacts')).executeTakeFirstOrThrow()).toEqual({ contacts: 1_500 });
  });

  it('take the last external id that a page gives for a contact, and keep it where there is none', async () => {
    await store('opens', [[{ contactKey: 'k1', contactExternalId: 'A', at: now }, { contactKey: 'k1', contactExternalId: 'B', at: now }, { contactKey: 'k1', at: now }], [{ contactKey: 'k1', at: now }]]);
    expect(await db.selectFrom('report_contact').select('external_id').where('contact_key', '=', 'k1').execute()).toEqual([{ external_id: 'B' }]);
  });

  it('cost the look-up of their own contacts, however many others there are', async () => {
    const [pages, size] = [12, 1_000];
    const read = async (): Promise<number> => {
      await sql`select pg_stat_force_next_flush()`.execute(db);
      const { rows } = await sql<{ tuples: number }>`
        select (select seq_tup_read from pg_stat_user_tables where relname = 'report_contact') + (select sum(idx_tup_read) from pg_stat_user_indexes where relname = 'report_contact')::int8 tuples`.execute(db);
      return rows[0]?.tuples ?? Number.NaN;
    };
    const before = await read();
    await store('recipients', Array.from({ length: pages }, (_, page) => Array.from({ length: size }, (__, index) => ({ contactKey: `r${(index * 37) % size}-${page}`, contactExternalId: `${page}-${index}` }))));
    const perLine = (await read() - before) / (pages * size);
    process.stdout.write(`contacts that PostgreSQL read for a line: ${perLine.toFixed(2)}\n`);
    expect(perLine).toBeGreaterThan(0);
    expect(perLine).toBeLessThan(4);
  });
});
