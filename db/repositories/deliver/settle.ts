import { sql } from 'kysely';
import { arrays } from '../../binary-arrays.ts';
import type { Db, Trx } from '../../database.ts';
import { keyed } from '../by-key.ts';
import { repeatOnConflict } from '../repeat-on-conflict.ts';
import type { PlannedWrite, SenderScope } from './sender.ts';

/** How a delivery ended, for the one state that was wanted when it was planned. */
export interface Settlement {
  readonly recordId: number;
  readonly target: string;
  readonly wanted: number;
  readonly state: 'delivered' | 'excluded' | 'failed' | 'parked';
  readonly code: string | null;
  readonly reason: string | null;
  /** The thing that a delivery without a target has made, and belongs to from now on. */
  readonly newTarget?: string;
}

/** How a delivery shows that a field was held back; nothing where none was. */
export function heldBackFacts(heldBack: string | undefined): Partial<Pick<Settlement, 'code' | 'reason'>> {
  return heldBack === undefined ? {} : { code: 'FIELD_WITHHELD', reason: heldBack };
}

/**
 * Settles deliveries; one that is wanted again meanwhile stays pending. Outside a transaction it is repeated when it loses a race: the join locks
 * the rows in an order of its own, and pages that raise the same deliveries lock them too.
 * The connector is a column of the joined rows on purpose: as a constant it tempts the planner to read all deliveries of the connector.
 */
export async function settle(trx: Trx | Db, scope: SenderScope, settlements: readonly Settlement[]): Promise<void> {
  if (settlements.length === 0) return;
  const s = [...settlements].sort((a, b) => a.recordId - b.recordId || (a.target < b.target ? -1 : 1));
  const statement = sql`
    update delivery d set target = case when x.new_target is null or exists (select 1 from delivery o
        where o.record_id = x.record_id and o.connector_id = x.connector_id and o.data_type = x.data_type and o.target = x.new_target) then d.target else x.new_target end,
      delivered = greatest(d.delivered, x.wanted), settled_at = clock_timestamp(), failures = 0,
      state = case when d.wanted > x.wanted then 'pending' else x.state end,
      code = case when d.wanted > x.wanted then null else x.code end, reason = case when d.wanted > x.wanted then null else x.reason end
    from ${keyed(scope, sql`unnest(${arrays.int8(s.map((x) => x.recordId))}, ${arrays.text(s.map((x) => x.target))}, ${arrays.int4(s.map((x) => x.wanted))}, ${arrays.text(s.map((x) => x.state))},
      ${arrays.text(s.map((x) => x.code))}, ${arrays.text(s.map((x) => x.reason))}, ${arrays.text(s.map((x) => x.newTarget ?? null))}) as x(record_id, target, wanted, state, code, reason, new_target)`)}
    where d.record_id = x.record_id and d.connector_id = x.connector_id and d.data_type = x.data_type and d.target = x.target`;
  await (trx.isTransaction ? statement.execute(trx) : repeatOnConflict(() => statement.execute(trx)));
}

/** A batch that failed while the connection works: remembered on its rows, so that it is halved the next time. */
export async function blameBatch(db: Db, scope: SenderScope, writes: readonly PlannedWrite[]): Promise<void> {
  await repeatOnConflict(() => sql`
    update delivery d set failures = d.failures + 1
    from ${keyed(scope, sql`unnest(${arrays.int8(writes.map((w) => w.delivery.recordId))}, ${arrays.text(writes.map((w) => w.delivery.target))}) as x(record_id, target)`)}
    where d.record_id = x.record_id and d.connector_id = x.connector_id and d.data_type = x.data_type and d.target = x.target`.execute(db));
}
