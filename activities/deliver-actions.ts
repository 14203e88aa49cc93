import type { Selectable } from 'kysely';
import { z } from 'zod';
import { HubError } from '../domain/errors.ts';
import { claimActions, markSending, moveAction, settleAction } from '../db/repositories/deliver/actions.ts';
import { recordRefusals } from '../db/repositories/deliver/refusals.ts';
import { listContent, rememberListName } from '../db/repositories/lists.ts';
import type { ActionTable } from '../db/tables/flow.ts';
import type { ActionOutcome } from '../platforms/platform.ts';
import { platformContext } from './connector-context.ts';
import { throwIfStopped, type DeliveryRun } from './delivery-run.ts';

type Action = Selectable<ActionTable>;

const claimSize = 64;
const inFlight = 4;
const laterMs = 60_000;
const listPayload = z.object({ sourceConnectorId: z.string(), listId: z.string(), syncId: z.string() });

/** Carries out actions in the order they were decided, a few at a time. False when none was due or all have to wait. */
export async function runActions(run: DeliveryRun): Promise<boolean> {
  const actions = await claimActions(run.deps.db, run.scope.connectorId, claimSize);
  let did = false;
  for (let i = 0; i < actions.length; i += inFlight) {
    throwIfStopped(run.signal);
    const results = await Promise.all(actions.slice(i, i + inFlight).map((action) => runAction(run, action)));
    did ||= results.some(Boolean);
  }
  return did;
}

/** True when the action was carried out or settled. */
async function runAction(run: DeliveryRun, action: Action): Promise<boolean> {
  const { deps, scope, connector } = run;
  const kind = connector.platform.actionKinds?.[action.kind];
  if (kind === undefined || connector.platform.act === undefined) {
    await settleAction(deps.db, action.id, { state: 'failed', code: 'CONFIGURATION_INVALID', reason: `${connector.platform.description.title} has no action «${action.kind}».` });
    return true;
  }
  if (action.state === 'sending' && !kind.repeatable) {
    await settleAction(deps.db, action.id, { state: 'failed', code: 'PLATFORM_RESET', reason: 'Whether it was carried out is not known: look at the platform, then retry or skip it.' });
    return true;
  }
  const payload = await payloadOf(run, action);
  if (payload === null) return false;
  if (payload === 'settled') return true;
  if (action.state !== 'sending') await markSending(deps.db, [action.id]);
  await deps.faultPoint('intent-before-call');
  const outcome = await connector.platform.act(platformContext(deps, connector, run.signal), { id: action.id, kind: action.kind, target: action.target, cause: action.cause, payload });
  await deps.faultPoint('call-before-outcome');
  if (outcome.kind === 'done' && action.kind === 'list.replace') await rememberName(run, action, payload);
  await settleOutcome(run, action, outcome);
  if (outcome.kind === 'refused') {
    await recordRefusals(deps.db, scope, [{ recordId: 0, code: outcome.code, message: outcome.message, status: null, platformCode: outcome.platformCode ?? null }]);
  }
  run.tally.actions += 1;
  return outcome.kind !== 'later';
}

async function settleOutcome(run: DeliveryRun, action: Action, outcome: ActionOutcome): Promise<void> {
  const { db } = run.deps;
  if (outcome.kind === 'done') await settleAction(db, action.id, { state: 'done', ...(outcome.note === undefined ? {} : { reason: outcome.note }) });
  else if (outcome.kind === 'refused') await settleAction(db, action.id, { state: 'failed', code: outcome.code, reason: outcome.message });
  else if (outcome.kind === 'moved') await moveAction(db, action, outcome.mergedInto);
  else await settleAction(db, action.id, { state: 'pending', reason: outcome.reason, notBefore: new Date(run.deps.now() + laterMs).toISOString() });
}

/** What the platform gets; lists are named after the connector that they come from. */
async function payloadOf(run: DeliveryRun, action: Action): Promise<unknown> {
  if (action.kind === 'list.replace') return listReplacePayload(run, action);
  return action.kind === 'list.remove' ? { listId: listName(listOf(run, action)) } : action.payload;
}

function listOf(run: DeliveryRun, action: Action): z.infer<typeof listPayload> {
  const asked = listPayload.safeParse(action.payload);
  if (!asked.success) throw new HubError('INTERNAL', 'A list action has no list.', { connectorId: run.scope.connectorId });
  return asked.data;
}

const listName = ({ sourceConnectorId, listId }: z.infer<typeof listPayload>) => `${sourceConnectorId}.${listId}`;

/** The members of a list at this destination; `null` while some are still on their way, `settled` when another sync took its place. */
async function listReplacePayload(run: DeliveryRun, action: Action): Promise<Record<string, unknown> | 'settled' | null> {
  const asked = listOf(run, action);
  const { sourceConnectorId, listId, syncId } = asked;
  const content = await listContent(run.deps.db, run.scope.connectorId, sourceConnectorId, listId, syncId);
  if (!content.isCurrent) {
    await settleAction(run.deps.db, action.id, { state: 'done', reason: 'a newer sync of the list took its place' });
    return 'settled';
  }
  if (content.waiting > 0) return null;
  return { listId: listName(asked), syncId, name: content.name, memberExternalIds: content.memberIds };
}

async function rememberName(run: DeliveryRun, action: Action, payload: unknown): Promise<void> {
  const asked = listOf(run, action);
  const named = z.object({ name: z.string() }).parse(payload);
  await rememberListName(run.deps.db, asked.sourceConnectorId, asked.listId, named.name);
}
