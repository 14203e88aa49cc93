import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { openDatabase, openPool, type Db } from '../../db/database.ts';
import { unpackProvenance } from '../../db/stored-forms.ts';
import type { Fields } from '../../domain/model/fields.ts';
import { KeysUnderWay } from '../../activities/keys-under-way.ts';
import { mergingKeyOf } from '../../domain/identity/match-keys.ts';
import { applyPage } from '../../db/repositories/apply/apply-page.ts';
import type { ApplyInput } from '../../db/repositories/apply/types.ts';
import { mergePending } from '../../db/repositories/merge/merge-records.ts';
import { rowsOf } from '../support/apply-cards.ts';
import { consent, emailPermission } from '../support/hub-world.ts';
import { expectedGroups, type ExpectedGroup, type SavedCard } from '../support/oracle/people.ts';
import { arrivals, pagesOf, savedCards, type Arrival } from '../support/oracle/saved-cards.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { testSeed } from '../support/test-seed.ts';

const runs = Number(process.env['HUB_PROPERTY_RUNS'] ?? 40);
/** A failure is made smaller on request only, for as many seconds as HUB_PROPERTY_SHRINK says: that takes longer than the rest. */
const shrinkMs = 1_000 * Number(process.env['HUB_PROPERTY_SHRINK'] ?? 0);
const timeoutMs = 60_000 + 2 * shrinkMs;
const parameters = (numRuns: number) => ({ seed: testSeed(), numRuns, ...(shrinkMs > 0 ? { interruptAfterTimeLimit: shrinkMs } : { endOnFailure: true }) });
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
const receivedAt = at(10_000);
let database: TestDatabase;
let db: Db;
let accounts = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(openPool({ url: database.url, maxConnections: 12, onError: () => undefined }));
});

afterAll(async () => {
  await db.destroy();
  await database.drop();
});

interface Account { readonly id: string; readonly connectorOf: (name: string) => string }

/** A new account with two Coins connectors, whose ids end with its number. */
async function openAccount(): Promise<Account> {
  accounts += 1;
  const id = `account-${accounts}`;
  const connectorOf = (name: string) => `${name}-of-${id}`;
  await db.insertInto('account').values({ id, name: id }).execute();
  for (const name of ['coins-1', 'coins-2']) {
    await db.insertInto('connector').values({
      id: connectorOf(name), account_id: id, platform: 'coins', class: 'crm', preset: 'crm', name, settings: '{}', credentials: '', credential_key: name, phase: 'live',
    }).execute();
  }
  return { id, connectorOf };
}

function rowOf(id: string, card: SavedCard): ApplyInput['rows'][number] {
  const prospectId = `${card.prospect}.${id}`;
  const consents = card.consent === null ? [] : consent(card.consent.value, card.consent.minute === null ? null : at(card.consent.minute));
  const address = { line1: '', line2: '', town: card.texts['city'] ?? '', county: '', postcode: '', country: '' };
  const [row] = rowsOf([{ prospectId, email: card.email, forename: card.texts['firstName'] ?? '', address, consents, lastModified: at(card.minute) }]);
  if (row === undefined) throw new Error('A card is a row.');
  return card.deleted === true ? { ...row, deleted: true, canonical: {}, held: {}, consents: [] } : row;
}

/** Applies all pages as they arrive, several in flight, with merges in between, and merges what is left. */
async function arrive({ id, connectorOf }: Account, cards: readonly SavedCard[], arrival: Arrival): Promise<void> {
  const common = { accountId: id, dataType: 'contacts', matching: 'email', reflecting: new Set<string>(), exports: [], activityExports: [] } as const;
  const merge = () => mergePending(db, { ...common, now: receivedAt, faultPoint: () => Promise.resolve() }, () => true);
  const pages = pagesOf(cards, arrival).map((page, index) => ({ page, index }));
  const turns = new KeysUnderWay(({ canonical }) => mergingKeyOf('contacts', canonical, 'email'), arrival.defers ? { patienceMs: 100, mostDeferred: 1 } : { patienceMs: 100, mostDeferred: 0 });
  const work = async () => {
    for (let next = pages.shift(); next !== undefined; next = pages.shift()) {
      const rows = next.page.map((card) => rowOf(id, card));
      const turn = arrival.takesTurns ? turns.enter(rows) : undefined;
      await turn?.before;
      await applyPage(db, {
        ...common, connectorId: connectorOf(next.page[0]?.connector ?? ''), rows, readAt: receivedAt, receivedAt, isPushed: true,
        mayCreate: true, mayGrant: true, urgency: 'bulk', cause: { kind: 'test' }, ...(turn?.deferred !== undefined && { deferred: turn.deferred }),
      }).finally(() => turn?.leave());
      if (next.index % arrival.mergeEvery === 0) await merge();
    }
  };
  await Promise.all(Array.from({ length: arrival.inFlight }, work));
  await merge();
}

