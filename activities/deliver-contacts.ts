import { alternatePrefix } from '../db/repositories/apply/adopt-links.ts';
import { claimDeliveries, hasUrgent, type ClaimedDelivery } from '../db/repositories/deliver/claim.ts';
import { settle, type PlannedWrite, type Settlement } from '../db/repositories/deliver/intent.ts';
import { planFor } from './apply-context.ts';
import { throwIfStopped, type DeliveryRun } from './delivery-run.ts';
import { sendBatch } from './send-batch.ts';

const claimSize = 1_000;

/**
 * Claims, plans and sends one chunk of contacts up to a lane. False when there was nothing.
 * A bulk chunk yields to anything more urgent after each call.
 */
export async function sendContacts(run: DeliveryRun, maxLane: 1 | 2): Promise<boolean> {
  const claimed = await claimDeliveries(run.deps.db, run.scope.connectorId, maxLane, claimSize);
  if (claimed.length === 0) return false;
  const { writes, settlements, needsLook } = planChunk(run, claimed);
  await settle(run.deps.db, run.scope, settlements);
  run.tally.settled += settlements.length;
  if (writes.length === 0) return true;
  if (needsLook && (await run.lookAhead())) return true;
  for (const batch of batchesOf(run, writes)) {
    throwIfStopped(run.signal);
    await sendBatch(run, batch);
    if (run.deps.now() > run.endsAt) return true;
    if (maxLane === 2 && (await hasUrgent(run.deps.db, run.scope.connectorId))) return true;
  }
  return true;
}

type Plan = ReturnType<typeof planFor>;

interface Chunk { writes: PlannedWrite[]; settlements: Settlement[]; needsLook: boolean }

function planChunk(run: DeliveryRun, claimed: readonly ClaimedDelivery[]): Chunk {
  const chunk: Chunk = { writes: [], settlements: [], needsLook: false };
  const seen = new Set<string>();
  for (const delivery of claimed) {
    const key = delivery.link?.externalId ?? `record/${delivery.recordId}`;
    if (seen.has(key)) continue;
    seen.add(key);
    planOne(run, delivery, chunk);
  }
  return chunk;
}

function planOne(run: DeliveryRun, delivery: ClaimedDelivery, chunk: Chunk): void {
  const { link } = delivery;
  const base = { recordId: delivery.recordId, target: delivery.target, wanted: delivery.wanted };
  if (link === null && delivery.target !== '') {
    chunk.settlements.push({ ...base, state: 'excluded', code: null, reason: 'it is gone there, or belongs to another contact by now' });
    return;
  }
  const isNew = link === null || (link.memory.readAt === null && Object.keys(link.memory.held).length === 0);
  const whole = planFor(run.connector, delivery.record, link?.memory ?? null, isNew);
  const isSecondary = link !== null && !link.isPrimary && run.connector.platform.description.targets === 'primary-link';
  const plan = isSecondary ? withdrawalsOnly(whole) : whole;
  const adopts = link !== null && link.externalId.startsWith(alternatePrefix) && hasOtherSources(run, delivery);
  if (plan.kind === 'excluded') chunk.settlements.push({ ...base, state: 'excluded', code: null, reason: plan.reason });
  else if (plan.kind === 'nothing' && !adopts) chunk.settlements.push({ ...base, state: 'delivered', code: null, reason: plan.reason });
  else {
    const write = writeFor(delivery, isNew, plan.kind === 'send' ? plan : { changes: {}, permissionDates: {} });
    chunk.writes.push(write);
    chunk.needsLook ||= isNew || Object.keys(write.permissionDates).length > 0;
  }
}

/** A link left over from a merge gets withdrawals only (design §4.2). */
function withdrawalsOnly(plan: Plan): Plan {
  if (plan.kind !== 'send') return plan;
  const changes = Object.fromEntries(Object.entries(plan.changes).filter(([key, value]) => key in plan.permissionDates && value === false));
  return Object.keys(changes).length > 0 ? { ...plan, changes } : { kind: 'nothing', reason: 'a second link of a merged contact gets withdrawals only' };
}

/** Whether another connector has a say in the record: only then does a contact of the destination get an id of ours. */
function hasOtherSources(run: DeliveryRun, delivery: ClaimedDelivery): boolean {
  return Object.values(delivery.record.provenance).some((origin) => origin.connectorId !== run.scope.connectorId);
}

/**
 * A thing that carries no id of ours yet is found by the address it has there, so that address goes along; a change of the
 * address waits for the next round, when the id is known.
 */
function writeFor(delivery: ClaimedDelivery, isNew: boolean, plan: Pick<PlannedWrite, 'changes' | 'permissionDates'>): PlannedWrite {
  const { link } = delivery;
  const carriesOurId = link !== null && !link.externalId.startsWith(alternatePrefix);
  const address = link === null || carriesOurId ? undefined : link.memory.held['email'];
  if (address === undefined || address === null) {
    return { delivery, externalId: carriesOurId ? link.externalId : String(delivery.recordId), isNew, ...plan, identity: {}, again: false };
  }
  const { email, ...changes } = plan.changes;
  return { delivery, externalId: String(delivery.recordId), isNew, changes, permissionDates: plan.permissionDates, identity: { email: address }, again: email !== undefined };
}

/** Batches in order. Rows that were blamed before go in ever smaller batches, down to the one record to blame. */
function batchesOf(run: DeliveryRun, writes: readonly PlannedWrite[]): PlannedWrite[][] {
  const size = run.connector.platform.description.deliveryBatchSize;
  const batches: PlannedWrite[][] = [];
  for (const write of writes) {
    const limit = Math.max(1, size >> Math.max(0, write.delivery.failures - 1));
    const last = batches.at(-1);
    const fits = last !== undefined && last.length < limit && (last[0]?.delivery.failures ?? 0) === write.delivery.failures;
    if (fits) last.push(write);
    else batches.push([write]);
  }
  return batches;
}
