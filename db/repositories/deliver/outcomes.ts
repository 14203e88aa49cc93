import { sql } from 'kysely';
import { recordOutcome, recordUnknownOutcome } from '../../../domain/consent/link-memory.ts';
import { emptyMemory } from '../../../domain/model/link-memory.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Db, Trx } from '../../database.ts';
import { renameThings } from '../apply/adopt-links.ts';
import { lockLinks } from '../apply/load.ts';
import { keyed } from '../by-key.ts';
import { heldAddress } from '../held-address.ts';
import { allInOrder } from '../in-order.ts';
import { repeatOnConflict } from '../repeat-on-conflict.ts';
import { hasMoreUrgent } from './claim.ts';
import { insertIntent, lockUnmerged, storeSent } from './intent.ts';
import { releaseSharedEmails } from './shared-email.ts';
import { fence, linkKey, type PlannedWrite, type SenderScope } from './sender.ts';
import { heldBackFacts, settle, type Settlement } from './settle.ts';
import { unlicensedCode } from './unlicensed.ts';

/** The platform has the contact blocked: that is how it is to be, and nothing that somebody has to put right. */
const optedOutCode = 'RECORD_OPTED_OUT';

/** What became of one write. */
export interface WriteOutcome {
  readonly write: PlannedWrite;
  readonly outcome:
    | { readonly kind: 'stored' }
    | { readonly kind: 'refused'; readonly code: string; readonly reason: string;
      /** The platform's own id of another thing that has our id: the delivery waits for an operator. */ readonly switchedTo?: string }
    | { readonly kind: 'moved'; readonly mergedInto: string };
}

/** The batch that is to be sent next. */
export interface Following {
  readonly writes: readonly PlannedWrite[];
  /** Its intent is stored already. */
  readonly isStored: boolean;
}

/** How it goes on after an outcome. */
export interface StoredOutcomes {
  /** The following batch is to be sent: there is one, and nothing more urgent waits. */
  readonly goesOn: boolean;
  /** Its intent, stored with the outcome; null when its plan is to be made again, see storeIntent. Undefined when it was not to be stored. */
  readonly intent: number | null | undefined;
}

/**
 * Stores the outcomes and removes the intent in one transaction, fenced by the epoch. Deliveries first, then links, in key order.
 * The order of locks is that of design §4: the records of the next batch, then the deliveries and the links of both. Statements that do not need one another's
 * results are sent behind each other without waiting.
 * A delivery that was raised again meanwhile stays pending. With `following`, unless something more urgent waits, the intent of that batch is
 * stored in the same transaction if it is not yet: one commit a call in place of two.
 */
export async function storeOutcomes(
  db: Db, scope: SenderScope, intentId: number, called: readonly WriteOutcome[], following: Following | undefined, now: string,
): Promise<StoredOutcomes> {
  const next = following?.isStored === false ? following.writes : undefined;
  return repeatOnConflict(() => db.transaction().execute(async (trx) => {
    const [, isOvertaken, isUnmerged] = await allInOrder([fence(trx, scope), overtakes(trx, scope, following), lockUnmerged(trx, next ?? [])]);
    const goesOn = following !== undefined && !isOvertaken;
    const outcomes = await atPresentIds(trx, scope, called);
    const [, , , isStored] = await allInOrder([
      settle(trx, scope, outcomes.map(settlementOf)),
      storeHeld(trx, scope, outcomes, now),
      trx.deleteFrom('call_intent').where('id', '=', intentId).execute(),
      goesOn && next !== undefined && isUnmerged ? storeSent(trx, scope, next, now) : Promise.resolve(false),
    ]);
    await retarget(trx, scope, outcomes);
    await releaseSharedEmails(trx, scope.accountId, givenUp(scope, outcomes));
    if (!goesOn || next === undefined) return { goesOn, intent: undefined };
    return { goesOn, intent: isStored ? await insertIntent(trx, scope, next) : null };
  }));
}

/** Something more urgent than the next batch waits. */
async function overtakes(trx: Trx, { connectorId }: SenderScope, following: Following | undefined): Promise<boolean> {
  return following !== undefined && hasMoreUrgent(trx, connectorId, following.writes[0]?.delivery.lane ?? 0);
}

/** Addresses that things had before these calls and have no more. */
function givenUp({ addressKey }: SenderScope, outcomes: readonly WriteOutcome[]): string[] {
  if (addressKey === undefined) return [];
  return outcomes.flatMap(({ write, outcome }) => {
    const address = heldAddress(write.delivery.link?.memory.held ?? {}, addressKey);
    return outcome.kind === 'stored' && address !== null && addressKey in write.changes && heldAddress(write.changes, addressKey) !== address ? [address] : [];
  });
}

function stateOfRefusal({ code, switchedTo }: Extract<WriteOutcome['outcome'], { readonly kind: 'refused' }>): Settlement['state'] {
  if (switchedTo !== undefined || code === unlicensedCode) return 'parked';
  return code === optedOutCode ? 'excluded' : 'failed';
}

