import type { Db } from '../../db/database.ts';
import { findConnectorFields } from '../../db/repositories/connector-fields.ts';
import { splitSettings } from '../../db/repositories/connector-settings.ts';
import { findConnector, findConnectorWithLinks, type ConnectorRow } from '../../db/repositories/connectors.ts';
import { HubError } from '../../domain/errors.ts';
import type { MappingEntry } from '../../domain/mapping/mapping.ts';
import { describedBy } from '../../platforms/described.ts';
import type { Platform, PlatformField, PlatformSettings } from '../../platforms/platform.ts';
import type { GatewayDependencies } from '../dependencies.ts';

/** A stored connector with what belongs to it. */
export interface LoadedConnector {
  readonly row: ConnectorRow;
  readonly platform: Platform;
  readonly fields: readonly PlatformField[];
  readonly permissionKeys: Readonly<Record<string, string>>;
  /** What a person says about its mapping. */
  readonly mappingEntries: readonly MappingEntry[];
}

/** The connector as the account of `db` sees it. Throws CONNECTOR_UNKNOWN, also for one of another account. */
export async function requireConnector(db: Db, connectorId: string): Promise<ConnectorRow> {
  return (await findConnector(db, connectorId)) ?? unknown(connectorId);
}

/** The same, and not removed: throws CONNECTOR_STATE otherwise. */
export async function requireActiveConnector(db: Db, connectorId: string): Promise<ConnectorRow> {
  return active(await requireConnector(db, connectorId));
}

function active(row: ConnectorRow): ConnectorRow {
  if (row.phase === 'removed') throw new HubError('CONNECTOR_STATE', `The connector «${row.id}» was removed.`, { connectorId: row.id });
  return row;
}

function unknown(connectorId: string): never {
  throw new HubError('CONNECTOR_UNKNOWN', `There is no connector «${connectorId}».`, { connectorId });
}

/** The connector with its fields and permission links. Throws CONNECTOR_UNKNOWN or CONNECTOR_STATE. */
export async function loadConnector(deps: Pick<GatewayDependencies, 'platforms'>, db: Db, connectorId: string): Promise<LoadedConnector> {
  const { connector, fields, permissionKeys, mappingEntries } = (await findConnectorWithLinks(db, connectorId)) ?? unknown(connectorId);
  return { row: active(connector), platform: platformOf(deps, connector), fields: asFields(fields), permissionKeys, mappingEntries };
}

/** The platform of a stored connector, described as its settings have it. Throws REQUEST_INVALID for one that the hub does not know any more. */
export function platformOf(deps: Pick<GatewayDependencies, 'platforms'>, { platform, settings }: Pick<ConnectorRow, 'platform' | 'settings'>): Platform {
  return describedBy(requirePlatform(deps, platform), splitSettings(settings).platform as PlatformSettings);
}

/** What was discovered of a connector's account; empty before. */
export async function fieldsOf(db: Db, connectorId: string): Promise<readonly PlatformField[]> {
  return asFields((await findConnectorFields(db, connectorId))?.fields);
}

function asFields(stored: unknown): readonly PlatformField[] {
  return Array.isArray(stored) ? (stored as readonly PlatformField[]) : [];
}

/** The platform with this id. Throws REQUEST_INVALID with those there are. */
export function requirePlatform(deps: Pick<GatewayDependencies, 'platforms'>, id: string): Platform {
  const platform = Object.hasOwn(deps.platforms, id) ? deps.platforms[id] : undefined;
  if (platform !== undefined) return platform;
  throw new HubError('REQUEST_INVALID', `There is no platform «${id}». There are: ${Object.keys(deps.platforms).join(', ')}.`, { field: 'platform' });
}
