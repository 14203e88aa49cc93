import { createHash } from 'node:crypto';
import { alternatePrefix } from '../db/repositories/apply/adopt-links.ts';
import { switchedCode } from '../db/repositories/apply/switched.ts';
import { switchedReason } from '../domain/identity/switched.ts';
import type { ClaimedDelivery } from '../db/repositories/deliver/claim.ts';
import type { WantedAddress } from '../db/repositories/deliver/left-over.ts';
import type { PlannedWrite } from '../db/repositories/deliver/sender.ts';
import { missingCode } from '../db/repositories/references/named-things.ts';
import { parkMissing } from '../db/repositories/references/park-missing.ts';
import { heldBackFacts, settle, type Settlement } from '../db/repositories/deliver/settle.ts';
import { planFor } from './apply-context.ts';
import { requireCurrentMapping, type DeliveryRun } from './delivery-run.ts';
import { sendInOrder } from './send-in-order.ts';
import { withPurchaseDates } from './purchase-dates.ts';
import { mayBeAwaited, namedThingsOf, type NamedThings } from './named-things.ts';
import { isUnlicensed, parkUnlicensed } from './unlicensed.ts';
import { obstacleTo, otherHoldersOf, parkForAddress, takeOver, withoutAddress, type OtherHolders } from './shared-email.ts';

/**
 * Claims, plans and sends one chunk of records of the run's data type up to a lane. False when there was nothing.
 * After each call it yields to what is more urgent than the rest.
 */
export async function sendRecords(given: DeliveryRun, maxLane: 1 | 2): Promise<boolean> {
  const { dataType, connectorId } = given.scope;
  const claim = { connectorId, dataType, idPrefix: idPrefixOf(given), maxLane };
  const claimed = await given.claims.take(claim);
  if (claimed.length === 0) return false;
  const run = { ...given, isAwaited: await mayBeAwaited(given) };
  if (await isUnlicensed(run)) {
    await parkUnlicensed(run, claimed);
    return true;
  }
  await requireCurrentMapping(run);
  const others = dataType === 'contacts' ? await otherHoldersOf(run, claimed) : nobodyElse;
  const { writes, settlements, waiting, takers, needsLook } = planChunk(run, await withPurchaseDates(run, claimed), { others, named: await namedThingsOf(run, claimed) });
  await settle(run.deps.db, run.scope, settlements);
  const parked = await parkMissing(run.deps.db, run.scope, waiting);
  run.tally.settled += settlements.length + parked;
  if (needsLook && (await run.lookAhead())) return true;
  if (takers.length > 0) await takeOver(run, takers);
  if (writes.length === 0 || takers.length > 0) return true;
  await sendInOrder(run, batchesOf(batchSizeOf(run), writes), { isOnly: writes.length === 1, nearEnd: () => run.claims.begin(claim, claimed) });
  return true;
}

function batchSizeOf({ connector, scope }: DeliveryRun): number {
  const { deliveryBatchSize, deliveryBatchSizes = {} } = connector.platform.description;
  return deliveryBatchSizes[scope.dataType] ?? deliveryBatchSize;
}

function idPrefixOf({ connector, scope }: DeliveryRun): string {
  const { givenIdPrefix: prefix = '' } = connector.platform.description;
  return typeof prefix === 'string' ? prefix : (prefix[scope.dataType] ?? '');
}

const nobodyElse: OtherHolders = { shared: new Set(), there: new Map() };

type Plan = ReturnType<typeof planFor>;

/** What the claimed records are planned by. */
interface Surroundings {
  readonly others: OtherHolders;
  readonly named: ReadonlyMap<number, NamedThings>;
}

interface Chunk {
  writes: PlannedWrite[];
  settlements: Settlement[];
  /** Those that name a thing which nobody has brought yet. */
  waiting: Settlement[];
  /** Records that take over a left-over contact before anything is planned for them. */
  takers: WantedAddress[];
  needsLook: boolean;
}

function planChunk(run: DeliveryRun, claimed: readonly ClaimedDelivery[], around: Surroundings): Chunk {
  const chunk: Chunk = { writes: [], settlements: [], waiting: [], takers: [], needsLook: false };
  const seen = new Set<string>();
  for (const delivery of claimed) {
    const key = delivery.link?.externalId ?? `record/${delivery.recordId}`;
    if (seen.has(key)) continue;
    seen.add(key);
    planOne(run, delivery, around, chunk);
  }
  return chunk;
}

