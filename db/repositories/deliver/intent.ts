import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { recordNotSent, recordSent, recordUnknownOutcome } from '../../../domain/consent/link-memory.ts';
import { emptyMemory, type LinkMemory } from '../../../domain/model/link-memory.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Db, Trx } from '../../database.ts';
import { inTransaction } from '../../transaction.ts';
import { lockLinks, type StoredLink } from '../apply/load.ts';
import type { IntentItem } from '../../tables/flow.ts';
import { keyed, type ThingSpace } from '../by-key.ts';
import { heldAddress } from '../held-address.ts';
import { allInOrder } from '../in-order.ts';
import { repeatOnConflict, StaleLook } from '../repeat-on-conflict.ts';
import { fence, linkKey, type PlannedWrite, type SenderScope } from './sender.ts';

const json = JSON.stringify;
/** What the operation of an intent begins with; the data type follows. */
const deliverPrefix = 'deliver ';

/** An intent that is stored, and what is on its way by it: the outcome of the call goes on from there. */
export interface StoredIntent {
  readonly id: number;
  /** The memory of each link as the intent left it, by the id under which the link is kept. */
  readonly memories: ReadonlyMap<string, LinkMemory>;
  /** The row version (`xmin`) that the intent left all these links at. */
  readonly version: string;
}

/**
 * Commits what is about to be sent, before the call (design §4.3): one intent for the batch, and in each link's memory the values
 * on their way, so that a read that crosses the call is not taken for a statement. Null when the plan is to be made again: a record was merged into
 * another one or lost a permission since it was claimed, or its thing belongs to another one. Nothing is stored then.
 */
export async function storeIntent(db: Db, scope: SenderScope, writes: readonly PlannedWrite[], now: string): Promise<StoredIntent | null> {
  return repeatOnConflict(() => inTransaction(db, async (trx) => {
    const [, holds, links] = await allInOrder([fence(trx, scope), lockPlanned(trx, writes), lockForIntent(trx, scope, writes)]);
    return holds && links !== null ? writeIntent(trx, scope, writes, links, now) : null;
  }));
}

/**
 * Keeps the records of the writes from being merged or erased until the end of the transaction. False when the plan does not hold any more: one is
 * merged or erased already, or has changed since it was claimed and is to be granted something, which may be what was withdrawn. A withdrawal that comes
 * later meets the intent, and overtakes what is behind it.
 */
export async function lockPlanned(trx: Trx, writes: readonly PlannedWrite[]): Promise<boolean> {
  if (writes.length === 0) return true;
  const { rows } = await sql<{ id: number; version: number; gone: boolean }>`
    select id, version, merged_into is not null or erased_at is not null as gone from record where id = any(${arrays.int8(writes.map((w) => w.delivery.recordId))}) order by id for key share`.execute(trx);
  const granted = new Map(writes.filter(isGrant).map(({ delivery: { recordId, record } }) => [recordId, record.version]));
  return rows.every(({ id, version, gone }) => !gone && (granted.get(id) ?? version) === version);
}

const isGrant = ({ changes, permissionDates }: PlannedWrite): boolean => Object.keys(permissionDates).some((key) => changes[key] === true);

/** Locks the links of the writes, as far as there are some. Null when a thing belongs to another record. */
export async function lockForIntent(trx: Trx, scope: SenderScope, writes: readonly PlannedWrite[]): Promise<ReadonlyMap<string, StoredLink> | null> {
  const links = await lockLinks(trx, scope.connectorId, scope.dataType, writes.map(linkKey).sort());
  return writes.some((x) => (links.get(linkKey(x))?.recordId ?? x.delivery.recordId) !== x.delivery.recordId) ? null : links;
}

/** Puts what is on its way into the memory of the links, and stores the intent. In a transaction that holds the fence and the locks of the two above. */
export async function writeIntent(trx: Trx, scope: SenderScope, writes: readonly PlannedWrite[], links: ReadonlyMap<string, StoredLink>, now: string): Promise<StoredIntent> {
  const w = [...writes].sort((a, b) => (linkKey(a) < linkKey(b) ? -1 : 1));
  const memories = w.map((x) => recordSent(links.get(linkKey(x))?.memory ?? emptyMemory, x.changes, now, x.permissionDates));
  const sent = memories.map((memory) => json(memory.sent));
  const [{ rows }, id] = await allInOrder([insertSent(scope, w, sent).execute(trx), insertIntent(trx, scope, w, sent)]);
  const version = rows[0]?.version;
  if (rows.length < w.length || version === undefined) throw new StaleLook('a link was made for another record meanwhile');
  return { id, version, memories: new Map(w.map((x, index) => [linkKey(x), memories[index] ?? emptyMemory])) };
}

