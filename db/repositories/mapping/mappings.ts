import type { MappingEntry } from '../../../domain/mapping/mapping.ts';
import type { Db, Trx } from '../../database.ts';

/** The newest version of what a person says about a connector's mapping. */
export interface StoredMapping {
  readonly version: number;
  readonly entries: readonly MappingEntry[];
  readonly who: string;
  readonly at: string;
}

const dataType = 'contacts';

/** The newest version, or undefined when nobody ever set one. */
export async function newestMapping(db: Db, connectorId: string): Promise<StoredMapping | undefined> {
  const row = await db.selectFrom('mapping').select(['version', 'entries', 'who', 'created_at']).where('connector_id', '=', connectorId).where('data_type', '=', dataType)
    .orderBy('version', 'desc').limit(1).executeTakeFirst();
  return row === undefined ? undefined : { version: row.version, entries: row.entries, who: row.who, at: row.created_at };
}

/** Stores another version; the caller holds the lock of the connector. */
export async function insertMapping(trx: Trx, mapping: { readonly accountId: string; readonly connectorId: string; readonly version: number; readonly entries: readonly MappingEntry[]; readonly who: string }): Promise<void> {
  const { accountId, connectorId, version, entries, who } = mapping;
  await trx.insertInto('mapping').values({ account_id: accountId, connector_id: connectorId, data_type: dataType, version, entries: JSON.stringify(entries), who }).execute();
}
