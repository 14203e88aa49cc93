import { sql } from 'kysely';
import { personKeys, type PersonKey } from '../../../domain/erasure/traces.ts';
import type { Fields } from '../../../domain/model/fields.ts';
import { keyValue } from '../../../domain/identity/key-value.ts';
import type { SourceVersion } from '../../../domain/model/record.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import { alternatePrefix } from '../apply/adopt-links.ts';

/** A thing at a connector that is about a person. */
export interface PersonThing {
  readonly connectorId: string;
  readonly externalId: string;
  /** It is there still, as far as the hub knows. */
  readonly isThere: boolean;
  /** The hub knows it by a link, and may write to it. */
  readonly isLinked: boolean;
  /** The e-mail address that it has there. */
  readonly address: string | null;
}

/** All by which a person is known to the hub. */
export interface Person {
  /** The record and those that were merged into it, ascending. */
  readonly recordIds: readonly number[];
  readonly keys: readonly PersonKey[];
  readonly things: readonly PersonThing[];
  /** Second ids of things, as they are kept where a thing has no first one. */
  readonly alternates: readonly Pick<PersonThing, 'connectorId' | 'externalId'>[];
}

/** The living record that an id stands for; undefined for an unknown one. */
export async function survivorOf(trx: Trx, accountId: string, recordId: number): Promise<{ readonly id: number; readonly erasedAt: string | null } | undefined> {
  const { rows } = await sql<{ id: number; erasedAt: string | null }>`
    with recursive chain as (select id, merged_into, erased_at from record where id = ${recordId} and account_id = ${accountId}
      union all select r.id, r.merged_into, r.erased_at from record r join chain c on r.id = c.merged_into)
    select id, erased_at "erasedAt" from chain where merged_into is null limit 1`.execute(trx);
  return rows[0];
}

/** Reads what is known of the person of a record, without locks. */
export async function readPerson(trx: Trx, survivorId: number): Promise<Person> {
  const { rows: records } = await sql<{ id: number; canonical: Fields }>`
    with recursive chain as (select id, canonical::text canonical from record where id = ${survivorId}
      union all select r.id, r.canonical::text from record r join chain c on r.merged_into = c.id)
    select id, canonical::json canonical from chain order by id`.execute(trx);
  const recordIds = records.map(({ id }) => id);
  const all = arrays.int8(recordIds);
  const { rows: sources } = await sql<{ connector_id: string; external_id: string; canonical: Fields; versions: SourceVersion[]; deleted: boolean }>`
    select connector_id, external_id, canonical, versions, deleted_at is not null deleted from source_record where record_id = any(${all})`.execute(trx);
  const { rows: links } = await sql<{ connector_id: string; external_id: string; alternate_id: string | null; address: string | null; gone: boolean }>`
    select connector_id, external_id, alternate_id, coalesce(address, lower(trim(held->>'email'))) address, gone_at is not null gone from link where record_id = any(${all})`.execute(trx);
  const { rows: keys } = await sql<PersonKey>`select kind, value from match_key where record_id = any(${all}) and data_type = 'contacts' and kind in ('email', 'phone')`.execute(trx);
  const said = [...records, ...sources].flatMap(({ canonical }) => personKeys(canonical));
  const saidBefore = sources.flatMap(({ versions }) => versions.flatMap(({ fields }) => personKeys(fields)));
  const there = links.flatMap(({ address }) => (address === null ? [] : personKeys({ email: keyValue('email', address) })));
  return {
    recordIds, keys: distinctKeys([...keys, ...said, ...saidBefore, ...there]), things: thingsOf(sources, links),
    alternates: links.flatMap(({ connector_id: connectorId, alternate_id: id }) => (id === null ? [] : [{ connectorId, externalId: `${alternatePrefix}${id}` }])),
  };
}

function distinctKeys(keys: readonly PersonKey[]): PersonKey[] {
  return [...new Map(keys.map(({ kind, value }) => [`${kind} ${value}`, { kind, value }])).entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key);
}

function thingsOf(
  sources: readonly { connector_id: string; external_id: string; deleted: boolean }[], links: readonly { connector_id: string; external_id: string; address: string | null; gone: boolean }[],
): PersonThing[] {
  const things = new Map<string, PersonThing>();
  for (const source of sources) {
    things.set(`${source.connector_id}\n${source.external_id}`, { connectorId: source.connector_id, externalId: source.external_id, isThere: !source.deleted, isLinked: false, address: null });
  }
  for (const link of links) {
    things.set(`${link.connector_id}\n${link.external_id}`, { connectorId: link.connector_id, externalId: link.external_id, isThere: !link.gone, isLinked: true, address: link.address });
  }
  return [...things.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, thing]) => thing);
}
