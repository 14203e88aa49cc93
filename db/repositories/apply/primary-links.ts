import { sql } from 'kysely';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';

/**
 * Of several links of a record at one platform one is the primary: the one that holds the record's address, or is just being given it, else
 * the one that was it already, else the first by id. The caller holds the locks of the records.
 */
export async function choosePrimaryLinks(trx: Trx, recordIds: readonly number[]): Promise<void> {
  if (recordIds.length === 0) return;
  await sql`
    update link l set is_primary = (l.external_id = best.external_id)
    from (select distinct on (o.record_id, o.connector_id, o.data_type) o.record_id, o.connector_id, o.data_type, o.external_id
      from link o join record r on r.id = o.record_id where o.record_id = any(${arrays.int8(recordIds)}) and o.gone_at is null
      order by o.record_id, o.connector_id, o.data_type, coalesce(coalesce(o.address, lower(trim(o.held->>'email'))) = r.email, false) desc,
        (exists (select 1 from json_each(o.sent) c where c.value->'changes'->>'email' = r.email)) desc, o.is_primary desc, o.external_id) best
    where l.record_id = best.record_id and l.connector_id = best.connector_id and l.data_type = best.data_type
      and l.is_primary <> (l.external_id = best.external_id)`.execute(trx);
}