interface StoredRecord {
  readonly members: readonly string[];
  readonly canonical: Readonly<Record<string, unknown>>;
  readonly provenance: Readonly<Record<string, { connectorId: string; externalId: string; at: string }>>;
  readonly consent: Readonly<Record<string, { state: string }>>;
}

interface StoredRow extends Omit<StoredRecord, 'provenance'> { readonly provenance: Parameters<typeof unpackProvenance>[0]; readonly canonical: Fields }

/** The records of an account with their living members, by the name of the first one. */
async function recordsOf(account: string): Promise<readonly StoredRecord[]> {
  const { rows } = await sql<StoredRow>`
    select array_agg(split_part(s.connector_id, '-of-', 1) || '/' || split_part(s.external_id, '.', 1)) as members, min(r.canonical::text)::json as canonical,
      min(r.provenance::text)::json as provenance, min(r.consent::text)::json as consent
    from source_record s join record r on r.id = s.record_id where s.account_id = ${account} and s.deleted_at is null group by r.id`.execute(db);
  return rows.map((row) => ({ ...row, members: row.members.toSorted(byText), provenance: unpackProvenance(row.provenance, row.canonical) })).toSorted((a, b) => byText(a.members[0] ?? '', b.members[0] ?? ''));
}

const byText = (a: string, b: string) => (a < b ? -1 : Number(a > b));

/** A record in the oracle's words. */
function inWords(record: StoredRecord): Omit<ExpectedGroup, 'permissions'> & { readonly permission: string } {
  const names = ['firstName', 'city'].filter((name) => record.canonical[name] !== undefined);
  const fields = Object.fromEntries(names.map((name) => {
    const origin = record.provenance[name];
    return [name, {
      value: record.canonical[name] as string | null, minute: (Date.parse(origin?.at ?? '') - Date.parse(at(0))) / 60_000,
      from: `${origin?.connectorId.split('-of-')[0]}/${origin?.externalId.split('.')[0]}`,
    }];
  }));
  return { members: record.members, email: (record.canonical['email'] ?? null) as string | null, fields, permission: record.consent[emailPermission]?.state ?? 'unknown' };
}

function compare(records: readonly StoredRecord[], expected: readonly ExpectedGroup[]): void {
  const found = records.map(inWords);
  expect(found.map(({ permission: _permission, ...rest }) => rest)).toEqual(expected.map(({ permissions: _permissions, ...rest }) => rest));
  for (const [index, { permission }] of found.entries()) expect(expected[index]?.permissions).toContain(permission);
}

/** All that is stored of an account, as text, but for grants without a date: whether one is new depends on what was known when it came. */
async function everything(account: string): Promise<readonly string[]> {
  const tables = ['record', 'source_record', 'match_key', 'link', 'record_change', '(select * from consent_event where stated_at is not null)'];
  const rows = await Promise.all(tables.map((table) => sql<{ row: string }>`select t::text as row from ${sql.raw(table)} t where account_id = ${account} order by 1`.execute(db)));
  return rows.flatMap((result) => result.rows.map(({ row }) => row));
}

/** Keys lead to the record of whoever has them, and nobody waits for a merge. */
async function expectTidyKeys(account: string): Promise<void> {
  const { rows } = await sql`
    select k.value from match_key k left join source_record s on s.record_id = k.record_id and s.match_value = k.value and s.match_kind = k.kind
      where k.account_id = ${account} and s.external_id is null
    union all select s.match_value from source_record s left join match_key k on k.account_id = s.account_id and k.kind = s.match_kind and k.value = s.match_value
      where s.account_id = ${account} and s.match_value is not null and k.record_id is distinct from s.record_id
    union all select 'pending' from merge_request where account_id = ${account} and state = 'pending'`.execute(db);
  expect(rows).toEqual([]);
}

describe('histories of two Coins', () => {
  it('lead to what an independent oracle says, in whatever order, pages and company they arrive', async () => {
    const orders = fc.tuple(arrivals, arrivals, arrivals);
    await fc.assert(fc.asyncProperty(savedCards, orders, async (cards, ways) => {
      const expected = expectedGroups(cards);
      for (const way of ways) {
        const account = await openAccount();
        await arrive(account, cards, way);
        compare(await recordsOf(account.id), expected);
        await expectTidyKeys(account.id);
      }
    }), parameters(runs));
  }, timeoutMs);

  it('change nothing when all of it arrives once more in the same way', async () => {
    await fc.assert(fc.asyncProperty(savedCards, arrivals, async (cards, way) => {
      const account = await openAccount();
      await arrive(account, cards, { ...way, inFlight: 1 });
      const before = await everything(account.id);
      await arrive(account, cards, { ...way, inFlight: 1 });
      expect(await everything(account.id)).toEqual(before);
    }), parameters(Math.ceil(runs / 2)));
  }, timeoutMs);
});
