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
  for (const pair of pairs) await renameThing(trx, connectorId, dataType, pair.from, pair.to);
}

/** Renames one thing everywhere its id is kept. Does nothing where the new id is taken already. */
export async function renameThing(trx: Trx, connectorId: string, dataType: string, from: string, to: string): Promise<void> {
  for (const table of ['source_record', 'link']) {
    await sql`
      update ${sql.table(table)} t set external_id = ${to} where connector_id = ${connectorId} and data_type = ${dataType} and external_id = ${from}
        and not exists (select 1 from ${sql.table(table)} o where o.connector_id = ${connectorId} and o.data_type = ${dataType} and o.external_id = ${to})`.execute(trx);
  }
  await sql`update delivery d set target = ${to} where connector_id = ${connectorId} and data_type = ${dataType} and target = ${from}
    and not exists (select 1 from delivery o where o.connector_id = ${connectorId} and o.data_type = ${dataType} and o.record_id = d.record_id and o.target = ${to})`.execute(trx);
  await sql`update activity set contact_external_id = ${to} where connector_id = ${connectorId} and contact_external_id = ${from}`.execute(trx);
  await sql`update consent_event set external_id = ${to} where connector_id = ${connectorId} and external_id = ${from}`.execute(trx);
}
