import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { recordCodes } from './failed/record-codes.ts';

/** The state of the flow in numbers, for metrics: ids, states and counts only. */
export interface FlowGauges {
  readonly inbox: readonly { readonly connector_id: string; readonly waiting: number; readonly lag_seconds: number }[];
  readonly deliveries: readonly { readonly connector_id: string; readonly state: string; readonly count: number }[];
  readonly pending: readonly { readonly connector_id: string; readonly age_seconds: number }[];
  readonly failures: readonly { readonly connector_id: string; readonly code: string; readonly count: number }[];
}

/** Reads the gauges over all accounts of the session. Each statement uses a partial index on what is not settled. */
export async function flowGauges(db: Db): Promise<FlowGauges> {
  const [inbox, deliveries, pending, failures] = await Promise.all([
    sql<FlowGauges['inbox'][number]>`
      select connector_id, count(*) waiting, extract(epoch from clock_timestamp() - min(received_at))::float8 lag_seconds
      from inbox where state = 'new' group by connector_id`.execute(db),
    sql<FlowGauges['deliveries'][number]>`
      select connector_id, state, count(*) count from delivery
      where state in ('pending', 'parked', 'excluded', 'failed') group by connector_id, state`.execute(db),
    sql<FlowGauges['pending'][number]>`
      select connector_id, extract(epoch from clock_timestamp() - min(pending_since))::float8 age_seconds
      from delivery where state = 'pending' group by connector_id`.execute(db),
    sql<FlowGauges['failures'][number]>`
      select connector_id, code, count(*) count from (
        select connector_id, coalesce(code, 'UNKNOWN') code from delivery where state = 'failed'
        union all select connector_id, coalesce(code, 'UNKNOWN') from action where state = 'failed' or (state = 'parked' and code is not null)
        union all select connector_id, code from rejected_record where state = 'open'
        union all select connector_id, code from call_attempt where state = 'open' and not code = any(${recordCodes}::text[])
      ) open group by connector_id, code`.execute(db),
  ]);
  return { inbox: inbox.rows, deliveries: deliveries.rows, pending: pending.rows, failures: failures.rows };
}
