import { sql } from 'kysely';
import type { Trx } from '../../database.ts';
import { inOrder } from '../in-order.ts';
import type { ApplyInput, WorkingSource } from './types.ts';

/**
 * A source record that leaves its record takes its statements along; what it withdrew stays withdrawn where it came from too
 * (design §9: withdrawals are copied to both sides, grants go only with their own side).
 * Withdrawals that the others made go along as well.
 */
export async function moveConsent(trx: Trx, input: ApplyInput, thing: WorkingSource): Promise<void> {
  if (thing.leaves === null) return;
  const columns = sql.raw('permission, granted, stated_at, received_at, connector_id, external_id, may_grant, evidence');
  const copy = sql`
    insert into consent_event (account_id, record_id, ${columns})
    select account_id, ${thing.recordId}, ${columns} from consent_event
    where record_id = ${thing.leaves} and (not granted or (connector_id = ${input.connectorId} and external_id = ${thing.externalId}))
    on conflict do nothing`;
  const take = sql`
    delete from consent_event where record_id = ${thing.leaves} and granted and connector_id = ${input.connectorId} and external_id = ${thing.externalId}`;
  await inOrder([copy.execute(trx), take.execute(trx)]);
}
