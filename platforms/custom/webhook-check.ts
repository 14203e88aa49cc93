import type { PlatformContext } from '../platform.ts';
import { ping, webhookUrlOf } from './webhook.ts';

/** Calls the system where it wants to be called. Idempotent. Throws HubErrors of the connection. */
export async function checkConnection(context: PlatformContext): Promise<{ readonly notes: readonly string[] }> {
  const url = webhookUrlOf(context);
  if (url === undefined) return { notes: [`No webhookUrl is set: the system reads what the hub has for it at GET /api/v1/connectors/${context.connectorId}/changes.`] };
  await ping(context, url);
  return { notes: [] };
}
