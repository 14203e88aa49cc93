import { switchedReason } from '../domain/identity/switched.ts';
import { HubError } from '../domain/errors.ts';
import { raiseEarlierActivities } from '../db/repositories/apply/release-activities.ts';
import { closeIntents, storeIntent } from '../db/repositories/deliver/intent.ts';
import { storeOutcomes, type WriteOutcome } from '../db/repositories/deliver/outcomes.ts';
import { recordRefusals } from '../db/repositories/deliver/refusals.ts';
import type { PlannedWrite } from '../db/repositories/deliver/sender.ts';
import { blameBatch, settle } from '../db/repositories/deliver/settle.ts';
import { unlicensedCode } from '../db/repositories/deliver/unlicensed.ts';
import type { DeliveryItem, DeliveryOutcome, Platform } from '../platforms/platform.ts';
import { releaseReferrers } from './named-things.ts';
import { takes } from './apply-context.ts';
import { platformContext } from './connector-context.ts';
import { lookAtFields } from './look-at-fields.ts';
import { mayBeToBlame, throwIfStopped, type DeliveryRun } from './delivery-run.ts';

/** Records that fail one after the other, with none taken between them, before the platform and not they are taken to be the cause. */
const mostWithoutProof = 8;
/** Attempts after which a record that nothing can be compared with is taken to be the cause itself. */
const triesAlone = 3;

/** Where a run stands before a batch: the intent that is stored for it already; null when its plan has to be made again; undefined for none yet. */
export interface Step {
  readonly intent: number | null | undefined;
}

/** A batch to send. */
export interface Batch extends Step {
  readonly writes: readonly PlannedWrite[];
  /** Nothing else is there to compare with. */
  readonly isOnly: boolean;
  /** What is to be sent after it. */
  readonly next: readonly PlannedWrite[] | undefined;
}

/**
 * Sends one batch: intent, call, outcome (design §4.3). A connection-level failure is thrown: the rows stay pending in their order.
 * A batch that fails again while the connection works is halved, down to the records to blame (design §4.5): those that the platform
 * fails on although it takes others. While it takes none, nobody is blamed. Returns how to go on with `next`; undefined: what is pending
 * is to be looked at again, because there is no next one, or something more urgent.
 */
export async function sendBatch(run: DeliveryRun, batch: Batch): Promise<Step | undefined> {
  const { writes } = batch;
  try {
    return await sendOnce(run, batch);
  } catch (error) {
    const failure = await mayBeToBlame(run, error);
    if (failure === undefined) throw error;
    await blameBatch(run.deps.db, run.scope, writes);
    const [first] = writes;
    if (first === undefined || first.delivery.failures === 0) throw failure;
    await findCulprits(run, writes, failure, batch.isOnly && first.delivery.failures >= triesAlone);
    return undefined;
  }
}

interface Culprit { readonly write: PlannedWrite; readonly error: HubError }

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
      await sendOnce(run, { writes: half, intent: undefined, next: undefined });
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

async function sendOnce(run: DeliveryRun, { writes, intent: stored, next }: Pick<Batch, 'writes' | 'intent' | 'next'>): Promise<Step | undefined> {
  const { deps, scope, connector } = run;
  if (connector.platform.deliver === undefined) throw new HubError('INTERNAL', 'A delivery was planned for a platform that takes none.');
  const intent = stored === undefined ? await storeIntent(deps.db, scope, writes, new Date(deps.now()).toISOString()) : stored;
  if (intent === null) return { intent: undefined };
  await deps.faultPoint('intent-before-call');
  const outcomes = await callPlatform(run, connector.platform.deliver, writes.map(itemOf), intent);
  await deps.faultPoint('call-before-outcome');
  if (outcomes.length !== writes.length) throw new HubError('PLATFORM_ANSWER_INVALID', 'The platform answered for another number of records than were sent.', { connectorId: scope.connectorId });
  const results = writes.map((write, i) => ({ write, outcome: outcomeOf(write, outcomes[i]) }));
  const made = results.flatMap(({ write, outcome }) => (write.isNew && outcome.kind === 'stored' ? [write.delivery.recordId] : []));
  if (scope.dataType === 'contacts' && takes(connector, 'activities')) await raiseEarlierActivities(deps.db, scope.connectorId, made);
  const step = await storeOutcomes(deps.db, scope, intent, results, next, new Date(deps.now()).toISOString());
  for (const o of outcomes) if (o.kind === 'refused' && o.code === unlicensedCode) run.unlicensed.set(scope.dataType, o.message);
  await noteRefusals(run, outcomes, writes);
  await releaseReferrers(run, made);
  run.tally.sent += writes.length;
  await lookAtFields(run, outcomes);
  return step;
}

/** The call itself. One that fails is closed as an unknown outcome, so that its values do not count as on their way for ever. */
async function callPlatform(run: DeliveryRun, deliver: NonNullable<Platform['deliver']>, items: readonly DeliveryItem[], intent: number): Promise<readonly DeliveryOutcome[]> {
  try {
    return await deliver(platformContext(run.deps, run.connector, run.signal), run.scope.dataType, items);
  } catch (error) {
    await closeIntents(run.deps.db, run.scope, { id: intent }, new Date(run.deps.now()).toISOString());
    throw error;
  }
}

const itemOf = (write: PlannedWrite): DeliveryItem => ({
  externalId: write.externalId, isNew: write.isNew, changes: write.changes, permissionDates: write.permissionDates, identity: write.identity,
  ...(write.whole !== undefined && { whole: write.whole }), cause: causeOf(write),
  ...(write.delivery.link?.alternateId == null ? {} : { alternateId: write.delivery.link.alternateId }),
});

/** The same as long as the delivery is the same one, whatever becomes of its attempts. */
function causeOf({ delivery: { recordId, wanted, pendingSince } }: PlannedWrite): string {
  return `${recordId}.${wanted}.${Date.parse(pendingSince)}`;
}

function outcomeOf({ externalId, delivery }: PlannedWrite, outcome: DeliveryOutcome | undefined): WriteOutcome['outcome'] {
  if (outcome === undefined) throw new HubError('INTERNAL', 'An outcome is missing.');
  if (outcome.kind === 'refused' && outcome.switchedTo !== undefined) {
    return { kind: 'refused', code: outcome.code, reason: switchedReason({ externalId, recordId: delivery.recordId, otherRecord: null }), switchedTo: outcome.switchedTo };
  }
  return outcome.kind === 'refused' ? { kind: 'refused', code: outcome.code, reason: outcome.message } : outcome;
}

async function noteRefusals(run: DeliveryRun, outcomes: readonly DeliveryOutcome[], writes: readonly PlannedWrite[]): Promise<void> {
  const refusals = outcomes.flatMap((o, i) => (o.kind === 'refused' && o.code !== unlicensedCode ? [{ recordId: writes[i]?.delivery.recordId ?? 0, code: o.code, message: o.message, status: null, platformCode: o.platformCode ?? null }] : []));
  await recordRefusals(run.deps.db, run.scope, refusals);
}
