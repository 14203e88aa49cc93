import { sql } from 'kysely';
import type { DataType } from '../../../domain/presets/data-types.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import { keyed } from '../by-key.ts';
import type { ExportTarget } from './types.ts';

/** One delivery to raise. `target` is a link's external id, or empty for a thing the platform does not have yet. */
export interface Raise {
  readonly recordId: number;
  readonly target: string;
  readonly lane: 0 | 1 | 2;
}

/** Why a delivery waits although nothing is wrong with it. */
export const gateReason = 'waiting for its own first import';

/**
 * Raises deliveries: `wanted` goes up, so that a change that comes while the previous one is on its way is not lost.
 * A failed or skipped one becomes pending again; one that waits for the connector's first import stays parked.
 */
export async function raiseDeliveries(trx: Trx, input: { readonly accountId: string; readonly dataType: DataType }, target: Pick<ExportTarget, 'connectorId' | 'gateOpen'>, raises: readonly Raise[]): Promise<void> {
  if (raises.length === 0) return;
  const sorted = [...raises].sort((a, b) => a.recordId - b.recordId || (a.target < b.target ? -1 : 1));
  const state = target.gateOpen ? 'pending' : 'parked';
  const reason = target.gateOpen ? null : gateReason;
  await sql`
    insert into delivery (account_id, connector_id, data_type, record_id, target, lane, state, reason)
    select ${input.accountId}, ${target.connectorId}, ${input.dataType}, r.record_id, r.target, r.lane, ${state}, ${reason}
    from unnest(${arrays.int8(sorted.map((r) => r.recordId))}, ${arrays.text(sorted.map((r) => r.target))}, ${arrays.int2(sorted.map((r) => r.lane))}) as r(record_id, target, lane)
    on conflict (connector_id, data_type, record_id, target) do update set
      wanted = delivery.wanted + 1,
      lane = case when delivery.state = 'pending' then least(delivery.lane, excluded.lane) else excluded.lane end,
      pending_since = case when delivery.state = 'pending' then delivery.pending_since else clock_timestamp() end,
      state = ${state}, reason = ${reason}, code = null`.execute(trx);
}

/** Links of the records at one connector: record, external id, whether it is the primary one. */
export async function linksAt(trx: Trx, connectorId: string, dataType: string, recordIds: readonly number[]): Promise<readonly { recordId: number; externalId: string; isPrimary: boolean }[]> {
  const { rows } = await sql<{ record_id: number; external_id: string; is_primary: boolean }>`
    select l.record_id, l.external_id, l.is_primary from ${keyed({ connectorId, dataType }, sql`unnest(${arrays.int8(recordIds)}) as x(record_id)`)}
    join link l on l.record_id = x.record_id and l.connector_id = x.connector_id and l.data_type = x.data_type where l.gone_at is null`.execute(trx);
  return rows.map((row) => ({ recordId: row.record_id, externalId: row.external_id, isPrimary: row.is_primary }));
}
