import { sql } from 'kysely';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import { inOrder } from '../in-order.ts';
import { StaleLook } from '../repeat-on-conflict.ts';

/** Which match keys are meant: one account, one data type, one merging kind. */
export interface KeySpace {
  readonly accountId: string;
  readonly dataType: string;
  readonly kind: string;
}

/** Locked keys. */
export interface LockedKeys {
  /** Who has a key; null for one that nobody has. */
  readonly owners: Map<string, number | null>;
  /** Keys that were not there before, with the id of the record that is to be made for each: stored already, taken back by releaseKeys. */
  readonly reserved: Map<string, number>;
}

/**
 * Makes sure that every key exists, then locks those that were there in key order and tells their owners. Two statements on purpose:
 * the look-up has to see what another page inserted while this one waited (design §4.4). A key that is new belongs to a record id of its own
 * at once, which spares the update of nearly every key of a first import. Throws StaleLook for a key that was dropped in between.
 */
export async function lockKeys(trx: Trx, space: KeySpace, values: readonly string[]): Promise<LockedKeys> {
  if (values.length === 0) return { owners: new Map(), reserved: new Map() };
  const distinct = [...new Set(values)];
  const inserted = await sql<{ value: string; record_id: number }>`
    insert into match_key (account_id, data_type, kind, value, record_id)
    select ${space.accountId}, ${space.dataType}, ${space.kind}, v, id
    from (select v, nextval('record_id_seq') as id from unnest(${arrays.text(distinct)}) as v offset 0) x order by v collate "C"
    on conflict do nothing returning value, record_id`.execute(trx);
  const reserved = new Map(inserted.rows.map((row) => [row.value, row.record_id]));
  const owners = new Map<string, number | null>([...reserved.keys()].map((value) => [value, null]));
  for (const { value, record_id } of await lockKnown(trx, space, distinct.filter((value) => !reserved.has(value)))) owners.set(value, record_id);
  return { owners, reserved };
}

/** Locks keys that were there before, in key order. Those that this page inserted are its own until it commits. */
async function lockKnown(trx: Trx, space: KeySpace, values: readonly string[]): Promise<readonly { value: string; record_id: number | null }[]> {
  if (values.length === 0) return [];
  const { rows } = await sql<{ value: string; record_id: number | null }>`
    select value, record_id from match_key
    where account_id = ${space.accountId} and data_type = ${space.dataType} and kind = ${space.kind} and scope = '' and value = any(${arrays.text(values)})
    order by value collate "C" for update`.execute(trx);
  if (rows.length < values.length) throw new StaleLook('a key was dropped meanwhile');
  return rows;
}

/** Gives keys to records. */
export async function assignKeys(trx: Trx, space: KeySpace, owners: ReadonlyMap<string, number>): Promise<void> {
  if (owners.size === 0) return;
  await sql`
    update match_key k set record_id = o.record_id
    from (select *, ${space.accountId}::text as account_id, ${space.dataType}::text as data_type, ${space.kind}::text as kind, ''::text as scope
      from unnest(${arrays.text([...owners.keys()])}, ${arrays.int8([...owners.values()])}) as o(value, record_id) offset 0) o
    where k.account_id = o.account_id and k.data_type = o.data_type and k.kind = o.kind and k.scope = o.scope and k.value = o.value`.execute(trx);
}

/** Sources whose key was overtaken by that of the prospects of their record go by none from now on. */
export async function forgetOvertaken(trx: Trx, space: KeySpace, reflecting: ReadonlySet<string>, keys: readonly { readonly record: number; readonly key: string }[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`
    update source_record s set match_kind = null, match_value = null
    from unnest(${keys.map((k) => k.record)}::bigint[], ${keys.map((k) => k.key)}::text[]) as x(record_id, key)
    where s.record_id = x.record_id and s.match_value = x.key and s.match_kind = ${space.kind} and s.data_type = ${space.dataType}
      and (s.deleted_at is not null or s.connector_id = any(${[...reflecting]}::text[]))`.execute(trx);
}

/**
 * Takes keys from records of which no source has them any more, and drops those that nobody has. Where a merge is pending, a source of the other record may still have
 * the key: it passes to that one, so that nobody who comes later with it is kept apart. The caller holds the locks of the keys.
 */
export async function releaseKeys(trx: Trx, space: KeySpace, values: readonly string[]): Promise<void> {
  if (values.length === 0) return;
  const isUnused = sql`k.account_id = ${space.accountId} and k.data_type = ${space.dataType} and k.kind = ${space.kind} and k.scope = '' and k.value = any(${arrays.text(values)})
    and not exists (select 1 from source_record s where s.record_id = k.record_id and s.match_kind = k.kind and s.match_value = k.value)`;
  const passOn = sql`
    update match_key k set record_id = heir.record_id
    from (select o.value, min(s.record_id) as record_id from match_key o
      join merge_request m on m.account_id = o.account_id and m.state = 'pending' and o.record_id in (m.keep_id, m.merge_id)
      join source_record s on s.record_id in (m.keep_id, m.merge_id) and s.record_id <> o.record_id and s.match_kind = o.kind and s.match_value = o.value
      where o.account_id = ${space.accountId} and o.data_type = ${space.dataType} and o.kind = ${space.kind} and o.scope = '' and o.value = any(${arrays.text(values)})
      group by o.value) heir
    where ${isUnused} and heir.value = k.value`;
  await inOrder([passOn.execute(trx), sql`delete from match_key k where ${isUnused}`.execute(trx)]);
}
