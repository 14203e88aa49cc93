import { sql } from 'kysely';
import type { PersonKey } from '../../../domain/erasure/traces.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import { lockAllOf, lockRecords } from '../apply/load.ts';
import type { RowCounts } from './delete-rows.ts';
import type { Person } from './person.ts';

/**
 * Deletes the orders and checkouts of a person, who stands in them with address and all: those that name one of the person's contacts at the same connector, or one of
 * the addresses. Looks at all of them. What a destination has of an order stays there, without a person. Returns how many.
 */
export async function deleteTrades(trx: Trx, accountId: string, { things }: Person, keys: readonly PersonKey[]): Promise<RowCounts> {
  const emails = keys.flatMap(({ kind, value }) => (kind === 'email' ? [value] : []));
  const { rows } = await sql<{ record_id: number }>`
    select distinct s.record_id from source_record s
    where s.account_id = ${accountId} and s.data_type in ('orders', 'checkouts') and (lower(trim(s.canonical->>'email')) = any(${arrays.text(emails)})
      or exists (select 1 from unnest(${arrays.text(things.map(({ connectorId }) => connectorId))}, ${arrays.text(things.map(({ externalId }) => externalId))}) as x(connector_id, external_id)
        where x.connector_id = s.connector_id and x.external_id = s.canonical->>'contactExternalId'))
    order by 1`.execute(trx);
  const recordIds = rows.map((row) => row.record_id);
  if (recordIds.length === 0) return { trades: 0 };
  await lockRecords(trx, recordIds);
  await lockAllOf(trx, recordIds);
  const ids = arrays.int8(recordIds);
  for (const table of ['delivery', 'record_change', 'change_feed', 'reference', 'purchase', 'link', 'source_record', 'match_key']) await sql`delete from ${sql.table(table)} where record_id = any(${ids})`.execute(trx);
  await sql`
    update record set canonical = '{}', provenance = '[]', email = null, deleted = true, version = version + 1, erased_at = clock_timestamp(), updated_at = clock_timestamp() where id = any(${ids})`.execute(trx);
  return { trades: recordIds.length };
}
