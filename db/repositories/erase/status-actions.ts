import { sql } from 'kysely';
import type { Db } from '../../database.ts';
import { alternatePrefix } from '../apply/adopt-links.ts';
import type { SenderScope } from '../deliver/sender.ts';

type Scope = Pick<SenderScope, 'connectorId' | 'dataType'>;

/** The contact that an action is about, as it is known now; it may have got an id since. Undefined when it belongs to another record, or to none. */
export async function contactOfAction(db: Db, { connectorId, dataType }: Scope, { externalId, recordId, notSources }: { readonly externalId: string; readonly recordId: number; readonly notSources: readonly string[] }) {
  const alternate = externalId.startsWith(alternatePrefix) ? externalId.slice(alternatePrefix.length) : null;
  const { rows } = await sql<{ externalId: string; address: string | null; isBack: boolean }>`
    select l.external_id "externalId", coalesce(l.address, l.held->>'email') address,
      exists (select 1 from source_record s where s.record_id = l.record_id and s.deleted_at is null and not s.connector_id = any(${[...notSources]}::text[])) "isBack"
    from link l where l.connector_id = ${connectorId} and l.data_type = ${dataType} and l.record_id in (
        with recursive chain as (select id, merged_into from record where id = ${recordId} union all select r.id, r.merged_into from record r join chain c on r.id = c.merged_into) select id from chain)
      and (l.external_id = ${externalId} or l.alternate_id = ${alternate}) order by l.external_id = ${externalId} desc limit 1`.execute(db);
  return rows[0];
}

/** Blanks what an anonymise action and its link still say of a contact that is not there any more. Idempotent. */
export async function blankAnonymised(db: Db, { connectorId, dataType }: Scope, actionId: number, target: string): Promise<void> {
  await db.updateTable('action').set({ payload: '{}' }).where('id', '=', actionId).execute();
  await sql`
    update link set held = '{}', sent = '{}', echoes = '{}', off_since = '{}', address = null, alternate_id = null, gone_at = coalesce(gone_at, clock_timestamp()), is_primary = false
    where connector_id = ${connectorId} and data_type = ${dataType} and anonymised_at is not null
      and (external_id = ${target} or ${alternatePrefix} || alternate_id = ${target})`.execute(db);
}
