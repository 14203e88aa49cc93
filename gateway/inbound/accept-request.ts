import { createHash } from 'node:crypto';
import { inAccount, type Trx } from '../../db/database.ts';
import { storeInbound, type AcceptedInbound } from '../../db/repositories/inbox-accept.ts';
import { inboundVersionsInConflict } from '../../db/repositories/inbound-versions.ts';
import { HubError } from '../../domain/errors.ts';
import { isImported } from '../../domain/presets/gates.ts';
import type { PresetId } from '../../domain/presets/presets.ts';
import type { InboundEvent, InboundRequest } from '../../platforms/platform.ts';
import { openCredentials } from '../connectors/credentials.ts';
import { loadConnector, type LoadedConnector } from '../connectors/load-connector.ts';
import { platformContext } from '../connectors/platform-context.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import type { Caller } from '../http/access.ts';

/** Where a request is addressed to. */
export interface InboundAddress {
  readonly platform: string;
  readonly connectorId: string;
}

const longestKey = 400;

/**
 * Takes a request of a source system: the platform's adapter reads it, and the inbox row and rejected records are committed
 * when this resolves. A paused connector still accepts; a removed one does not.
 * Throws TOKEN_NOT_ALLOWED, CONNECTOR_UNKNOWN, CONNECTOR_STATE, REQUEST_INVALID, IDEMPOTENCY_CONFLICT, and NOT_IMPORTED for data that the
 * preset of the connector does not import.
 */
export async function acceptRequest(deps: GatewayDependencies, caller: Caller, address: InboundAddress, request: InboundRequest): Promise<AcceptedInbound> {
  await inAccount(deps.db, caller.accountId, (trx) => loadConnector(deps, trx, address.connectorId));
  if (caller.connectorId !== address.connectorId) throw new HubError('TOKEN_NOT_ALLOWED', `This token feeds another connector than «${address.connectorId}».`);
  return acceptFor(deps, caller.accountId, address, request);
}

/** The same on behalf of an account, for a caller of which is known that it may. */
export async function acceptFor(deps: GatewayDependencies, accountId: string, address: InboundAddress, request: InboundRequest): Promise<AcceptedInbound> {
  return inAccount(deps.db, accountId, async (trx) => {
    const connector = await loadConnector(deps, trx, address.connectorId);
    const event = receive(deps, connector, address, request);
    requireImported(connector, event);
    const { kind, key, payload, rejected, answer } = await settleVersions(deps, trx, { accountId, connectorId: address.connectorId }, event);
    const bodyHash = createHash('sha256').update(`${request.method} ${request.path}\n`).update(request.rawBody).digest();
    return storeInbound(trx, { accountId, connectorId: address.connectorId, kind, key, bodyHash, payload, rejected, answer, receivedAt: request.receivedAt, fingerprint: (plain) => deps.secrets.fingerprint(plain) });
  });
}

function requireImported({ row, platform }: LoadedConnector, { brings = [] }: InboundEvent): void {
  for (const dataType of brings) {
    const gate = isImported(row.preset as PresetId, dataType, platform.description);
    if (!gate.allowed) throw new HubError('NOT_IMPORTED', gate.reason, { connectorId: row.id, field: 'dataType' });
  }
}

/** The event without versions that contradict those that came before. */
async function settleVersions({ secrets }: GatewayDependencies, trx: Trx, at: { readonly accountId: string; readonly connectorId: string }, event: InboundEvent): Promise<InboundEvent> {
  if (event.stated === undefined || event.stated.versions.length === 0) return event;
  const versions = event.stated.versions.map((version) => ({ ...version, digest: secrets.fingerprint(version.digest) }));
  const conflicting = await inboundVersionsInConflict(trx, { ...at, versions });
  return conflicting.length === 0 ? event : event.stated.without(conflicting);
}

function receive(deps: GatewayDependencies, connector: LoadedConnector, address: InboundAddress, request: InboundRequest): InboundEvent {
  const { platform, row } = connector;
  if (row.platform !== address.platform) throw new HubError('CONNECTOR_UNKNOWN', `«${row.id}» is no connector of the platform «${address.platform}».`, { connectorId: row.id });
  if (platform.receive === undefined) throw new HubError('NOT_FOUND', `${platform.description.title} does not send anything to the hub.`);
  const context = platformContext(deps, platform, {
    connectorId: row.id,
    settings: row.settings,
    credentials: openCredentials(deps.secrets, row),
    permissionKeys: connector.permissionKeys,
    fields: connector.fields,
    signal: new AbortController().signal,
  });
  const event = platform.receive(context, request);
  const storable = event.key.length <= longestKey && !/\p{Cc}|\p{Surrogate}/u.test(event.key);
  if (!storable) throw new HubError('REQUEST_INVALID', `The key of this request is longer than ${longestKey} characters or holds control characters.`, { field: 'key' });
  return event;
}
