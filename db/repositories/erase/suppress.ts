import { sql } from 'kysely';
import type { PersonKey } from '../../../domain/erasure/traces.ts';
import { nameOf } from '../apply/members.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import type { ErasureScope } from './erase-record.ts';
import type { Person } from './person.ts';
import { suppressionHash } from './suppressed.ts';

/**
 * Remembers, as keyed hashes, all by which the person would be known again: addresses and numbers that no other living contact has, and the ids of their
 * things. Drops their match keys. Returns the suppressed addresses and numbers. The caller holds the locks of the keys.
 */
export async function suppressPerson(
  trx: Trx, scope: ErasureScope, recordId: number, person: Person & { readonly ownKeys: readonly PersonKey[]; readonly reserved: readonly PersonKey[] },
): Promise<readonly PersonKey[]> {
  const others = await addressesOfOthers(trx, scope.accountId, person);
  const inherited = await passOnKeys(trx, scope.accountId, person);
  const keys = person.ownKeys.filter(({ kind, value }) => !(kind === 'email' && others.has(value)) && !inherited.has(`${kind} ${value}`));
  const things = [...person.things, ...person.alternates].map(({ connectorId, externalId }) => ({ kind: 'thing' as const, value: nameOf(connectorId, externalId) }));
  const rows = [...keys, ...things].map(({ kind, value }) => ({ kind, value: suppressionHash(scope, kind, value) }));
  await sql`
    insert into suppressed_key (account_id, kind, value, record_id)
    select ${scope.accountId}, x.kind, x.value, ${recordId} from unnest(${arrays.text(rows.map(({ kind }) => kind))}, ${arrays.text(rows.map(({ value }) => value))}) as x(kind, value)
    on conflict do nothing`.execute(trx);
  await sql`delete from match_key where record_id = any(${arrays.int8(person.recordIds)})`.execute(trx);
  await sql`
    delete from match_key k using unnest(${arrays.text(person.reserved.map(({ kind }) => kind))}, ${arrays.text(person.reserved.map(({ value }) => value))}) as x(kind, value)
    where k.account_id = ${scope.accountId} and k.data_type = 'contacts' and k.scope = '' and k.kind = x.kind and k.value = x.value`.execute(trx);
  return keys;
}

/** Keys that the things of another contact have too, which was to be merged with this one, are that one's from now on. */
async function passOnKeys(trx: Trx, accountId: string, { recordIds }: Person): Promise<ReadonlySet<string>> {
  const ids = arrays.int8(recordIds);
  const { rows } = await sql<PersonKey>`
    update match_key k set record_id = heir.record_id
    from (select s.match_kind kind, s.match_value value, min(s.record_id) record_id from merge_request m join source_record s on s.record_id in (m.keep_id, m.merge_id)
      where m.account_id = ${accountId} and m.state = 'pending' and (m.keep_id = any(${ids}) or m.merge_id = any(${ids})) and not s.record_id = any(${ids}) and s.match_value is not null group by 1, 2) heir
    where k.account_id = ${accountId} and k.data_type = 'contacts' and k.kind = heir.kind and k.scope = '' and k.value = heir.value and k.record_id = any(${ids})
    returning k.kind, k.value`.execute(trx);
  return new Set(rows.map(({ kind, value }) => `${kind} ${value}`));
}

/** Addresses of the person that another living contact has too: kept apart by an operator, or matched by phone. */
async function addressesOfOthers(trx: Trx, accountId: string, { recordIds, keys }: Person): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ email: string }>`
    select distinct email from record where account_id = ${accountId} and email = any(${arrays.text(keys.map(({ value }) => value))}) and merged_into is null and not id = any(${arrays.int8(recordIds)})`.execute(trx);
  return new Set(rows.map(({ email }) => email));
}
