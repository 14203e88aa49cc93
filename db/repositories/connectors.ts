import { sql, type Insertable, type Selectable } from 'kysely';
import type { MappingEntry } from '../../domain/mapping/mapping.ts';
import type { Db } from '../database.ts';
import type { ConnectorTable } from '../tables/connector.ts';

/** A connector as stored; `credentials` is ciphertext. */
export type ConnectorRow = Selectable<ConnectorTable>;
/** What is needed to store a connector; `settings` as JSON text. */
export type NewConnector = Insertable<ConnectorTable>;

/** The connector, or undefined; removed ones are found too. */
export async function findConnector(db: Db, connectorId: string): Promise<ConnectorRow | undefined> {
  return db.selectFrom('connector').selectAll().where('id', '=', connectorId).executeTakeFirst();
}

/** A connector with what was discovered of it and its permission links. */
export interface ConnectorWithLinks {
  readonly connector: ConnectorRow;
  /** As stored; null before the first discovery. */
  readonly fields: unknown;
  /** Hub permission to the platform's key. */
  readonly permissionKeys: Readonly<Record<string, string>>;
  /** Entries of the newest mapping; empty when nobody set one. */
  readonly mappingEntries: readonly MappingEntry[];
}

/** The connector with its fields and links in one round trip, or undefined; removed ones are found too. */
export async function findConnectorWithLinks(db: Db, connectorId: string): Promise<ConnectorWithLinks | undefined> {
  const row = await db.selectFrom('connector').selectAll('connector')
    .leftJoin('connector_field', 'connector_field.connector_id', 'connector.id').select('connector_field.fields as discovered')
    .select(sql<Record<string, string>>`coalesce((select json_object_agg(permission, platform_key) from permission_link p where p.connector_id = connector.id), '{}')`.as('links'))
    .select(sql<MappingEntry[]>`coalesce((select entries from mapping m where m.connector_id = connector.id and m.data_type = 'contacts' order by version desc limit 1), '[]')`.as('mapping_entries'))
    .where('connector.id', '=', connectorId).executeTakeFirst();
  if (row === undefined) return undefined;
  const { discovered, links, mapping_entries: mappingEntries, ...connector } = row;
  return { connector, fields: discovered, permissionKeys: links, mappingEntries };
}

/** All connectors in the order they were added; removed ones only when asked for. */
export async function listConnectors(db: Db, options: { readonly removed: boolean } = { removed: false }): Promise<ConnectorRow[]> {
  const all = db.selectFrom('connector').selectAll().orderBy('created_at').orderBy('id');
  return (options.removed ? all : all.where('phase', '<>', 'removed')).execute();
}

/** Stores a new connector; false when the id is taken (also by a removed one, or by another account: ids are unique in the hub). */
export async function insertConnector(db: Db, connector: NewConnector): Promise<boolean> {
  const row = await db.insertInto('connector').values(connector).onConflict((c) => c.doNothing()).returning('id').executeTakeFirst();
  return row !== undefined;
}

/** What an operator may change after a connector was added. */
export interface ConnectorUpdate {
  readonly name?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly credentials?: { readonly sealed: string; readonly key: string };
}

/** Writes settings or credentials of a connector. */
export async function updateConnector(db: Db, connectorId: string, update: ConnectorUpdate): Promise<void> {
  const values = {
    ...(update.name === undefined ? {} : { name: update.name }),
    ...(update.settings === undefined ? {} : { settings: JSON.stringify(update.settings) }),
    ...(update.credentials === undefined ? {} : { credentials: update.credentials.sealed, credential_key: update.credentials.key }),
  };
  if (Object.keys(values).length > 0) await db.updateTable('connector').set(values).where('id', '=', connectorId).execute();
}

/** Ids in the whole hub that begin with the platform's name, for a default id that is free. Sees all accounts only in a session for all. */
export async function connectorIdsLike(db: Db, prefix: string): Promise<string[]> {
  const rows = await db.selectFrom('connector').select('id').where('id', 'like', `${prefix}-%`).execute();
  return rows.map((row) => row.id);
}
