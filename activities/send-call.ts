import { switchedReason } from '../domain/identity/switched.ts';
import { HubError } from '../domain/errors.ts';
import { raiseEarlierActivities } from '../db/repositories/apply/release-activities.ts';
import { closeIntents, storeIntent, type StoredIntent } from '../db/repositories/deliver/intent.ts';
import { storeOutcomes, type Following, type StoredOutcomes, type WriteOutcome } from '../db/repositories/deliver/outcomes.ts';
import { recordRefusals } from '../db/repositories/deliver/refusals.ts';
import type { PlannedWrite } from '../db/repositories/deliver/sender.ts';
import { unlicensedCode } from '../db/repositories/deliver/unlicensed.ts';
import type { DeliveryItem, DeliveryOutcome } from '../platforms/platform.ts';
import { releaseReferrers } from './named-things.ts';
import { takes } from './apply-context.ts';
import { platformContext } from './connector-context.ts';
import { lookAtFields } from './look-at-fields.ts';
import type { DeliveryRun } from './delivery-run.ts';

/** A batch whose intent is stored. */
export interface IntendedBatch {
  readonly writes: readonly PlannedWrite[];
  readonly intent: StoredIntent;
}

/** A batch that the platform has answered for; its outcome is not stored yet. */
export interface CalledBatch extends IntendedBatch {
  /** One for each write, in their order. */
  readonly outcomes: readonly DeliveryOutcome[];
}

/** Intent, call, outcome of one batch, with nothing else under way (design §4.3). Throws what the call throws. */
export async function sendAlone(run: DeliveryRun, writes: readonly PlannedWrite[]): Promise<void> {
  const intent = await storeIntent(run.deps.db, run.scope, writes, nowOf(run));
  if (intent === null) return;
  await run.deps.faultPoint('intent-before-call');
  const batch = { writes, intent };
  const called = await callPlatform(run, batch).catch(async (error: unknown) => {
    await giveUp(run, batch);
    throw error;
  });
  await finishCall(run, called, undefined);
}

/** The call itself. When it throws, `giveUp` is to follow. */
export async function callPlatform(run: DeliveryRun, { writes, intent }: IntendedBatch): Promise<CalledBatch> {
  const { deps, scope, connector } = run;
  if (connector.platform.deliver === undefined) throw new HubError('INTERNAL', 'A delivery was planned for a platform that takes none.');
  const outcomes = await connector.platform.deliver(platformContext(deps, connector, run.signal), scope.dataType, writes.map(itemOf));
  if (outcomes.length !== writes.length) throw new HubError('PLATFORM_ANSWER_INVALID', 'The platform answered for another number of records than were sent.', { connectorId: scope.connectorId });
  return { writes, intent, outcomes };
}

/** A call that failed is closed as an unknown outcome, so that its values do not count as on their way for ever. */
export async function giveUp(run: DeliveryRun, { intent }: Pick<IntendedBatch, 'intent'>): Promise<void> {
  await closeIntents(run.deps.db, run.scope, { id: intent.id }, nowOf(run));
}

/** Stores the outcome of a call: see storeOutcomes. */
export async function finishCall(run: DeliveryRun, { writes, intent, outcomes }: CalledBatch, next: Following | undefined): Promise<StoredOutcomes> {
  const { deps, scope, connector } = run;
  await deps.faultPoint('call-before-outcome');
  const results = writes.map((write, i) => ({ write, outcome: outcomeOf(write, outcomes[i]) }));
  const made = results.flatMap(({ write, outcome }) => (write.isNew && outcome.kind === 'stored' ? [write.delivery.recordId] : []));
  if (scope.dataType === 'contacts' && takes(connector, 'activities')) await raiseEarlierActivities(deps.db, scope.connectorId, made);
  const stored = await storeOutcomes(deps.db, scope, intent, results, next, nowOf(run));
  for (const o of outcomes) if (o.kind === 'refused' && o.code === unlicensedCode) run.unlicensed.set(scope.dataType, o.message);
  await noteRefusals(run, outcomes, writes);
  await releaseReferrers(run, made);
  run.tally.sent += writes.length;
  await lookAtFields(run, outcomes);
  return stored;
}

const nowOf = (run: DeliveryRun): string => new Date(run.deps.now()).toISOString();

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
