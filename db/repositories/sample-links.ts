import type { Db } from '../database.ts';
import { alternatePrefix } from './apply/adopt-links.ts';

/** Some contacts that a connector knows, by its ids and by the platform's own. None before it has read any. */
export async function sampleLinks(db: Db, connectorId: string, limit: number): Promise<readonly { readonly externalId: string; readonly alternateId: string }[]> {
  const rows = await db.selectFrom('link').select(['external_id', 'alternate_id']).where('connector_id', '=', connectorId).where('data_type', '=', 'contacts')
    .where('alternate_id', 'is not', null).where('gone_at', 'is', null).where('switched_to', 'is', null).where('external_id', 'not like', `${alternatePrefix}%`)
    .orderBy('alternate_id').limit(limit).execute();
  return rows.flatMap((row) => (row.alternate_id === null ? [] : [{ externalId: row.external_id, alternateId: row.alternate_id }]));
}