function settlementOf({ write, outcome }: WriteOutcome): Settlement {
  const { recordId, target, wanted } = write.delivery;
  if (outcome.kind === 'refused') return { recordId, target, wanted, state: stateOfRefusal(outcome), code: outcome.code, reason: outcome.reason };
  const isMade = outcome.kind === 'stored' && target === '';
  return {
    recordId, target, wanted: wanted - (write.again && outcome.kind === 'stored' ? 1 : 0), state: 'delivered', code: null, reason: null, ...heldBackFacts(write.heldBack), ...(isMade ? { newTarget: write.externalId } : {}),
  };
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
    update link l set address = case when x.is_stored then x.address else l.address end, held = x.held, sent = x.sent, outcome_at = x.outcome_at
    from ${keyed(scope, sql`unnest(${arrays.text(sorted.map((o) => linkKey(o.write)))}, ${arrays.bool(sorted.map((o) => o.outcome.kind === 'stored'))},
      ${arrays.text(memories.map((m) => heldAddress(m.held, scope.addressKey)))}, ${arrays.json(memories.map((m) => m.held))}, ${arrays.json(memories.map((m) => m.sent))},
      ${arrays.timestamptz(memories.map((m) => m.outcomeAt))}) as x(external_id, is_stored, address, held, sent, outcome_at)`)}
    where l.external_id = x.external_id and l.connector_id = x.connector_id and l.data_type = x.data_type`.execute(trx);
  await markSwitched(trx, scope, sorted);
  const named = sorted.filter((o) => o.outcome.kind === 'stored' && linkKey(o.write) !== o.write.externalId);
  await renameThings(trx, scope.connectorId, scope.dataType, named.map(({ write }) => ({ from: linkKey(write), to: write.externalId })));
  const refusedNew = sorted.filter((o) => o.outcome.kind === 'refused' && o.write.isNew).map((o) => linkKey(o.write));
  if (refusedNew.length > 0) {
    await trx.deleteFrom('link').where('connector_id', '=', scope.connectorId).where('data_type', '=', scope.dataType)
      .where('external_id', 'in', refusedNew).where(neverSeen).execute();
  }
}

async function markSwitched(trx: Trx, { connectorId, dataType }: SenderScope, outcomes: readonly WriteOutcome[]): Promise<void> {
  for (const { write, outcome } of outcomes) {
    if (outcome.kind !== 'refused' || outcome.switchedTo === undefined) continue;
    await trx.updateTable('link').set({ switched_to: outcome.switchedTo })
      .where('connector_id', '=', connectorId).where('data_type', '=', dataType).where('external_id', '=', linkKey(write)).execute();
  }
}

/** A link that was made with an intent and of which nothing is confirmed. */
const neverSeen = sql<boolean>`read_at is null and held::text = '{}'`;

/** A delivery that failed to create what another has made is over; a moved thing gets a delivery at its new id. */
async function retarget(trx: Trx, scope: SenderScope, outcomes: readonly WriteOutcome[]): Promise<void> {
  const made = outcomes.filter((o) => o.outcome.kind === 'stored' && o.write.isNew && o.write.delivery.target !== '').map((o) => o.write.delivery.recordId);
  if (made.length > 0) {
    await sql`
      update delivery set state = 'delivered', code = null, reason = null
      where record_id = any(${made}::bigint[]) and connector_id = ${scope.connectorId} and data_type = ${scope.dataType} and target = '' and (state = 'failed' or code = ${optedOutCode})`.execute(trx);
  }
  for (const { write, outcome } of outcomes) {
    if (outcome.kind === 'moved') await moveTarget(trx, scope, write, outcome.mergedInto);
  }
}

async function moveTarget(trx: Trx, scope: SenderScope, write: PlannedWrite, mergedInto: string): Promise<void> {
  await sql`update link set gone_at = clock_timestamp() where connector_id = ${scope.connectorId} and data_type = ${scope.dataType} and external_id = ${write.externalId}`.execute(trx);
  await sql`
    insert into link (account_id, connector_id, data_type, external_id, record_id, held)
    select ${scope.accountId}, ${scope.connectorId}, ${scope.dataType}, ${mergedInto}, r.id, '{}' from record r where r.id = ${write.delivery.recordId} and r.erased_at is null
    on conflict (connector_id, data_type, external_id) do nothing`.execute(trx);
  await sql`
    insert into delivery (account_id, connector_id, data_type, record_id, target, lane)
    select ${scope.accountId}, ${scope.connectorId}, ${scope.dataType}, r.id, ${mergedInto}, ${write.delivery.lane} from record r where r.id = ${write.delivery.recordId} and r.erased_at is null
    on conflict (connector_id, data_type, record_id, target) do update set wanted = delivery.wanted + 1, state = 'pending', reason = null, code = null`.execute(trx);
}
