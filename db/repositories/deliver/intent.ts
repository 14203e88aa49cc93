import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { HubError } from '../../../domain/errors.ts';
import { recordOutcome, recordSent, recordUnknownOutcome } from '../../../domain/consent/link-memory.ts';
import { emptyMemory } from '../../../domain/model/link-memory.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Db, Trx } from '../../database.ts';
import { keyed } from '../by-key.ts';
import { renameThings } from '../apply/adopt-links.ts';
import { lockLinks } from '../apply/load.ts';
import { repeatOnConflict, StaleLook } from '../repeat-on-conflict.ts';
import type { ClaimedDelivery } from './claim.ts';
import type { Fields } from '../../../domain/model/fields.ts';

/** One planned write: what differs, and the id under which the platform has or gets the thing. */
export interface PlannedWrite {
  readonly delivery: ClaimedDelivery;
  readonly externalId: string;
  readonly isNew: boolean;
  readonly changes: Fields;
  /** The date of each permission in `changes`, by key. */
  readonly permissionDates: Readonly<Record<string, string | null>>;
  /** What finds the thing at the platform besides its id. */
  readonly identity: Fields;
  /** Part of the difference had to wait: the delivery stays pending. */
  readonly again: boolean;
}

/** Who sends: account, connector and the epoch of the sender's lock. */
export interface SenderScope {
  readonly accountId: string;
  readonly connectorId: string;
  readonly dataType: 'contacts';
  readonly epoch: number;
}

const json = JSON.stringify;

/**
 * Commits what is about to be sent, before the call (design §4.3): one intent for the batch, and in each link's memory the values
 * on their way, so that a read that crosses the call is not taken for a statement. Returns the intent's id; null when a record was merged
 * into another one since it was planned, or its thing belongs to another one: nothing is stored then, and the plan is to be made again.
 */
export async function storeIntent(db: Db, scope: SenderScope, operation: string, writes: readonly PlannedWrite[], now: string): Promise<number | null> {
  return repeatOnConflict(() => db.transaction().execute(async (trx) => {
    await fence(trx, scope);
    if (!(await areUnmerged(trx, writes)) || !(await storeSent(trx, scope, writes, now))) return null;
    const items = json(writes.map((w) => ({ recordId: w.delivery.recordId, target: w.delivery.target, link: linkKey(w), ...(linkKey(w) === w.externalId ? {} : { named: w.externalId }), wanted: w.delivery.wanted, changes: w.changes })));
    const hash = createHash('sha256').update(items).digest();
    const row = await trx.insertInto('call_intent')
      .values({ account_id: scope.accountId, connector_id: scope.connectorId, epoch: scope.epoch, operation, body_hash: hash, items })
      .returning('id').executeTakeFirstOrThrow();
    return row.id;
  }));
}

/** Throws HubError SENDER_BUSY when a later sender has taken over. */
async function fence(trx: Trx, scope: SenderScope): Promise<void> {
  const row = await trx.selectFrom('connector').select('sender_epoch').where('id', '=', scope.connectorId).forShare().executeTakeFirst();
  if (row?.sender_epoch !== scope.epoch) throw new HubError('SENDER_BUSY', 'Another process took over sending for this connector.', { connectorId: scope.connectorId });
}

async function areUnmerged(trx: Trx, writes: readonly PlannedWrite[]): Promise<boolean> {
  const { rows } = await sql<{ merged: boolean }>`
    select merged_into is not null as merged from record where id = any(${arrays.int8(writes.map((w) => w.delivery.recordId))}) order by id for key share`.execute(trx);
  return rows.every((row) => !row.merged);
}

