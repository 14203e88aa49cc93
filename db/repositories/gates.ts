import { sql } from 'kysely';
import type { Db, Trx } from '../database.ts';
import { gateReason } from './apply/raise.ts';

/**
 * Whether deliveries to a connector may go out: its own first import of the data type is complete (design §4.6).
 * A connector whose preset does not import the type has no first import to wait for.
 */
export async function isGateOpen(db: Db | Trx, connectorId: string, dataType: string, isImported: boolean): Promise<boolean> {
  if (!isImported) return true;
  const row = await db.selectFrom('backfill_run').select('id')
    .where('connector_id', '=', connectorId).where('data_type', '=', dataType).where('is_first', '=', true).where('state', '=', 'done').limit(1).executeTakeFirst();
  return row !== undefined;
}

/** Sets free what waited for the first import. Idempotent; returns how many. */
export async function openGate(db: Db | Trx, connectorId: string, dataType: string): Promise<number> {
  const result = await sql`
    update delivery set state = 'pending', reason = null, pending_since = clock_timestamp()
    where connector_id = ${connectorId} and data_type = ${dataType} and state = 'parked' and reason = ${gateReason}`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

/**
 * Raises one delivery for every stored record of a type, when an export connector is activated: otherwise everything that came
 * before it would never arrive (design §4.6). Idempotent: what is raised already stays. Only for platforms that create contacts.
 * `unlinkedOnly`: only records that the platform does not have, to catch those that were on their way at the activation.
 */
export async function raiseFirstExport(db: Db | Trx, scope: { accountId: string; connectorId: string; dataType: string; gateOpen: boolean; unlinkedOnly?: boolean }): Promise<number> {
  const result = await sql`
    insert into delivery (account_id, connector_id, data_type, record_id, target, lane, state, reason)
    select r.account_id, ${scope.connectorId}, r.data_type, r.id,
      coalesce((select l.external_id from link l where l.record_id = r.id and l.connector_id = ${scope.connectorId} and l.is_primary and l.gone_at is null limit 1), ''),
      2, ${scope.gateOpen ? 'pending' : 'parked'}, ${scope.gateOpen ? null : gateReason}
    from record r where r.account_id = ${scope.accountId} and r.data_type = ${scope.dataType} and r.merged_into is null and not r.deleted
      and (not ${scope.unlinkedOnly ?? false}::boolean or not exists (select 1 from link l where l.record_id = r.id and l.connector_id = ${scope.connectorId}))
    order by r.id on conflict do nothing`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}
