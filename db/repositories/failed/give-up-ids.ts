import { sql, type RawBuilder } from 'kysely';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import { alternatePrefix, renameThings } from '../apply/adopt-links.ts';
import { lockAllOf, lockRecords } from '../apply/load.ts';
import { switchedCode } from '../apply/switched.ts';

interface MovedId {
  account_id: string; data_type: string; record_id: number; external_id: string; alternate_id: string;
}

/**
 * An operator leaves the ids of these deliveries to the things that have them by now: ours are kept by the platform's own id again, get other ids
 * with the next call, and the deliveries are due. What has the old ids is read anew. Returns how many deliveries.
 */
export async function giveUpMovedIds(trx: Trx, connectorId: string, chosen: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<MovedId>`
    select l.account_id, l.data_type, l.record_id, l.external_id, l.alternate_id from delivery d
    join link l on l.record_id = d.record_id and l.connector_id = d.connector_id and l.data_type = d.data_type and l.switched_to is not null and d.target in ('', l.external_id)
    where d.connector_id = ${connectorId} and d.state = 'parked' and d.code = ${switchedCode} and l.alternate_id is not null
      and exists (select 1 from (select d.data_type, d.record_id, d.target, d.code) of_delivery where ${chosen})
    order by l.record_id`.execute(trx);
  const [first] = rows;
  if (first === undefined) return 0;
  const records = [...new Set(rows.map((row) => row.record_id))];
  await lockRecords(trx, records);
  await lockAllOf(trx, records);
  const ids = rows.map((row) => row.external_id);
  const due = await sql`
    update delivery set state = 'pending', wanted = greatest(wanted, delivered + 1), failures = 0, code = null, reason = null, settled_at = null, pending_since = clock_timestamp()
    where connector_id = ${connectorId} and record_id = any(${arrays.int8(records)}) and state = 'parked' and code = ${switchedCode} and target in (select '' union all select unnest(${arrays.text(ids)}))`.execute(trx);
  await sql`
    update link set switched_to = null, lost_id = external_id where connector_id = ${connectorId} and data_type = ${first.data_type} and external_id = any(${arrays.text(ids)})`.execute(trx);
  await renameThings(trx, connectorId, first.data_type, rows.map((row) => ({ from: row.external_id, to: `${alternatePrefix}${row.alternate_id}` })));
  await sql`
    insert into inbox (account_id, connector_id, kind, key, body_hash, payload)
    values (${first.account_id}, ${connectorId}, 'source-changed', 'given-up/' || gen_random_uuid(), sha256(''), ${JSON.stringify({ dataType: first.data_type, ids })})`.execute(trx);
  return Number(due.numAffectedRows ?? 0);
}