async function storeSent(trx: Trx, scope: SenderScope, writes: readonly PlannedWrite[], now: string): Promise<boolean> {
  const w = [...writes].sort((a, b) => (linkKey(a) < linkKey(b) ? -1 : 1));
  const known = await lockLinks(trx, scope.connectorId, scope.dataType, w.map(linkKey));
  if (w.some((x) => (known.get(linkKey(x))?.recordId ?? x.delivery.recordId) !== x.delivery.recordId)) return false;
  const memories = w.map((x) => recordSent(known.get(linkKey(x))?.memory ?? emptyMemory, x.changes, now));
  const stored = await sql`
    insert into link (account_id, connector_id, data_type, external_id, record_id, held, sent)
    select ${scope.accountId}, ${scope.connectorId}, ${scope.dataType}, x.external_id, x.record_id, '{}', x.sent
    from unnest(${arrays.text(w.map(linkKey))}, ${arrays.int8(w.map((x) => x.delivery.recordId))}, ${arrays.json(memories.map((m) => m.sent))})
      as x(external_id, record_id, sent)
    on conflict (connector_id, data_type, external_id) do update set sent = excluded.sent where link.record_id = excluded.record_id
    returning 1`.execute(trx);
  if (stored.rows.length < w.length) throw new StaleLook('a link was made for another record meanwhile');
  return true;
}

/** The id under which the link is kept now: a thing known by its second id only keeps it until the write is confirmed. */
const linkKey = (write: PlannedWrite) => write.delivery.link?.externalId ?? write.externalId;

/** What became of one write. */
export interface WriteOutcome {
  readonly write: PlannedWrite;
  readonly outcome:
    | { readonly kind: 'stored' }
    | { readonly kind: 'refused'; readonly code: string; readonly reason: string }
    | { readonly kind: 'moved'; readonly mergedInto: string };
}

/**
 * Stores the outcomes and removes the intent in one transaction, fenced by the epoch. Deliveries first, then links, in key order.
 * A delivery that was raised again meanwhile stays pending.
 */
export async function storeOutcomes(db: Db, scope: SenderScope, intentId: number, called: readonly WriteOutcome[], now: string): Promise<void> {
  await repeatOnConflict(() => db.transaction().execute(async (trx) => {
    await fence(trx, scope);
    const outcomes = await atPresentIds(trx, scope, called);
    await settle(trx, scope, outcomes.map((o) => ({
      recordId: o.write.delivery.recordId, target: o.write.delivery.target, wanted: o.write.delivery.wanted - (o.write.again && o.outcome.kind === 'stored' ? 1 : 0),
      state: o.outcome.kind === 'refused' ? 'failed' : 'delivered',
      code: o.outcome.kind === 'refused' ? o.outcome.code : null,
      reason: o.outcome.kind === 'refused' ? o.outcome.reason : null,
    })));
    await storeHeld(trx, scope, outcomes, now);
    await retarget(trx, scope, outcomes);
    await trx.deleteFrom('call_intent').where('id', '=', intentId).execute();
  }));
}

/** A read that crossed the call may have found the id that it gave: link and delivery go by that id then. */
async function atPresentIds(trx: Trx, scope: SenderScope, outcomes: readonly WriteOutcome[]): Promise<readonly WriteOutcome[]> {
  const naming = outcomes.filter(({ write }) => linkKey(write) !== write.externalId).map(({ write }) => linkKey(write));
  if (naming.length === 0) return outcomes;
  const kept = await trx.selectFrom('link').select('external_id').where('connector_id', '=', scope.connectorId).where('data_type', '=', scope.dataType).where('external_id', 'in', naming).execute();
  const old = new Set(kept.map((row) => row.external_id));
  return outcomes.map((o) => {
    const { delivery, externalId } = o.write;
    if (delivery.link === null || delivery.link.externalId === externalId || old.has(delivery.link.externalId)) return o;
    const target = delivery.target === delivery.link.externalId ? externalId : delivery.target;
    return { ...o, write: { ...o.write, delivery: { ...delivery, target, link: { ...delivery.link, externalId } } } };
  });
}

