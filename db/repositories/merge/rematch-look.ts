import { sql } from 'kysely';
import { normaliseEmail } from '../../../domain/identity/email.ts';
import type { RematchThing } from '../../../domain/identity/rematch.ts';
import type { Fields } from '../../../domain/model/fields.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Db, Trx } from '../../database.ts';
import { mergingKeyOf } from '../../../domain/identity/match-keys.ts';
import { lockAllOf, lockRecords } from '../apply/load.ts';
import { nameOf } from '../apply/members.ts';
import type { ApplyInput } from '../apply/types.ts';
import { StaleLook } from '../repeat-on-conflict.ts';

/** Whose contacts are matched anew, and where they go. */
export interface RematchScope extends Pick<ApplyInput, 'accountId' | 'matching' | 'reflecting' | 'exports'> {
  /** ISO instant by our clock. */
  readonly now: string;
  /** Called between the two halves of each transaction, so that a test can kill the process there. */
  readonly faultPoint: (name: string) => Promise<void>;
}

/** A thing of a record, with the key under which it is stored. */
export interface StoredThing extends RematchThing {
  readonly connectorId: string;
  readonly externalId: string;
  readonly hasSource: boolean;
  readonly storedKind: string | null;
  readonly storedKey: string | null;
}

/** What is known of some records before they are matched anew. */
export interface RematchLook {
  /** Ascending. */
  readonly ids: readonly number[];
  /** The key of each record's merged view. */
  readonly recordKeys: ReadonlyMap<number, string | null>;
  readonly things: ReadonlyMap<number, readonly StoredThing[]>;
  /** Owners of the keys of the new kind that the things may have. */
  readonly owners: ReadonlyMap<string, number | null>;
  /** Records that own a key of another kind. */
  readonly outdated: ReadonlySet<number>;
}

interface ThingRow {
  record_id: number; connector_id: string; external_id: string; has_source: boolean; canonical: Fields | null; match_kind: string | null; match_value: string | null;
  pinned: boolean; deleted: boolean; is_primary: boolean | null; held_email: string | null;
}

/** Reads what the records consist of, without locks. Records that were merged meanwhile are left out. */
async function readThings(db: Db, scope: RematchScope, ids: readonly number[]): Promise<Omit<RematchLook, 'owners' | 'outdated'>> {
  const { rows: records } = await sql<{ id: number; canonical: Fields }>`select id, canonical from record where id = any(${arrays.int8(ids)}) and merged_into is null order by id`.execute(db);
  const { rows } = await sql<ThingRow>`
    select coalesce(s.record_id, l.record_id) record_id, coalesce(s.connector_id, l.connector_id) connector_id, coalesce(s.external_id, l.external_id) external_id,
      s.external_id is not null has_source, s.canonical, s.match_kind, s.match_value, s.pinned_record_id is not null pinned,
      case when s.external_id is null then l.gone_at is not null else s.deleted_at is not null end deleted, l.is_primary, l.held->>'email' held_email
    from (select * from source_record where record_id = any(${arrays.int8(ids)}) and data_type = 'contacts') s
    full join (select * from link where record_id = any(${arrays.int8(ids)}) and data_type = 'contacts') l
      on l.external_id = s.external_id and l.connector_id = s.connector_id and l.record_id = s.record_id`.execute(db);
  const things = new Map<number, StoredThing[]>(records.map(({ id }) => [id, []]));
  for (const row of rows) things.get(row.record_id)?.push(toThing(row, scope));
  return { ids: records.map(({ id }) => id), recordKeys: new Map(records.map(({ id, canonical }) => [id, mergingKeyOf('contacts', canonical, scope.matching)])), things };
}

function toThing(row: ThingRow, { matching, reflecting }: RematchScope): StoredThing {
  const isReflecting = reflecting.has(row.connector_id);
  const isLeftOver = row.is_primary === false || (row.is_primary === null && row.deleted);
  return {
    name: nameOf(row.connector_id, row.external_id), connectorId: row.connector_id, externalId: row.external_id, hasSource: row.has_source, storedKind: row.match_kind, storedKey: row.match_value,
    keys: keysOf(row, matching, isReflecting), pinned: row.pinned, deleted: row.deleted, reflecting: isReflecting,
    may: !isReflecting ? (row.has_source ? 'stand' : 'stay') : !isLeftOver ? 'stay' : row.has_source && matching === 'email' ? 'stand' : 'follow',
  };
}

/**
 * What a thing says is its key, and at a reflecting platform first the address that is known to be there. A thing that is gone
 * keeps the key that it has: it may have been overtaken.
 */
