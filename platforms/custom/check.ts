import type { PlatformContext, PlatformField } from '../platform.ts';
import { consentKey } from './names.ts';
import { settingsOf } from './settings.ts';
import { ping, webhookUrlOf } from './webhook.ts';

/** Calls the system where it wants to be called; one that reads by itself has settings in order when they are stored. Throws HubErrors of the connection. */
export async function checkConnection(context: PlatformContext): Promise<{ readonly notes: readonly string[] }> {
  const sends = 'The system sends to the hub by itself; docs/custom-system.md shows how, with a working example.';
  const url = webhookUrlOf(context);
  if (url === undefined) return { notes: [sends, `It has no webhookUrl: it reads what the hub has for it at GET /api/v1/connectors/${context.connectorId}/changes.`] };
  await ping(context, url);
  return { notes: [sends, 'Its webhookUrl took a signed ping.'] };
}

/** The permissions that the system knows, with their keys in `held`. No call is made. */
export function discoverFields(context: PlatformContext): Promise<readonly PlatformField[]> {
  const entries = settingsOf(context).permissions.map((permission) => ({ key: consentKey(permission), description: permission }));
  return Promise.resolve([{ name: 'consents', description: 'permissions of a contact', type: 'permissions', entries }]);
}
