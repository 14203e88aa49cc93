import type { HubError } from '../domain/errors.ts';
import { recordRefusals } from '../db/repositories/deliver/refusals.ts';
import type { PlannedWrite } from '../db/repositories/deliver/sender.ts';
import { blameBatch, settle } from '../db/repositories/deliver/settle.ts';
import { mayBeToBlame, throwIfStopped, type DeliveryRun } from './delivery-run.ts';
import { sendAlone } from './send-call.ts';

/** Records that fail one after the other, with none taken between them, before the platform and not they are taken to be the cause. */
const mostWithoutProof = 8;
/** Attempts after which a record that nothing can be compared with is taken to be the cause itself. */
const triesAlone = 3;

interface Culprit { readonly write: PlannedWrite; readonly error: HubError }

/**
 * What follows a call that failed. A connection-level failure is thrown: the rows stay pending in their order. A batch that fails again
 * while the connection works is halved, down to the records to blame (design §4.5): those that the platform fails on although it takes
 * others. While it takes none, nobody is blamed. `isOnly`: nothing else is there to compare with. When it returns, what is pending is to
 * be looked at again.
 */
export async function blame(run: DeliveryRun, writes: readonly PlannedWrite[], error: unknown, isOnly: boolean): Promise<void> {
  const failure = await mayBeToBlame(run, error);
  if (failure === undefined) throw error;
  await blameBatch(run.deps.db, run.scope, writes);
  const [first] = writes;
  if (first === undefined || first.delivery.failures === 0) throw failure;
  await findCulprits(run, writes, failure, isOnly && first.delivery.failures >= triesAlone);
}

async function findCulprits(run: DeliveryRun, writes: readonly PlannedWrite[], failure: HubError, isTriedEnough: boolean): Promise<void> {
  const search = { culprits: [] as Culprit[], sentBefore: run.tally.sent, tookOthers: run.tally.sent > 0 };
  if (writes.length === 1 && writes[0] !== undefined) search.culprits.push({ write: writes[0], error: failure });
  else await sendHalves(run, writes, search);
  const isProved = run.tally.sent > search.sentBefore || (search.tookOthers && search.culprits.length < mostWithoutProof);
  if (!isProved && !isTriedEnough) throw failure;
  await failAlone(run, search.culprits);
}

/** Sends both halves, and halves those that fail again. Throws what is not about the records, and after too many failures in a row. */
async function sendHalves(run: DeliveryRun, writes: readonly PlannedWrite[], search: { readonly culprits: Culprit[]; readonly sentBefore: number }): Promise<void> {
  const middle = Math.ceil(writes.length / 2);
  for (const half of [writes.slice(0, middle), writes.slice(middle)]) {
    throwIfStopped(run.signal);
    try {
      await sendAlone(run, half);
    } catch (cause) {
      const error = await mayBeToBlame(run, cause);
      if (error === undefined) throw cause;
      const [only] = half;
      if (half.length > 1) await sendHalves(run, half, search);
      else if (only !== undefined) search.culprits.push({ write: only, error });
      if (search.culprits.length >= mostWithoutProof && run.tally.sent === search.sentBefore) throw error;
    }
  }
}

async function failAlone(run: DeliveryRun, culprits: readonly Culprit[]): Promise<void> {
  const failed = culprits.map(({ write, error }) => ({ write, error, reason: `The platform fails on this record alone: ${error.message}` }));
  await settle(run.deps.db, run.scope, failed.map(({ write, reason }) => ({
    recordId: write.delivery.recordId, target: write.delivery.target, wanted: write.delivery.wanted, state: 'failed', code: 'RECORD_REFUSED', reason,
  })));
  await recordRefusals(run.deps.db, run.scope, failed.map(({ write, error, reason }) => ({
    recordId: write.delivery.recordId, code: 'RECORD_REFUSED', message: reason, status: error.facts.status ?? null, platformCode: null,
  })));
}