async function storeHeld(trx: Trx, scope: SenderScope, outcomes: readonly WriteOutcome[], now: string): Promise<void> {
  const sorted = [...outcomes].sort((a, b) => (linkKey(a.write) < linkKey(b.write) ? -1 : 1));
  const known = await lockLinks(trx, scope.connectorId, scope.dataType, sorted.map((o) => linkKey(o.write)));
  const memories = sorted.map(({ write, outcome }) => {
    const memory = known.get(linkKey(write))?.memory ?? emptyMemory;
    return outcome.kind === 'stored' ? recordOutcome(memory, write.changes, now) : recordUnknownOutcome(memory, now);
  });
  await sql`
    update link l set held = x.held, sent = x.sent, outcome_at = x.outcome_at
    from ${keyed(scope, sql`unnest(${arrays.text(sorted.map((o) => linkKey(o.write)))}, ${arrays.json(memories.map((m) => m.held))}, ${arrays.json(memories.map((m) => m.sent))},
      ${arrays.timestamptz(memories.map((m) => m.outcomeAt))}) as x(external_id, held, sent, outcome_at)`)}
    where l.external_id = x.external_id and l.connector_id = x.connector_id and l.data_type = x.data_type`.execute(trx);
  const named = sorted.filter((o) => o.outcome.kind === 'stored' && linkKey(o.write) !== o.write.externalId);
  await renameThings(trx, scope.connectorId, scope.dataType, named.map(({ write }) => ({ from: linkKey(write), to: write.externalId })));
  const refusedNew = sorted.filter((o) => o.outcome.kind === 'refused' && o.write.isNew).map((o) => linkKey(o.write));
  if (refusedNew.length > 0) {
    await trx.deleteFrom('link').where('connector_id', '=', scope.connectorId).where('data_type', '=', scope.dataType)
      .where('external_id', 'in', refusedNew).where(neverSeen).execute();
  }
}

/** A link that was made with an intent and of which nothing is confirmed. */
const neverSeen = sql<boolean>`read_at is null and held::text = '{}'`;

/** A delivery that created its thing belongs to the new link from now on, and one that failed to is over; a moved thing gets a delivery at its new id. */
async function retarget(trx: Trx, scope: SenderScope, outcomes: readonly WriteOutcome[]): Promise<void> {
  const created = outcomes.filter((o) => o.outcome.kind === 'stored' && o.write.delivery.target === '').map((o) => o.write);
  if (created.length > 0) {
    await sql`
      update delivery d set target = x.external_id
      from ${keyed(scope, sql`unnest(${arrays.int8(created.map((w) => w.delivery.recordId))}, ${arrays.text(created.map((w) => w.externalId))}, ${arrays.text(created.map(() => ''))}) as x(record_id, external_id, old_target)`)}
      where d.record_id = x.record_id and d.connector_id = x.connector_id and d.data_type = x.data_type and d.target = x.old_target
        and not exists (select 1 from delivery o where o.record_id = x.record_id and o.connector_id = x.connector_id and o.data_type = x.data_type and o.target = x.external_id)`.execute(trx);
  }
  const made = outcomes.filter((o) => o.outcome.kind === 'stored' && o.write.isNew && o.write.delivery.target !== '').map((o) => o.write.delivery.recordId);
  if (made.length > 0) {
    await sql`
      update delivery set state = 'delivered', code = null, reason = null
      where record_id = any(${made}::bigint[]) and connector_id = ${scope.connectorId} and data_type = ${scope.dataType} and target = '' and state = 'failed'`.execute(trx);
  }
  for (const { write, outcome } of outcomes) {
    if (outcome.kind === 'moved') await moveTarget(trx, scope, write, outcome.mergedInto);
  }
}

async function moveTarget(trx: Trx, scope: SenderScope, write: PlannedWrite, mergedInto: string): Promise<void> {
  await sql`update link set gone_at = clock_timestamp() where connector_id = ${scope.connectorId} and data_type = ${scope.dataType} and external_id = ${write.externalId}`.execute(trx);
  await sql`
    insert into link (account_id, connector_id, data_type, external_id, record_id, held)
    values (${scope.accountId}, ${scope.connectorId}, ${scope.dataType}, ${mergedInto}, ${write.delivery.recordId}, '{}')
    on conflict (connector_id, data_type, external_id) do nothing`.execute(trx);
  await sql`
    insert into delivery (account_id, connector_id, data_type, record_id, target, lane)
    values (${scope.accountId}, ${scope.connectorId}, ${scope.dataType}, ${write.delivery.recordId}, ${mergedInto}, ${write.delivery.lane})
    on conflict (connector_id, data_type, record_id, target) do update set wanted = delivery.wanted + 1, state = 'pending', reason = null, code = null`.execute(trx);
}

