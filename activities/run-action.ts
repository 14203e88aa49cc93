import type { Selectable } from 'kysely';
import { HubError, hasRecovery } from '../domain/errors.ts';
import { markSending, moveAction, settleAction } from '../db/repositories/deliver/actions.ts';
import { recordRefusedAction } from '../db/repositories/deliver/refusals.ts';
import type { ActionTable } from '../db/tables/flow.ts';
import type { ActionOutcome, Platform, PlatformContext } from '../platforms/platform.ts';
import { platformContext } from './connector-context.ts';
import { releaseUnsent, settleDoubt } from './doubtful-action.ts';
import { connectionProblem, type DeliveryRun } from './delivery-run.ts';
import { forgetAnonymised } from './contact-actions.ts';
import { payloadOf, rememberName } from './list-actions.ts';

type Action = Selectable<ActionTable>;

const laterMs = 60_000;

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly platformCode?: string;
}

/** `answered`: the platform took or refused it; `settled`: it ended without a call; `waits`: nothing can be done for its target yet. */
export type ActionResult = 'answered' | 'settled' | 'waits';

/**
 * Carries out one action: marked as on its way, the call, the outcome. One that can never go out fails alone: it must not stand in the
 * way of the others. Throws HubErrors of the connection.
 */
export async function runAction(run: DeliveryRun, action: Action): Promise<ActionResult> {
  const { act } = run.connector.platform;
  const kind = run.connector.platform.actionKinds?.[action.kind];
  if (kind === undefined || act === undefined) {
    return failAction(run, action, { code: 'CONFIGURATION_INVALID', message: `${run.connector.platform.description.title} has no action «${action.kind}».` });
  }
  if (action.state === 'sending' && !kind.repeatable) {
    await settleDoubt(run, action, (outcome) => settleOutcome(run, action, outcome));
    return 'settled';
  }
  try {
    return await carryOut(run, action, act, kind.repeatable);
  } catch (error) {
    if (!hasRecovery(error, 'bug', 'rejected', 'refused')) throw error;
    run.deps.log.error({ connectorId: run.scope.connectorId, action: action.id, code: error.code }, 'An action cannot be carried out');
    return failAction(run, action, { code: error.code, message: error.message });
  }
}

async function carryOut(run: DeliveryRun, action: Action, act: NonNullable<Platform['act']>, repeatable: boolean): Promise<ActionResult> {
  const { db, faultPoint } = run.deps;
  const prepared = await payloadOf(run, action);
  if (prepared === 'waits') return 'waits';
  if ('superseded' in prepared) {
    await settleAction(db, run.scope, action.id, { state: 'done', reason: prepared.superseded });
    return 'settled';
  }
  if ('refused' in prepared) return settleRefusal(run, action, prepared.refused);
  const begunAt = await markSending(db, run.scope, action.id);
  if (begunAt === undefined) return 'settled';
  await faultPoint('intent-before-call');
  const { payload, contact, report } = prepared;
  const platformAction = { id: action.id, kind: action.kind, target: action.target, cause: action.cause, payload, ...(contact === undefined ? {} : { contact }), ...(report === undefined ? {} : { report }) };
  const call = (context: PlatformContext) => act(context, platformAction);
  const outcome = repeatable ? await call(platformContext(run.deps, run.connector, run.signal)) : await onlyOnce(run, { ...action, begun_at: begunAt }, call);
  if (outcome === 'settled') return 'settled';
  await faultPoint('call-before-outcome');
  if (outcome.kind === 'done') await forgetAnonymised(run, action);
  if (outcome.kind === 'done' && action.kind === 'list.replace') await rememberName(run, action, prepared.payload, outcome.name);
  const result = await settleOutcome(run, action, outcome);
  if (result === 'answered') run.tally.actions += 1;
  return result;
}

/**
 * Makes a call that must not be made twice. One that may have arrived is cleared up at once; while the connection does not work, that is
 * thrown all the same, so that the actions behind it are not lost one by one in an outage.
 */
async function onlyOnce(run: DeliveryRun, action: Action, call: (context: PlatformContext) => Promise<ActionOutcome>): Promise<ActionOutcome | 'settled'> {
  const context = platformContext(run.deps, run.connector, run.signal);
  let isCalled = false;
  const acquire = async (cost: number): Promise<void> => {
    await context.acquire(cost);
    isCalled = true;
  };
  try {
    return await call({ ...context, acquire });
  } catch (error) {
    await releaseUnsent(run, action, error, isCalled);
    if (!(error instanceof HubError) || error.code !== 'PLATFORM_OUTCOME_UNKNOWN') throw error;
    await settleDoubt(run, action, (outcome) => settleOutcome(run, action, outcome), error);
    const problem = await connectionProblem(run);
    if (problem !== undefined) throw problem;
    return 'settled';
  }
}

async function settleOutcome(run: DeliveryRun, action: Action, outcome: ActionOutcome): Promise<ActionResult> {
  const { db } = run.deps;
  if (outcome.kind === 'refused') {
    await settleRefusal(run, action, { code: outcome.code, message: outcome.message, ...(outcome.platformCode === undefined ? {} : { platformCode: outcome.platformCode }) });
  } else if (outcome.kind === 'done') await settleAction(db, run.scope, action.id, { state: 'done', ...(outcome.note === undefined ? {} : { reason: outcome.note }) });
  else if (outcome.kind === 'moved') await moveAction(db, action, outcome.mergedInto);
  else {
    const until = run.deps.now() + laterMs;
    run.holds.set(action.target, { until, forDeliveries: false });
    await settleAction(db, run.scope, action.id, { state: 'pending', reason: outcome.reason, notBefore: new Date(until).toISOString() });
    return 'waits';
  }
  return 'answered';
}

/** What the licence does not have is no failure that somebody has to look at: it is set aside, with the reason. */
async function settleRefusal(run: DeliveryRun, action: Action, why: Refusal): Promise<'settled'> {
  if (why.code !== 'PLATFORM_NOT_LICENSED' || run.connector.platform.actionKinds?.[action.kind]?.licensed !== true) return failAction(run, action, why);
  await settleAction(run.deps.db, run.scope, action.id, { state: 'skipped', code: why.code, reason: why.message });
  return 'settled';
}

/** Settles an action as failed and keeps it among the failed calls. */
export async function failAction(run: DeliveryRun, action: Action, why: Refusal): Promise<'settled'> {
  await settleAction(run.deps.db, run.scope, action.id, { state: 'failed', code: why.code, reason: why.message });
  await recordRefusedAction(run.deps.db, run.scope, action.kind, why);
  return 'settled';
}
