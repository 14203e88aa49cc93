import { sql } from 'kysely';
import { defaultSourceOf, type TypeWithDefaultSource } from '../../../domain/presets/default-source.ts';
import type { Trx } from '../../database.ts';
import { writeAudit } from '../audit.ts';
import { lockDefaultSource } from './in-force.ts';

/**
 * Brings into force whose word on a data type counts first, by the connectors that the account has now. When it was another's before, stored records are to be
 * merged anew: the run for that begins in this transaction, and a run under way begins again. Waits for pages and merges that are under way. Idempotent.
 */
export async function bringIntoForce(trx: Trx, accountId: string, dataType: TypeWithDefaultSource): Promise<void> {
  await lockDefaultSource(trx, accountId, dataType, 'alone');
  const connectors = await trx.selectFrom('connector').select(['id', 'preset', 'created_at']).where('account_id', '=', accountId).where('phase', '<>', 'removed').execute();
  const connectorId = defaultSourceOf(connectors) ?? null;
  const before = await trx.selectFrom('default_source').select('connector_id').where('account_id', '=', accountId).where('data_type', '=', dataType).executeTakeFirst();
  if (before?.connector_id === connectorId) return;
  await trx.insertInto('default_source').values({ account_id: accountId, data_type: dataType, connector_id: connectorId })
    .onConflict((c) => c.columns(['account_id', 'data_type']).doUpdateSet({ connector_id: connectorId })).execute();
  const cause = connectorId ?? before?.connector_id ?? null;
  if (before === undefined || cause === null) return;
  await sql`
    insert into default_source_run as r (account_id, data_type, connector_id, total)
    select ${accountId}, ${dataType}, ${cause}, count(*) from record where account_id = ${accountId} and data_type = ${dataType} and merged_into is null
    on conflict (account_id, data_type) do update set connector_id = excluded.connector_id, generation = r.generation + 1, total = excluded.total, state = 'running',
      position = 0, looked = 0, changed = 0, raised = 0, started_at = clock_timestamp(), finished_at = null`.execute(trx);
  await writeAudit(trx, { accountId, who: 'hub', what: 'defaultSource.changed', connectorId: cause, details: { dataType, from: before.connector_id, to: connectorId } });
}
