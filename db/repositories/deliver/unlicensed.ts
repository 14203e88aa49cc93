import { sql } from 'kysely';
import type { RecordType } from '../../../domain/model/record-fields.ts';
import type { Db } from '../../database.ts';

/** Code of a delivery that waits because the platform's licence does not have its data type. */
export const unlicensedCode = 'PLATFORM_NOT_LICENSED';

/** What the platform said today (UTC) of its licence for a data type; undefined when it did not speak of it. Asked once a day, not once a record. */
export async function unlicensedReason(db: Db, connectorId: string, dataType: RecordType, now: string): Promise<string | undefined> {
  const { rows } = await sql<{ reason: string | null }>`
    select reason from delivery where connector_id = ${connectorId} and data_type = ${dataType} and code = 'PLATFORM_NOT_LICENSED' and state = 'parked'
      and settled_at >= date_trunc('day', ${now}::timestamptz, 'UTC') order by settled_at desc limit 1`.execute(db);
  return rows[0] === undefined ? undefined : (rows[0].reason ?? '');
}

/**
 * Deliveries that wait for a licence are due again: all of a connector and data type of which one was taken since, and one, once a day, of
 * which none was: it asks again. Returns the connectors with work.
 */
export async function releaseUnlicensed(db: Db, now: string): Promise<readonly string[]> {
  const { rows } = await sql<{ connectorId: string }>`
    with waiting as (
      select connector_id, data_type, max(settled_at) last, min(record_id) one from delivery where code = 'PLATFORM_NOT_LICENSED' and state = 'parked' group by 1, 2),
    due as (
      select w.*, exists (select 1 from delivery o where o.connector_id = w.connector_id and o.data_type = w.data_type and o.state = 'delivered' and o.settled_at > w.last) taken from waiting w)
    update delivery d set state = 'pending', wanted = d.wanted + 1, code = null, reason = null, pending_since = clock_timestamp()
    from due where d.connector_id = due.connector_id and d.data_type = due.data_type and d.code = 'PLATFORM_NOT_LICENSED' and d.state = 'parked'
      and (due.taken or (due.last < date_trunc('day', ${now}::timestamptz, 'UTC') and d.record_id = due.one))
    returning d.connector_id "connectorId"`.execute(db);
  return [...new Set(rows.map(({ connectorId }) => connectorId))];
}
