import type { StoredIntent } from '../db/repositories/deliver/intent.ts';
import type { Following } from '../db/repositories/deliver/outcomes.ts';
import type { PlannedWrite } from '../db/repositories/deliver/sender.ts';
import { throwIfStopped, type DeliveryRun } from './delivery-run.ts';
import { blame } from './find-culprits.ts';
import { createIntentAhead, type IntentAhead } from './intent-ahead.ts';
import { callPlatform, finishCall, giveUp } from './send-call.ts';

/** A call that takes longer leaves nothing to gain by working ahead of the next one. */
const quickCallMs = 250;

/** The calls that are left when the next chunk is looked up. */
const callsNearEnd = 2;

/** How batches are sent. */
interface Manner {
  /** There is one write only: a failure is about that one. */
  readonly isOnly: boolean;
  /** Told once while the last calls are made, if they are quick. */
  readonly nearEnd: () => void;
}

/**
 * Sends batches, one call after the other in their order (design §4.3): each has its intent committed before its call, and its outcome
 * after it and before the next one. While calls are quick, the intent of the next batch is stored beside the call and its outcome, otherwise
 * with the outcome (ADR 0027). Ends early, without an error, when what is pending is to be looked at again: something more urgent waits, the time box ended,
 * the platform's licence lacks the data type, or the platform failed on some of the records alone. Throws failures of the platform and our
 * own. An intent that was stored ahead and not used is taken back.
 */
export async function sendInOrder(run: DeliveryRun, batches: readonly (readonly PlannedWrite[])[], { isOnly, nearEnd }: Manner): Promise<void> {
  const ahead = createIntentAhead(run);
  try {
    for (const [index, writes] of batches.entries()) {
      throwIfStopped(run.signal);
      const intent = await ahead.take(writes);
      if (intent === null) continue;
      const next = run.deps.now() > run.endsAt ? undefined : batches[index + 1];
      if (run.pace.isQuick && index === Math.max(0, batches.length - callsNearEnd)) nearEnd();
      if (!(await sendNext(run, ahead, { writes, intent, next, isOnly }))) return;
    }
  } finally {
    await ahead.takeBack();
  }
}

interface Batch {
  readonly writes: readonly PlannedWrite[];
  readonly intent: StoredIntent;
  readonly next: readonly PlannedWrite[] | undefined;
  readonly isOnly: boolean;
}

/** False when nothing is to be sent after this one. */
async function sendNext(run: DeliveryRun, ahead: IntentAhead, { writes, intent, next, isOnly }: Batch): Promise<boolean> {
  await run.deps.faultPoint('intent-before-call');
  if (run.pace.isQuick && next !== undefined) ahead.begin(next);
  const [answer] = await Promise.allSettled([timed(run, () => callPlatform(run, { writes, intent }))]);
  if (answer.status === 'rejected') {
    await giveUp(run, { intent });
    await blame(run, writes, answer.reason, isOnly);
    return false;
  }
  const following: Following | undefined = next && { writes: next, isStored: ahead.isBegun() };
  const stored = await finishCall(run, answer.value, following);
  if (stored.intent !== undefined) ahead.put(stored.intent);
  return stored.goesOn && !run.unlicensed.has(run.scope.dataType);
}

async function timed<T>(run: DeliveryRun, call: () => Promise<T>): Promise<T> {
  const startedMs = run.deps.now();
  try {
    return await call();
  } finally {
    run.pace.isQuick = run.deps.now() - startedMs < quickCallMs;
  }
}
