import { sql } from 'kysely';
import type { MergedRecord } from '../../../domain/model/record.ts';
import type { DataType } from '../../../domain/presets/data-types.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import type { Raise } from './raise.ts';
import type { ExportTarget } from './types.ts';

/** What to raise at one connector when stored records are gone through, behind everything else. What is gone at the platform is not made there again for that. */
export async function raisesForAll(trx: Trx, target: ExportTarget, dataType: DataType, records: readonly MergedRecord[]): Promise<Raise[]> {
  const { rows } = await sql<{ record_id: number; external_id: string; is_primary: boolean; gone: boolean }>`
    select record_id, external_id, is_primary, gone_at is not null gone from link
    where record_id = any(${arrays.int8(records.map(({ id }) => id))}) and connector_id = ${target.connectorId} and data_type = ${dataType}`.execute(trx);
  const linked = new Set(rows.map((row) => row.record_id));
  const known = rows.filter((row) => !row.gone && (target.targets === 'all-links' || row.is_primary));
  const unknown = target.createsContacts ? records.filter(({ id, deleted }) => !linked.has(id) && !deleted) : [];
  return [...known.map((row) => ({ recordId: row.record_id, target: row.external_id, lane: 2 as const })), ...unknown.map(({ id }) => ({ recordId: id, target: '', lane: 2 as const }))];
}
