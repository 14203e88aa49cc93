import type { Trx } from '../../db/database.ts';
import { findAccount } from '../../db/repositories/accounts.ts';
import { findMappingRun } from '../../db/repositories/mapping/mapping-runs.ts';
import { HubError } from '../../domain/errors.ts';
import { isSamePairing, type Mapping } from '../../domain/mapping/mapping.ts';
import type { ConnectorRow } from '../../db/repositories/connectors.ts';
import type { MapsFields } from '../../platforms/maps-fields.ts';
import type { Platform } from '../../platforms/platform.ts';

/** What a platform knows of mapping. Throws REQUEST_INVALID where nothing is mapped. */
export function requireRules(platform: Platform): MapsFields['mapping'] {
  if (platform.mapping !== undefined) return platform.mapping;
  throw new HubError('REQUEST_INVALID', `The fields of ${platform.description.title} are fixed: there is nothing to map.`, { field: 'connectorId', fix: 'Choose a connector of Mail+.' });
}

/**
 * Whether a connector may go from one mapping to another now. Throws MAPPING_INVALID for a field that contacts are found by once there are
 * contacts, and REMAP_RUNNING while stored payloads are still read anew because of another change.
 */
export async function requireTransition(trx: Trx, row: ConnectorRow, before: Mapping, after: Mapping): Promise<void> {
  const account = await findAccount(trx, row.account_id);
  const keys = account?.settings.matching === 'phone' ? ['email', 'mobile', 'phone'] : ['email'];
  if (after.out['email'] === undefined || after.in['email'] === undefined) throw new HubError('MAPPING_INVALID', 'The e-mail address can not be left out: contacts are found by it.', { field: 'email' });
  const moved = keys.find((name) => before.in[name] !== after.in[name] || before.out[name] !== after.out[name]);
  if (moved !== undefined && (await hasContacts(trx, row.id))) {
    throw new HubError('MAPPING_INVALID', `Contacts are found by «${moved}», and there are contacts: another property for it would make others of them.`, { field: moved, fix: 'Map it with the setting `properties` when the connector is added.' });
  }
  const run = await findMappingRun(trx, row.id);
  if (run?.state === 'running' && run.before !== null && !isSamePairing(before.in, after.in)) {
    throw new HubError('REMAP_RUNNING', `Stored contacts are read anew since ${run.startedAt} because of the last change of the mapping.`, { connectorId: row.id });
  }
}

async function hasContacts(trx: Trx, connectorId: string): Promise<boolean> {
  return (await trx.selectFrom('link').select('external_id').where('connector_id', '=', connectorId).limit(1).executeTakeFirst()) !== undefined;
}
