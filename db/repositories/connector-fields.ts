import { sql } from 'kysely';
import type { DiscoveredField } from '../../domain/mapping/check-mapping.ts';
import { compareFields, type Discovery, type GoneProperties } from '../../domain/mapping/discovered.ts';
import type { Db } from '../database.ts';

/** What a platform's `discoverFields` answered. */
export interface NewFields {
  readonly accountId: string;
  readonly connectorId: string;
  readonly fields: readonly DiscoveredField[];
  /** When it was asked, ISO instant. */
  readonly at: string;
}

/** What is known of the fields of a connector's account. */
export interface KnownFields {
  /** The shape is `PlatformField[]`. */
  readonly fields: readonly DiscoveredField[];
  readonly gone: GoneProperties;
  readonly discoveredAt: string;
}

/** Keeps what the platform's `discoverFields` answered last, and since when what was there before is gone. Tells what has changed. */
export async function saveConnectorFields(db: Db, { accountId, connectorId, fields, at }: NewFields): Promise<Discovery> {
  const known = await findConnectorFields(db, connectorId);
  const discovery = compareFields(known?.fields ?? [], known?.gone ?? {}, fields, at);
  const values = { fields: JSON.stringify(fields), gone: JSON.stringify(discovery.gone), discovered_at: at };
  await db.insertInto('connector_field').values({ account_id: accountId, connector_id: connectorId, ...values })
    .onConflict((c) => c.column('connector_id').doUpdateSet(values)).execute();
  return discovery;
}

/** What was discovered last, or undefined before the first discovery. */
export async function findConnectorFields(db: Db, connectorId: string): Promise<KnownFields | undefined> {
  const row = await db.selectFrom('connector_field').select(['fields', 'gone', 'discovered_at']).where('connector_id', '=', connectorId).executeTakeFirst();
  return row === undefined ? undefined : { fields: Array.isArray(row.fields) ? (row.fields as readonly DiscoveredField[]) : [], gone: row.gone, discoveredAt: row.discovered_at };
}

/** What is gone of the accounts of all connectors, by connector; without those that lack nothing. */
export async function goneFields(db: Db): Promise<ReadonlyMap<string, GoneProperties>> {
  const rows = await db.selectFrom('connector_field').select(['connector_id', 'gone']).where(sql<boolean>`gone::text <> '{}'`).execute();
  return new Map(rows.map((row) => [row.connector_id, row.gone]));
}
