import { discardIntent, storeIntent } from '../db/repositories/deliver/intent.ts';
import type { Following } from '../db/repositories/deliver/outcomes.ts';
import type { PlannedWrite } from '../db/repositories/deliver/sender.ts';
import { throwIfStopped, type DeliveryRun } from './delivery-run.ts';
import { blame } from './find-culprits.ts';
import { callPlatform, finishCall, giveUp } from './send-call.ts';

/** A call that takes longer leaves nothing to gain by working ahead of the next one. */
const quickCallMs = 250;

/** The intent of the batch to come: null when its plan has to be made again; undefined when none is stored yet. */
type Intent = number | null | undefined;

/**
 * Sends batches, one call after the other in their order (design §4.3): each has its intent committed before its call, and its outcome
 * after it and before the next one. While calls are quick, the intent of the next batch is stored beside the call, otherwise with the
 * outcome. Ends early, without an error, when what is pending is to be looked at again: something more urgent waits, the time box ended,
 * the platform's licence lacks the data type, or the platform failed on some of the records alone. Throws failures of the platform and our
 * own. An intent that was stored ahead and not used is taken back.
 */
export async function sendInOrder(run: DeliveryRun, batches: readonly (readonly PlannedWrite[])[], isOnly: boolean): Promise<void> {
  const line: { intent: Intent } = { intent: undefined };
  try {
    for (const [index, writes] of batches.entries()) {
      throwIfStopped(run.signal);
      const intent = line.intent === undefined ? await storeIntent(run.deps.db, run.scope, writes, nowOf(run)) : line.intent;
      line.intent = undefined;
      if (intent === null) continue;
      const next = run.deps.now() > run.endsAt ? undefined : batches[index + 1];
      if (!(await sendNext(run, line, { writes, intent, next, isOnly }))) return;
    }
  } finally {
    await takeBack(run, line.intent);
  }
}

interface Batch {
  readonly writes: readonly PlannedWrite[];
  readonly intent: number;
  readonly next: readonly PlannedWrite[] | undefined;
  readonly isOnly: boolean;
}

/** Leaves the intent of the next batch in `line`. False when nothing is to be sent after this one. */
async function sendNext(run: DeliveryRun, line: { intent: Intent }, { writes, intent, next, isOnly }: Batch): Promise<boolean> {
  await run.deps.faultPoint('intent-before-call');
  const isAhead = run.pace.isQuick && next !== undefined;
  const [answer, ahead] = await Promise.allSettled([timed(run, () => callPlatform(run, { writes, intent })), isAhead ? storeIntent(run.deps.db, run.scope, next, nowOf(run)) : undefined]);
  if (ahead.status === 'fulfilled') line.intent = ahead.value;
  if (answer.status === 'rejected') {
    await giveUp(run, { intent });
    await blame(run, writes, answer.reason, isOnly);
    return false;
  }
  const following: Following | undefined = next && { writes: next, isStored: isAhead };
  const stored = await finishCall(run, answer.value, following);
  if (ahead.status === 'rejected') throw ahead.reason;
  if (!isAhead) line.intent = stored.intent;
  return stored.goesOn && !run.unlicensed.has(run.scope.dataType);
}

const nowOf = (run: DeliveryRun): string => new Date(run.deps.now()).toISOString();

async function timed<T>(run: DeliveryRun, call: () => Promise<T>): Promise<T> {
  const startedMs = run.deps.now();
  try {
    return await call();
  } finally {
    run.pace.isQuick = run.deps.now() - startedMs < quickCallMs;
  }
}

/** When that fails, the next sender closes it at its start. */
async function takeBack(run: DeliveryRun, intent: Intent): Promise<void> {
  if (intent === undefined || intent === null) return;
  await discardIntent(run.deps.db, run.scope, intent).catch((error: unknown) =>
    run.deps.log.warn({ connectorId: run.scope.connectorId, error: error instanceof Error ? error.name : 'unknown' }, 'An intent that was stored ahead of its call could not be taken back; the next sender closes it'));
}