function planOne(run: DeliveryRun, delivery: ClaimedDelivery, { others, named }: Surroundings, chunk: Chunk): void {
  const { link, recordId, target, wanted } = delivery;
  if (delivery.isFinal) {
    chunk.settlements.push({ recordId, target, wanted, state: 'excluded', code: null, reason: 'it was anonymised there when it was deleted at its last source, for good' });
    return;
  }
  if (link === null && target !== '' && !wasNeverMade(run, delivery)) {
    chunk.settlements.push({ recordId, target, wanted, state: 'excluded', code: null, reason: 'it is gone there, or belongs to another contact by now' });
    return;
  }
  if (link?.switched != null) {
    chunk.settlements.push({ recordId, target, wanted, state: 'parked', code: switchedCode, reason: switchedReason({ externalId: link.externalId, recordId, otherRecord: link.switched.otherRecord }) });
    return;
  }
  const isNew = link === null || (link.memory.readAt === null && Object.keys(link.memory.held).length === 0);
  const { linked = {}, wait } = named.get(recordId) ?? {};
  const isAbsent = isNew && Object.keys(link?.memory.sent ?? {}).length === 0;
  if (isAbsent && delivery.record.deleted && run.scope.dataType !== 'contacts') {
    chunk.settlements.push({ recordId, target, wanted, state: 'excluded', code: null, reason: 'it was gone before it was sent' });
    return;
  }
  const whole = planFor(run.connector, run.scope.dataType, { ...delivery.record, linked }, link?.memory ?? null, isNew);
  if (wait !== undefined && !delivery.record.deleted && whole.takesAway !== true) {
    (wait.code === missingCode ? chunk.waiting : chunk.settlements).push({ recordId, target, wanted, state: 'parked', ...wait });
    return;
  }
  const isSecondary = link !== null && !link.isPrimary && run.connector.platform.description.targets === 'primary-link';
  const obstacle = isSecondary ? 'none' : obstacleTo(delivery, others, run.scope.addressKey);
  if (obstacle === 'left-over') {
    takeOrPlan(run, delivery, { whole, isNew }, chunk);
    return;
  }
  const plan = isSecondary ? withdrawalsOnly(whole) : obstacle === 'none' ? whole : withoutAddress(whole, isNew, run.scope.addressKey);
  if (plan.kind === 'nothing' && obstacle !== 'none') chunk.settlements.push(parkForAddress(run, delivery, obstacle));
  else addPlan(run, delivery, { plan, isNew, waits: obstacle !== 'none' }, chunk);
}

/** A left-over contact is taken over only by who is to get its address. */
function takeOrPlan(run: DeliveryRun, delivery: ClaimedDelivery, { whole, isNew }: { readonly whole: Plan; readonly isNew: boolean }, chunk: Chunk): void {
  const address = whole.kind === 'send' ? whole.changes[run.scope.addressKey ?? 'email'] : undefined;
  const { email } = delivery.record.canonical;
  if (typeof address !== 'string' || typeof email !== 'string') {
    addPlan(run, delivery, { plan: whole, isNew, waits: false }, chunk);
    return;
  }
  chunk.takers.push({ recordId: delivery.recordId, email });
  chunk.needsLook = true;
}

function addPlan(run: DeliveryRun, delivery: ClaimedDelivery, { plan, isNew, waits }: { readonly plan: Plan; readonly isNew: boolean; readonly waits: boolean }, chunk: Chunk): void {
  const base = { recordId: delivery.recordId, target: delivery.target, wanted: delivery.wanted };
  if (plan.kind === 'excluded') chunk.settlements.push({ ...base, state: 'excluded', code: null, reason: plan.reason });
  else if (plan.kind === 'nothing' && !delivery.isShared) chunk.settlements.push({ ...base, state: 'delivered', code: null, reason: plan.reason, ...heldBackFacts(plan.heldBack) });
  else {
    const write = writeFor(run, delivery, isNew, plan.kind === 'send' ? { ...plan, ...(plan.whole !== undefined && { whole: plan.whole }) } : { changes: {}, permissionDates: {} });
    if (write === null) {
      chunk.settlements.push({ ...base, state: 'failed', code: 'RECORD_REFUSED', reason: 'The contact there carries no id of the hub, and no address to find it by.' });
      return;
    }
    const heldBack = plan.heldBack === undefined ? {} : { heldBack: plan.heldBack };
    chunk.writes.push({ ...write, ...heldBack, again: write.again || waits });
    chunk.needsLook ||= run.scope.dataType === 'contacts' && (isNew || Object.keys(write.permissionDates).length > 0);
  }
}