const insertSent = (scope: SenderScope, w: readonly PlannedWrite[], sent: readonly string[]) => sql<{ version: string }>`
  insert into link (account_id, connector_id, data_type, external_id, record_id, address, held, sent)
  select ${scope.accountId}, ${scope.connectorId}, ${scope.dataType}, x.external_id, x.record_id, x.address, '{}', x.sent
  from unnest(${arrays.text(w.map(linkKey))}, ${arrays.int8(w.map((x) => x.delivery.recordId))}, ${arrays.text(w.map((x) => heldAddress(x.changes, scope.addressKey)))}, ${arrays.jsonText(sent)})
    as x(external_id, record_id, address, sent)
  on conflict (connector_id, data_type, external_id) do update set sent = excluded.sent where link.record_id = excluded.record_id
  returning xmin::text as version`;

async function insertIntent(trx: Trx, scope: SenderScope, writes: readonly PlannedWrite[], sent: readonly string[]): Promise<number> {
  const items = json(writes.map((w) => ({ recordId: w.delivery.recordId, target: w.delivery.target, link: linkKey(w), ...(linkKey(w) === w.externalId ? {} : { named: w.externalId }), wanted: w.delivery.wanted })));
  const hash = createHash('sha256').update(items).update(sent.join('\n')).digest();
  const row = await trx.insertInto('call_intent')
    .values({ account_id: scope.accountId, connector_id: scope.connectorId, epoch: scope.epoch, operation: `${deliverPrefix}${scope.dataType}`, body_hash: hash, items })
    .returning('id').executeTakeFirstOrThrow();
  return row.id;
}

/**
 * Closes intents without an outcome: those of earlier senders, or one call of this sender that failed. What became of them is not known:
 * the values stay in the links' memory, marked as over, and the deliveries are planned afresh. Returns how many.
 */
export async function closeIntents(db: Db, scope: SenderScope, which: { readonly id: number } | 'earlier', now: string): Promise<number> {
  return repeatOnConflict(() => inTransaction(db, async (trx) => {
    await fence(trx, scope);
    const all = trx.deleteFrom('call_intent').where('connector_id', '=', scope.connectorId);
    const rows = await (which === 'earlier' ? all.where('epoch', '<', scope.epoch) : all.where('id', '=', which.id)).returning(['operation', 'items']).execute();
    for (const operation of new Set(rows.map((row) => row.operation))) {
      const items = rows.flatMap((row) => (row.operation === operation ? row.items : []));
      await markUnknown(trx, { connectorId: scope.connectorId, dataType: operation.slice(deliverPrefix.length) }, items, now);
    }
    return rows.length;
  }));
}

/** What the calls of these items would have left is not known. */
async function markUnknown(trx: Trx, space: ThingSpace, items: readonly IntentItem[], now: string): Promise<void> {
  const links = await lockLinks(trx, space.connectorId, space.dataType, linksOf(items));
  const memories = [...links.values()].map((link) => ({ id: link.externalId, memory: recordUnknownOutcome(link.memory, now) }));
  await storeMemories(trx, space, memories);
}

/** The links that are kept in mind for these items, under the ids that they may have by now, in key order. */
function linksOf(items: readonly IntentItem[]): readonly string[] {
  return [...new Set(items.flatMap((item) => (item.named === undefined ? [item.link] : [item.link, item.named])))].sort();
}

async function storeMemories(trx: Trx, space: ThingSpace, memories: readonly { readonly id: string; readonly memory: LinkMemory }[]): Promise<void> {
  await sql`
    update link l set sent = x.sent, outcome_at = x.outcome_at
    from ${keyed(space, sql`unnest(${arrays.text(memories.map((m) => m.id))}, ${arrays.json(memories.map((m) => m.memory.sent))}, ${arrays.timestamptz(memories.map((m) => m.memory.outcomeAt))}) as x(external_id, sent, outcome_at)`)}
    where l.external_id = x.external_id and l.connector_id = x.connector_id and l.data_type = x.data_type`.execute(trx);
}

/**
 * Takes back an intent whose call was never made: the values that were to be sent leave the memory of the links, and links that were made
 * for it go, unless something is known of them by now, or a delivery is addressed to them: such as to the one that a thing was merged into.
 */
export async function discardIntent(db: Db, scope: SenderScope, id: number): Promise<void> {
  await repeatOnConflict(() => inTransaction(db, async (trx) => {
    await fence(trx, scope);
    const row = await trx.deleteFrom('call_intent').where('connector_id', '=', scope.connectorId).where('id', '=', id).returning('items').executeTakeFirst();
    if (row === undefined) return;
    const links = await lockLinks(trx, scope.connectorId, scope.dataType, linksOf(row.items));
    await storeMemories(trx, scope, [...links.values()].map((link) => ({ id: link.externalId, memory: recordNotSent(link.memory) })));
    await trx.deleteFrom('link').where('connector_id', '=', scope.connectorId).where('data_type', '=', scope.dataType).where('external_id', '=', sql<string>`any(${arrays.text([...links.keys()])})`)
      .where(sql<boolean>`held::text = '{}' and sent::text = '{}' and coalesce(read_at, outcome_at, gone_at, anonymised_at) is null and not exists (
        select 1 from delivery d where d.record_id = link.record_id and d.connector_id = link.connector_id and d.data_type = link.data_type and d.target = link.external_id)`).execute();
  }));
}
