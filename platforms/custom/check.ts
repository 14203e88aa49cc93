import type { PlatformContext, PlatformField } from '../platform.ts';
import { consentKey } from './names.ts';
import { settingsOf } from './settings.ts';

/** Nothing is called at a system that sends by itself: its settings are in order when they are stored. */
export function checkConnection(_context: PlatformContext): Promise<{ readonly notes: readonly string[] }> {
  return Promise.resolve({ notes: ['The system sends to the hub by itself; docs/custom-system.md shows how, with a working example.'] });
}

/** The permissions that the system knows, with their keys in `held`. No call is made. */
export function discoverFields(context: PlatformContext): Promise<readonly PlatformField[]> {
  const entries = settingsOf(context).permissions.map((permission) => ({ key: consentKey(permission), description: permission }));
  return Promise.resolve([{ name: 'consents', description: 'permissions of a contact', type: 'permissions', entries }]);
}
