import { sql } from 'kysely';
import type { SourceRow } from '../../../domain/model/source-record.ts';
import type { Trx } from '../../database.ts';

/** Prefix of the id under which a thing is kept that does not carry an id of ours yet. */
export const alternatePrefix = 'enc:';

/**
 * A thing that was known by its second id only and now carries a first one (we gave it the id, or somebody did) keeps its history:
 * link, source record, deliveries, activities and consent move to the first id.
 */
export async function adoptAlternates(trx: Trx, connectorId: string, dataType: string, rows: readonly Pick<SourceRow, 'externalId' | 'alternateId'>[]): Promise<void> {
  const named = rows.filter((row) => row.alternateId !== undefined && !row.externalId.startsWith(alternatePrefix));
  if (named.length === 0) return;
  const from = named.map((row) => `${alternatePrefix}${row.alternateId ?? ''}`);
  const found = await sql<{ external_id: string }>`
    select external_id from link where connector_id = ${connectorId} and data_type = ${dataType} and external_id = any(${from}::text[])`.execute(trx);
  if (found.rows.length === 0) return;
  const known = new Set(found.rows.map((row) => row.external_id));
  const pairs = named.map((row, i) => ({ from: from[i] ?? '', to: row.externalId })).filter((pair) => known.has(pair.from));
  await renameThings(trx, connectorId, dataType, pairs);
}

/** Renames things everywhere their ids are kept, in one statement a table. Does nothing where the new id is taken already. */
export async function renameThings(trx: Trx, connectorId: string, dataType: string, pairs: readonly { readonly from: string; readonly to: string }[]): Promise<void> {
  if (pairs.length === 0) return;
  const x = sql`(select *, ${connectorId}::text as connector_id, ${dataType}::text as data_type
    from unnest(${pairs.map((p) => p.from)}::text[], ${pairs.map((p) => p.to)}::text[]) as x(old_id, new_id) offset 0) x`;
  for (const table of ['source_record', 'link']) {
    await sql`
      update ${sql.table(table)} t set external_id = x.new_id from ${x} where t.external_id = x.old_id and t.connector_id = x.connector_id and t.data_type = x.data_type
        and not exists (select 1 from ${sql.table(table)} o where o.external_id = x.new_id and o.connector_id = x.connector_id and o.data_type = x.data_type)`.execute(trx);
  }
  await sql`
    update delivery d set target = x.new_id from ${x} join link l on l.external_id = x.new_id and l.connector_id = x.connector_id and l.data_type = x.data_type
    where d.record_id = l.record_id and d.connector_id = x.connector_id and d.data_type = x.data_type and d.target = x.old_id
      and not exists (select 1 from delivery o where o.record_id = l.record_id and o.connector_id = x.connector_id and o.data_type = x.data_type and o.target = x.new_id)`.execute(trx);
  await sql`
    update consent_event e set external_id = x.new_id from ${x} join link l on l.external_id = x.new_id and l.connector_id = x.connector_id and l.data_type = x.data_type
    where e.record_id = l.record_id and e.connector_id = x.connector_id and e.external_id = x.old_id`.execute(trx);
  await sql`update activity a set contact_external_id = x.new_id from ${x} where a.connector_id = x.connector_id and a.contact_external_id = x.old_id`.execute(trx);
}
