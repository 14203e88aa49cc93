import { sql, type RawBuilder } from 'kysely';
import { arrays } from '../../binary-arrays.ts';
import type { Db, Trx } from '../../database.ts';

/**
 * Resolves open cases of which the reason is gone: the address changed or was removed, or no other system than the one that reported the
 * bounces has the contact any more. Of these records, or of all that the session sees. Returns how many.
 */
export async function resolveOutdated(db: Db | Trx, recordIds: readonly number[] | 'all'): Promise<number> {
  if (recordIds.length === 0) return 0;
  const chosen = recordIds === 'all' ? sql<boolean>`true` : sql<boolean>`c.record_id = any(${arrays.int8(recordIds)})`;
  const isGone = sql<boolean>`(r.deleted or (
    exists (select 1 from link l where l.record_id = r.id and l.connector_id <> c.connector_id and l.data_type = 'contacts')
    and not exists (select 1 from link l where l.record_id = r.id and l.connector_id <> c.connector_id and l.data_type = 'contacts' and l.gone_at is null)))`;
  const result = await sql`
    update bounce_case c set resolved_at = clock_timestamp(), resolution = case when ${isGone} then 'contact-gone' else 'address-changed' end
    from record r where r.id = c.record_id and c.resolved_at is null and ${chosen}
      and (${isGone} or r.email is null or c.address <> sha256(convert_to(r.email, 'UTF8')))`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

/**
 * Moves cases with the contacts that they are about; `moves` has the columns `case_id` and `to_id`. A record keeps the oldest of its open
 * cases: the others go on in that one. The caller holds the locks of the records.
 */
export async function moveCases(trx: Trx, moves: RawBuilder<unknown>): Promise<void> {
  await sql`
    update bounce_case set resolved_at = clock_timestamp(), resolution = 'joined' where id in (
      select id from (
        select c.id, row_number() over (partition by coalesce(m.to_id, c.record_id) order by c.opened_at, c.id) place
        from bounce_case c left join (${moves}) m on m.case_id = c.id
        where c.resolved_at is null and (m.case_id is not null or c.record_id in (select to_id from (${moves}) t))) ranked
      where place > 1)`.execute(trx);
  await sql`update bounce_case c set record_id = m.to_id from (${moves}) m where c.id = m.case_id`.execute(trx);
}

/** Accounts with open cases, each with one of the connectors that reported them. */
export async function accountsWithCases(db: Db): Promise<readonly { readonly accountId: string; readonly connectorId: string }[]> {
  const { rows } = await sql<{ accountId: string; connectorId: string }>`
    select account_id "accountId", min(connector_id) "connectorId" from bounce_case where resolved_at is null group by 1 order by 1`.execute(db);
  return rows;
}