/** A link left over from a merge gets withdrawals only (design §4.2). */
function withdrawalsOnly(plan: Plan): Plan {
  if (plan.kind !== 'send') return plan;
  const { whole: _whole, ...own } = plan;
  const changes = Object.fromEntries(Object.entries(plan.changes).filter(([key, value]) => key in plan.permissionDates && value === false));
  return Object.keys(changes).length > 0 ? { ...own, changes } : { kind: 'nothing', reason: 'a second link of a merged contact gets withdrawals only' };
}

/** A contact that was refused when it was to be made leaves no link; what was raised for its id meanwhile makes it. */
function wasNeverMade(run: DeliveryRun, { target, recordId, idOwner }: ClaimedDelivery): boolean {
  const own = `${idPrefixOf(run)}${recordId}`;
  const isOurId = target === own || target.startsWith(`${own}-`);
  return run.connector.platform.description.createsContacts && isOurId && idOwner === null;
}

/**
 * The id that a thing gets: the record's own. Where another contact has that already (the account knew an earlier hub, or numbers of
 * another system) one that only this connector gives; an id that was left to another contact is never given again. Of several contacts of one record, as merges leave them over, each gets another id.
 */
function idToGive(run: DeliveryRun, { recordId, target, idOwner, link }: ClaimedDelivery): string {
  if (link === null && target !== '') return target;
  const { activated_at: activatedAt } = run.connector.row;
  const own = `${idPrefixOf(run)}${recordId}`;
  const ownKind = `${own}-${Date.parse(activatedAt ?? '1970-01-01').toString(36)}`;
  if (link !== null && link.lostId !== null) return `${ownKind}-${hashOf(`${link.externalId}/${link.lostId}`)}`;
  if (link !== null && (!link.isPrimary || idOwner === recordId)) return `${ownKind}-${hashOf(link.externalId)}`;
  return idOwner === null || idOwner === recordId ? own : ownKind;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/**
 * A thing that carries no id of ours yet is found by the address it has there, so that address goes along; a change of the
 * address waits for the next round, when the id is known. `null` when it can not be found.
 */
function writeFor(run: DeliveryRun, delivery: ClaimedDelivery, isNew: boolean, plan: Pick<PlannedWrite, 'changes' | 'permissionDates' | 'whole'>): PlannedWrite | null {
  const { link } = delivery;
  if (link === null) return { delivery, externalId: idToGive(run, delivery), isNew, ...plan, identity: {}, again: false };
  if (!link.externalId.startsWith(alternatePrefix)) return { delivery, externalId: link.externalId, isNew, ...plan, identity: {}, again: false };
  const key = run.scope.addressKey;
  const address = key === undefined ? undefined : link.memory.held[key];
  if (key === undefined || address === undefined || address === null || address === '') return null;
  const { [key]: newAddress, ...changes } = plan.changes;
  return { delivery, externalId: idToGive(run, delivery), isNew, changes, permissionDates: plan.permissionDates, identity: { [key]: address }, again: newAddress !== undefined };
}

/**
 * Batches in order of their lanes. Rows that were blamed before go in ever smaller batches, after the others of their lane: whether the
 * platform takes those shows who is to blame.
 */
function batchesOf(size: number, writes: readonly PlannedWrite[]): PlannedWrite[][] {
  const batches: PlannedWrite[][] = [];
  const open = new Map<number, PlannedWrite[]>();
  for (const write of writes) {
    const { failures } = write.delivery;
    const limit = Math.max(1, size >> Math.max(0, failures - 1));
    const last = open.get(failures);
    if (last !== undefined && last.length < limit) last.push(write);
    else {
      const batch = [write];
      open.set(failures, batch);
      batches.push(batch);
    }
  }
  return batches.toSorted((a, b) => laneOf(a) - laneOf(b) || failuresOf(a) - failuresOf(b));
}

const laneOf = (batch: readonly PlannedWrite[]) => batch[0]?.delivery.lane ?? 0;
const failuresOf = (batch: readonly PlannedWrite[]) => batch[0]?.delivery.failures ?? 0;
