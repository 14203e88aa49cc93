import { inAccount } from '../../db/database.ts';
import { writeAudit } from '../../db/repositories/audit.ts';
import { HubError } from '../../domain/errors.ts';
import type { FoundContact } from '../../platforms/web-forms.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import type { Caller } from '../http/access.ts';
import { openCredentials } from './credentials.ts';
import { loadConnector } from './load-connector.ts';
import { platformContext } from './platform-context.ts';

/** What a person looks for. */
export interface ContactSearch {
  readonly connectorId: string;
  readonly values: Readonly<Record<string, string>>;
  readonly limit: number;
}

/**
 * Contacts at a connector's platform that have all values, for a person. It is in the audit, with the names of the fields and without
 * the values. Throws CONNECTOR_UNKNOWN, CONNECTOR_STATE, REQUEST_INVALID with the field, and the platform's errors.
 */
export async function searchContacts(deps: GatewayDependencies, { accountId, who }: Caller, { connectorId, values, limit }: ContactSearch): Promise<{ readonly contacts: readonly FoundContact[]; readonly more: boolean }> {
  const { row, platform, permissionKeys, fields } = await inAccount(deps.db, accountId, (trx) => loadConnector(deps, trx, connectorId));
  if (platform.searchContacts === undefined) throw new HubError('REQUEST_INVALID', `${platform.description.title} cannot be searched.`, { field: 'connectorId', fix: 'Choose a connector of Mail+.' });
  const context = platformContext(deps, platform, {
    connectorId, settings: row.settings, credentials: openCredentials(deps.secrets, row), permissionKeys, fields, signal: AbortSignal.timeout(deps.settings.checkTimeoutMs),
  });
  const found = await platform.searchContacts(context, values, limit);
  await inAccount(deps.db, accountId, (trx) => writeAudit(trx, { accountId, who, what: 'contacts.searched', connectorId, details: { by: Object.keys(values), found: found.contacts.length } }));
  return found;
}
