import { HubError } from '../../domain/errors.ts';
import type { PlatformContext, PlatformField } from '../platform.ts';
import { listProspects } from './client.ts';
import { consentKey } from './consents.ts';
import { heldKeyOf } from './names.ts';
import { settingsOf } from './settings.ts';

/**
 * Asks Coins for one prospect.
 *
 * @throws HubError CONFIGURATION_INVALID when no consent code stands for the default permission, or what the call ends in
 */
export async function checkConnection(context: PlatformContext): Promise<{ readonly notes: readonly string[] }> {
  const { consentCodes, defaultPermission } = settingsOf(context);
  if (!Object.values(consentCodes).includes(defaultPermission)) {
    throw new HubError('CONFIGURATION_INVALID', `the setting consentCodes names no code for the default permission «${defaultPermission}»`, { field: 'consentCodes' });
  }
  await listProspects(context, new Date(context.now()).toISOString(), 1, 1);
  return { notes: ['The first import creates no contacts: only a list sync that Coins starts does. It updates the prospects that are known.'] };
}

/** The fields that Coins and the hub share. The permissions are entries of one field, with their keys in `held`. No call is made. */
export function discoverFields(context: PlatformContext): Promise<readonly PlatformField[]> {
  const { consentCodes } = settingsOf(context);
  const profile = Object.entries(heldKeyOf).map(([name, key]) => ({ name: key, description: name, type: 'text' }));
  const entries = Object.entries(consentCodes).map(([code, permission]) => ({ key: consentKey(code), description: permission }));
  return Promise.resolve([...profile, { name: 'consents', description: 'permissions on the prospect card', type: 'permissions', entries }]);
}