/** How a delivery ended, for the one state that was wanted when it was planned. */
export interface Settlement {
  readonly recordId: number;
  readonly target: string;
  readonly wanted: number;
  readonly state: 'delivered' | 'excluded' | 'failed' | 'parked';
  readonly code: string | null;
  readonly reason: string | null;
}

/**
 * Settles deliveries in key order; one that is wanted again meanwhile stays pending.
 * The connector is a column of the joined rows on purpose: as a constant it tempts the planner to read all deliveries of the connector.
 */
export async function settle(trx: Trx | Db, scope: SenderScope, settlements: readonly Settlement[]): Promise<void> {
  if (settlements.length === 0) return;
  const s = [...settlements].sort((a, b) => a.recordId - b.recordId || (a.target < b.target ? -1 : 1));
  await sql`
    update delivery d set delivered = greatest(d.delivered, x.wanted), settled_at = clock_timestamp(), failures = 0,
      state = case when d.wanted > x.wanted then 'pending' else x.state end,
      code = case when d.wanted > x.wanted then null else x.code end, reason = case when d.wanted > x.wanted then null else x.reason end
    from ${keyed(scope, sql`unnest(${arrays.int8(s.map((x) => x.recordId))}, ${arrays.text(s.map((x) => x.target))}, ${arrays.int4(s.map((x) => x.wanted))}, ${arrays.text(s.map((x) => x.state))},
      ${arrays.text(s.map((x) => x.code))}, ${arrays.text(s.map((x) => x.reason))}) as x(record_id, target, wanted, state, code, reason)`)}
    where d.record_id = x.record_id and d.connector_id = x.connector_id and d.data_type = x.data_type and d.target = x.target`.execute(trx);
}

/**
 * Closes intents without an outcome: those of earlier senders, or one call of this sender that failed. What became of them is not known:
 * the values stay in the links' memory, marked as over, and the deliveries are planned afresh. Returns how many.
 */
export async function closeIntents(db: Db, scope: SenderScope, which: { readonly id: number } | 'earlier', now: string): Promise<number> {
  return repeatOnConflict(() => db.transaction().execute(async (trx) => {
    await fence(trx, scope);
    const all = trx.deleteFrom('call_intent').where('connector_id', '=', scope.connectorId);
    const rows = await (which === 'earlier' ? all.where('epoch', '<', scope.epoch) : all.where('id', '=', which.id)).returning('items').execute();
    const ids = [...new Set(rows.flatMap((row) => row.items.flatMap((item) => (item.named === undefined ? [item.link] : [item.link, item.named]))))].sort();
    const links = await lockLinks(trx, scope.connectorId, scope.dataType, ids);
    const memories = [...links.values()].map((link) => ({ id: link.externalId, memory: recordUnknownOutcome(link.memory, now) }));
    await sql`
      update link l set sent = x.sent, outcome_at = x.outcome_at
      from ${keyed(scope, sql`unnest(${arrays.text(memories.map((m) => m.id))}, ${arrays.json(memories.map((m) => m.memory.sent))}, ${arrays.timestamptz(memories.map((m) => m.memory.outcomeAt))}) as x(external_id, sent, outcome_at)`)}
      where l.external_id = x.external_id and l.connector_id = x.connector_id and l.data_type = x.data_type`.execute(trx);
    return rows.length;
  }));
}

/** A batch that failed while the connection works: remembered on its rows, so that it is halved the next time. */
export async function blameBatch(db: Db, scope: SenderScope, writes: readonly PlannedWrite[]): Promise<void> {
  await sql`
    update delivery d set failures = d.failures + 1
    from ${keyed(scope, sql`unnest(${arrays.int8(writes.map((w) => w.delivery.recordId))}, ${arrays.text(writes.map((w) => w.delivery.target))}) as x(record_id, target)`)}
    where d.record_id = x.record_id and d.connector_id = x.connector_id and d.data_type = x.data_type and d.target = x.target`.execute(db);
}
