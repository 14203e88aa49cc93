import { HubError, hasRecovery } from '../domain/errors.ts';
import { blameBatch, closeIntents, settle, storeIntent, storeOutcomes, type PlannedWrite, type WriteOutcome } from '../db/repositories/deliver/intent.ts';
import { recordRefusals } from '../db/repositories/deliver/refusals.ts';
import type { DeliveryItem, DeliveryOutcome, Platform } from '../platforms/platform.ts';
import { platformContext } from './connector-context.ts';
import type { DeliveryRun } from './delivery-run.ts';

/**
 * Sends one batch: intent, call, outcome (design §4.3). A connection-level failure is thrown: the rows stay pending in their order.
 * A batch that fails again while the connection works is halved, down to the one record to blame (design §4.5).
 */
export async function sendBatch(run: DeliveryRun, writes: readonly PlannedWrite[]): Promise<void> {
  try {
    await sendOnce(run, writes);
  } catch (error) {
    if (!hasRecovery(error, 'retry', 'unknownOutcome') || error.code === 'PLATFORM_UNREACHABLE' || !(await connectionWorks(run))) throw error;
    await blameBatch(run.deps.db, run.scope, writes);
    const failedBefore = (writes[0]?.delivery.failures ?? 0) > 0;
    if (!failedBefore) throw error;
    await sendHalves(run, writes, error);
  }
}

async function sendHalves(run: DeliveryRun, writes: readonly PlannedWrite[], error: HubError): Promise<void> {
  const only = writes.length === 1 ? writes[0] : undefined;
  if (only !== undefined) {
    await settle(run.deps.db, run.scope, [{ recordId: only.delivery.recordId, target: only.delivery.target, wanted: only.delivery.wanted, state: 'failed', code: error.code, reason: `The platform fails on this record alone: ${error.message}` }]);
    await recordRefusals(run.deps.db, run.scope, [{ recordId: only.delivery.recordId, code: error.code, message: error.message, status: error.facts.status ?? null, platformCode: null }]);
    return;
  }
  const middle = Math.ceil(writes.length / 2);
  for (const half of [writes.slice(0, middle), writes.slice(middle)]) {
    try {
      await sendOnce(run, half);
    } catch (cause) {
      if (!hasRecovery(cause, 'retry', 'unknownOutcome') || !(await connectionWorks(run))) throw cause;
      await sendHalves(run, half, cause);
    }
  }
}

async function connectionWorks(run: DeliveryRun): Promise<boolean> {
  try {
    await run.connector.platform.checkConnection(platformContext(run.deps, run.connector, run.signal));
    return true;
  } catch {
    return false;
  }
}

async function sendOnce(run: DeliveryRun, writes: readonly PlannedWrite[]): Promise<void> {
  const { deps, scope, connector } = run;
  if (connector.platform.deliver === undefined) throw new HubError('INTERNAL', 'A delivery was planned for a platform that takes none.');
  const intent = await storeIntent(deps.db, scope, 'deliver contacts', writes, new Date(deps.now()).toISOString());
  if (intent === null) return;
  await deps.faultPoint('intent-before-call');
  const items = writes.map(itemOf);
  const outcomes = await callPlatform(run, connector.platform.deliver, items, intent);
  await deps.faultPoint('call-before-outcome');
  if (outcomes.length !== writes.length) throw new HubError('PLATFORM_ANSWER_INVALID', 'The platform answered for another number of records than were sent.', { connectorId: scope.connectorId });
  const results = writes.map((write, i) => ({ write, outcome: outcomeOf(outcomes[i]) }));
  await storeOutcomes(deps.db, scope, intent, results, new Date(deps.now()).toISOString());
  await noteRefusals(run, outcomes, writes);
  run.tally.sent += writes.length;
}

/** The call itself. One that fails is closed as an unknown outcome, so that its values do not count as on their way for ever. */
async function callPlatform(run: DeliveryRun, deliver: NonNullable<Platform['deliver']>, items: readonly DeliveryItem[], intent: number): Promise<readonly DeliveryOutcome[]> {
  try {
    return await deliver(platformContext(run.deps, run.connector, run.signal), 'contacts', items);
  } catch (error) {
    await closeIntents(run.deps.db, run.scope, { id: intent }, new Date(run.deps.now()).toISOString());
    throw error;
  }
}

const itemOf = (write: PlannedWrite): DeliveryItem => ({
  externalId: write.externalId, isNew: write.isNew, changes: write.changes, permissionDates: write.permissionDates, identity: write.identity,
  ...(write.delivery.link?.alternateId == null ? {} : { alternateId: write.delivery.link.alternateId }),
});

function outcomeOf(outcome: DeliveryOutcome | undefined): WriteOutcome['outcome'] {
  if (outcome === undefined) throw new HubError('INTERNAL', 'An outcome is missing.');
  return outcome.kind === 'refused' ? { kind: 'refused', code: outcome.code, reason: outcome.message } : outcome;
}

async function noteRefusals(run: DeliveryRun, outcomes: readonly DeliveryOutcome[], writes: readonly PlannedWrite[]): Promise<void> {
  const refusals = outcomes.flatMap((o, i) => (o.kind === 'refused' ? [{ recordId: writes[i]?.delivery.recordId ?? 0, code: o.code, message: o.message, status: null, platformCode: o.platformCode ?? null }] : []));
  await recordRefusals(run.deps.db, run.scope, refusals);
}
