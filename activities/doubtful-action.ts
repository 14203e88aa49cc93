import type { Selectable } from 'kysely';
import { recordRefusedAction } from '../db/repositories/deliver/refusals.ts';
import { settleAction, unmarkSending } from '../db/repositories/deliver/actions.ts';
import { hasNeighbour } from '../db/repositories/deliver/asked-actions.ts';
import { formatFailedId } from '../db/repositories/failed/failed-id.ts';
import type { ActionTable } from '../db/tables/flow.ts';
import { HubError } from '../domain/errors.ts';
import type { ActionOutcome } from '../platforms/platform.ts';
import { platformContext } from './connector-context.ts';
import { contactOf } from './asked-actions.ts';
import type { DeliveryRun } from './delivery-run.ts';

type Action = Selectable<ActionTable>;

/** Errors after which the platform certainly did not carry out the call. */
const neverArrived: ReadonlySet<string> = new Set(['PLATFORM_UNREACHABLE', 'PLATFORM_RATE_LIMITED', 'PLATFORM_LOGIN_REFUSED', 'PLATFORM_NOT_LICENSED', 'PLATFORM_ERROR', 'PLATFORM_ANSWER_INVALID', 'CONFIGURATION_INVALID']);
/** A server that gave up on a request may have begun with it. */
const requestTimeout = 408;
/** Another action as close as this may be what is found. */
const neighbourMs = 300_000;

/**
 * After a call of an action that must not be repeated has thrown: when it certainly did not arrive, the action may go out again. So it is
 * when it ended before the first call (`isCalled`): the login is held, or the attempt was cancelled while it waited for the rate bucket. What
 * stays marked as on its way is never sent again by itself. The platform says of each call whether it may have been stored.
 */
export async function releaseUnsent(run: DeliveryRun, action: Action, error: unknown, isCalled: boolean): Promise<void> {
  if (isCalled && !certainlyFailed(error)) return;
  await unmarkSending(run.deps.db, run.scope, action.id);
}

function certainlyFailed(error: unknown): boolean {
  return error instanceof HubError && neverArrived.has(error.code) && error.facts['mayHaveStored'] !== true && error.facts.status !== requestTimeout;
}

/**
 * Clears up an action of which nobody knows whether it was carried out. What the platform shows is taken; where it cannot tell, the action
 * is parked with the question for a person, and never sent again by itself. `cause` is what broke; absent after a crash.
 */
export async function settleDoubt(run: DeliveryRun, action: Action, settle: (outcome: ActionOutcome) => Promise<unknown>, cause?: HubError): Promise<void> {
  const found = await lookFor(run, action);
  if (found !== undefined) {
    await settle(found);
    return;
  }
  const why = { code: 'PLATFORM_OUTCOME_UNKNOWN', message: questionOf(run, action, cause) };
  await settleAction(run.deps.db, run.scope, action.id, { state: 'parked', code: why.code, reason: why.message });
  await recordRefusedAction(run.deps.db, run.scope, action.kind, why);
  run.deps.log.warn({ connectorId: run.scope.connectorId, action: action.id, kind: action.kind }, 'Whether an action was carried out is a question for a person');
}

async function lookFor(run: DeliveryRun, action: Action): Promise<ActionOutcome | undefined> {
  const { findEffect } = run.connector.platform;
  if (findEffect === undefined || action.begun_at === null || await hasNeighbour(run.deps.db, action, neighbourMs)) return undefined;
  const contact = await contactOf(run, action);
  if (contact === undefined && action.record_id !== null) return undefined;
  const { id, kind, target, cause, payload } = action;
  return findEffect(platformContext(run.deps, run.connector, run.signal), { id, kind, target, cause, payload, ...(contact === undefined ? {} : { contact }) }, action.begun_at);
}

/** A question that a person can answer, with both answers. */
function questionOf(run: DeliveryRun, action: Action, cause: HubError | undefined): string {
  const { connectorId } = run.scope;
  const { platform } = run.connector;
  const what = platform.actionKinds?.[action.kind]?.asked?.what ?? `«${action.kind}» was carried out`;
  const whom = action.record_id === null ? '' : ` for the contact (record ${action.record_id})`;
  const when = action.begun_at === null ? '' : ` at ${action.begun_at.slice(0, 16).replace('T', ' ')} UTC`;
  const broke = cause === undefined ? 'the hub was stopped during the call' : `the call broke off (${cause.facts.status ?? cause.facts['networkCode'] ?? 'no usable answer'})`;
  const id = formatFailedId({ kind: 'action', connectorId, id: action.id });
  return `It is not known whether ${what}${whom}${when}: ${broke}. Look in ${platform.description.title}. If it was not, \`hub failed retry ${id}\` does it once more; if it was, or shall not be, \`hub failed skip ${id}\` leaves it.`;
}