function keysOf(row: ThingRow, matching: RematchScope['matching'], isReflecting: boolean): string[] {
  const said = row.canonical === null ? null : mergingKeyOf('contacts', row.canonical, matching);
  if (row.deleted && row.has_source && !isReflecting) {
    const kept = row.match_kind === matching ? row.match_value : row.match_kind === null ? null : said;
    return kept === null ? [] : [kept];
  }
  const held = isReflecting && matching === 'email' && row.held_email !== null ? normaliseEmail(row.held_email) : null;
  return [...new Set([held?.ok === true ? held.value : null, said])].filter((key) => key !== null);
}

/** `readThings` with the owners of their keys, without locks: to see what there is to do. */
export async function preview(db: Db, scope: RematchScope, ids: readonly number[]): Promise<RematchLook> {
  const read = await readThings(db, scope, ids);
  const { rows } = await sql<{ kind: string; value: string; record_id: number | null }>`
    select kind, value, record_id from match_key where account_id = ${scope.accountId} and data_type = 'contacts' and kind = ${scope.matching} and scope = '' and value = any(${arrays.text(keysIn(read.things))})
    union all select kind, value, record_id from match_key where record_id = any(${arrays.int8(ids)}) and kind <> ${scope.matching}`.execute(db);
  const isNew = (row: { kind: string }) => row.kind === scope.matching;
  return {
    ...read, owners: new Map(rows.filter(isNew).map((row) => [row.value, row.record_id])),
    outdated: new Set(rows.flatMap((row) => (isNew(row) || row.record_id === null ? [] : [row.record_id]))),
  };
}

const keysIn = (things: RematchLook['things']): string[] => [...new Set([...things.values()].flat().flatMap(({ keys }) => keys))];

/** What is known under all locks. `owners` names all keys of the new kind that the records have or may have. */
export type LockedLook = RematchLook & { readonly records: Awaited<ReturnType<typeof lockRecords>> };

/** A key of whatever kind. */
interface KeyName {
  readonly kind: string;
  readonly value: string;
}

/**
 * Takes all locks in the fixed order (design §4): keys of both kinds, records, source records, deliveries, links; then reads again.
 * Throws StaleLook when something moved meanwhile.
 */
export async function lockForRematch(trx: Trx, scope: RematchScope, ids: readonly number[]): Promise<LockedLook> {
  const first = await readThings(trx, scope, ids);
  const keys = await lockKeys(trx, scope, first.ids, keysIn(first.things));
  const owners = new Map(keys.filter(({ kind }) => kind === scope.matching).map(({ value, record_id }) => [value, record_id]));
  const recordIds = [...new Set([...first.ids, ...[...owners.values()].filter((id) => id !== null)])].sort((a, b) => a - b);
  const records = await lockRecords(trx, recordIds);
  if (records.size !== recordIds.length) throw new StaleLook('a record was merged meanwhile');
  await lockAllOf(trx, recordIds);
  const look = await readThings(trx, scope, first.ids);
  if (keysIn(look.things).some((key) => !owners.has(key))) throw new StaleLook('a source record changed meanwhile');
  return { ...look, owners, outdated: new Set(keys.flatMap(({ kind, record_id }) => (kind === scope.matching || record_id === null ? [] : [record_id]))), records };
}

async function lockKeys(trx: Trx, { accountId, matching }: RematchScope, ids: readonly number[], wanted: readonly string[]): Promise<(KeyName & { record_id: number | null })[]> {
  await sql`
    insert into match_key (account_id, data_type, kind, value) select ${accountId}, 'contacts', ${matching}, v from unnest(${arrays.text(wanted)}) as v order by v collate "C"
    on conflict do nothing`.execute(trx);
  const { rows: owned } = await sql<KeyName>`select kind, value from match_key where record_id = any(${arrays.int8(ids)}) and data_type = 'contacts' and scope = ''`.execute(trx);
  const names = [...owned.filter(({ kind }) => kind !== matching), ...[...new Set([...wanted, ...owned.flatMap(({ kind, value }) => (kind === matching ? [value] : []))])].map((value) => ({ kind: matching, value }))];
  const { rows } = await sql<KeyName & { record_id: number | null }>`
    select k.kind, k.value, k.record_id
    from (select x.*, ${accountId}::text as account_id, 'contacts'::text as data_type, ''::text as scope
      from unnest(${arrays.text(names.map(({ kind }) => kind))}, ${arrays.text(names.map(({ value }) => value))}) as x(kind, value) offset 0) x
    join match_key k on k.account_id = x.account_id and k.data_type = x.data_type and k.kind = x.kind and k.scope = x.scope and k.value = x.value
    order by k.kind, k.value collate "C" for update of k`.execute(trx);
  const found = new Set(rows.filter(({ kind }) => kind === matching).map(({ value }) => value));
  if (wanted.some((value) => !found.has(value))) throw new StaleLook('a key was dropped meanwhile');
  return rows;
}
