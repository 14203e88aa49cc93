import { createHash } from 'node:crypto';
import { inAccount, type Trx } from '../../db/database.ts';
import { writeAudit } from '../../db/repositories/audit.ts';
import { askForAction, findByCause, type KnownAction } from '../../db/repositories/deliver/asked-actions.ts';
import { HubError } from '../../domain/errors.ts';
import type { AskedAction, Platform } from '../../platforms/platform.ts';
import { loadConnector } from '../connectors/load-connector.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import type { Caller } from '../http/access.ts';
import { findContact } from './find-contact.ts';

/** What somebody asks for. */
export interface ActionRequest {
  readonly kind: string;
  /** The contact, or what orders actions of kinds without one. */
  readonly target?: string | undefined;
  readonly cause: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * Stores an action that somebody asks for; the delivery carries it out in its order. Committed when this resolves, with an entry in the
 * audit that has no payload. The same cause with the same body gives the same action. Throws CONNECTOR_UNKNOWN, CONNECTOR_STATE, NOT_FOUND,
 * REQUEST_INVALID with the field, and IDEMPOTENCY_CONFLICT.
 */
export async function askAction(deps: GatewayDependencies, { accountId, who }: Caller, connectorId: string, request: ActionRequest): Promise<KnownAction> {
  return inAccount(deps.db, accountId, async (trx) => {
    const { platform } = await loadConnector(deps, trx, connectorId);
    const asked = askedKind(platform, request.kind);
    const bodyHash = hashOf(request);
    const known = await findByCause(trx, { connectorId, cause: request.cause, bodyHash });
    if (known !== undefined) return known;
    const payload = checkPayload(asked, request);
    const recordId = await recordFor(trx, connectorId, asked, request);
    const target = recordId === null ? request.target ?? request.kind : `record/${recordId}`;
    const stored = await askForAction(trx, { accountId, connectorId, kind: request.kind, target, cause: request.cause, recordId, payload, bodyHash });
    await writeAudit(trx, { accountId, who, what: 'action.asked', connectorId, details: { action: stored.id, kind: request.kind, recordId } });
    return stored;
  });
}

function askedKind({ actionKinds = {}, description }: Platform, kind: string): AskedAction {
  const asked = Object.hasOwn(actionKinds, kind) ? actionKinds[kind]?.asked : undefined;
  if (asked !== undefined) return asked;
  const there = Object.keys(actionKinds).filter((name) => actionKinds[name]?.asked !== undefined);
  const fix = there.length === 0 ? `Nothing can be asked for at ${description.title}.` : `There are: ${there.join(', ')}.`;
  throw new HubError('REQUEST_INVALID', `${description.title} has no action «${kind}» that can be asked for.`, { field: 'kind', fix });
}

function checkPayload({ payload }: AskedAction, request: ActionRequest): unknown {
  const parsed = payload.safeParse(request.payload);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = ['payload', ...issue?.path.map(String) ?? []].join('.');
  throw new HubError('REQUEST_INVALID', `${field}: ${issue?.message ?? 'is wrong'}.`, { field });
}

async function recordFor(trx: Trx, connectorId: string, { contact }: AskedAction, { kind, target }: ActionRequest): Promise<number | null> {
  if (contact === 'none' || (contact === 'optional' && target === undefined)) return null;
  if (target === undefined) throw new HubError('REQUEST_INVALID', `«${kind}» is about a contact: name it.`, { field: 'target' });
  return findContact(trx, connectorId, target);
}

/** The same for the same request, whatever the order of its fields. */
function hashOf({ kind, target, payload }: ActionRequest): Buffer {
  return createHash('sha256').update(JSON.stringify(sorted([kind, target ?? '', payload]))).digest();
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, part]) => [name, sorted(part)]));
}
