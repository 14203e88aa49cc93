import { z } from 'zod';
import { inAccount, type Trx } from '../../db/database.ts';
import { writeAudit } from '../../db/repositories/audit.ts';
import { findConnectorFields } from '../../db/repositories/connector-fields.ts';
import { saveDiscovery } from '../../db/repositories/mapping/save-discovery.ts';
import { HubError } from '../../domain/errors.ts';
import { mappingOf } from '../../platforms/connector-mapping.ts';
import type { PlatformField } from '../../platforms/platform.ts';
import type { Actor } from '../connectors/add-connector.ts';
import { openCredentials } from '../connectors/credentials.ts';
import { linkPermissions } from '../connectors/link-permissions.ts';
import { loadConnector } from '../connectors/load-connector.ts';
import { platformContext } from '../connectors/platform-context.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import { startRemap, type RemapDependencies } from './start-remap.ts';

/** The fields of a connector's account, as they were read last. */
export const connectorFieldsSchema = z.object({
  connectorId: z.string(),
  readAt: z.string().nullable().describe('When the platform was asked; null: never.'),
  fields: z.array(z.object({
    name: z.string(), type: z.string(), description: z.string(), readOnly: z.string().nullable().describe('Why it can not be written.'),
    switches: z.array(z.object({ name: z.string().describe('What a field is mapped to, as `list1:2`.'), description: z.string() })).describe('Of a set.'),
  })),
  gone: z.array(z.object({ name: z.string(), since: z.string() })).describe('Were there once, and are not any more.'),
}).meta({ id: 'ConnectorFields' });

/** `connectorFieldsSchema`. */
export type ConnectorFieldsView = z.infer<typeof connectorFieldsSchema>;

/** The fields as they were read last. Throws CONNECTOR_UNKNOWN, CONNECTOR_STATE. */
export async function connectorFieldsView(deps: Pick<GatewayDependencies, 'platforms'>, trx: Trx, connectorId: string): Promise<ConnectorFieldsView> {
  await loadConnector(deps, trx, connectorId);
  const known = await findConnectorFields(trx, connectorId);
  const fields = (known?.fields ?? []) as readonly PlatformField[];
  return {
    connectorId, readAt: known?.discoveredAt ?? null, gone: Object.entries(known?.gone ?? {}).map(([name, since]) => ({ name, since })),
    fields: fields.map(({ name, type, description, readOnly = null, entries = [] }) => ({ name, type, description, readOnly, switches: entries.map((entry) => ({ name: entry.key, description: entry.description })) })),
  };
}

/**
 * Asks the platform for the fields of the account and keeps them; permissions are linked anew, and stored records planned anew where a
 * mapped property came or went. Throws CONNECTOR_UNKNOWN, CONNECTOR_STATE, REQUEST_INVALID for a platform with fixed fields, and
 * the platform's errors: then what was known stays.
 */
export async function refreshFields(deps: RemapDependencies, { accountId, who }: Actor, connectorId: string): Promise<void> {
  const { row, platform, permissionKeys, mappingEntries } = await inAccount(deps.db, accountId, (trx) => loadConnector(deps, trx, connectorId));
  if (platform.discoverFields === undefined) throw new HubError('REQUEST_INVALID', `The fields of ${platform.description.title} are fixed.`, { field: 'connectorId', fix: 'Choose a connector of Mail+.' });
  const context = platformContext(deps, platform, { connectorId, settings: row.settings, credentials: openCredentials(deps.secrets, row), permissionKeys, fields: [], signal: AbortSignal.timeout(deps.settings.checkTimeoutMs) });
  const fields = await platform.discoverFields(context);
  const remaps = await inAccount(deps.db, accountId, async (trx) => {
    const found = await saveDiscovery(trx, { accountId, connectorId, fields, at: new Date(deps.now()).toISOString() }, mappingOf(platform, context.settings, mappingEntries));
    await linkPermissions(trx, accountId);
    if (found.changed.size > 0) await writeAudit(trx, { accountId, who, what: 'fields.changed', connectorId, details: { changed: [...found.changed], gone: Object.keys(found.gone) } });
    return found.remaps;
  });
  if (remaps) await startRemap(deps, connectorId);
}
