import { sql } from 'kysely';
import type { Db, Trx } from '../../database.ts';
import { inTransaction } from '../../transaction.ts';
import { heldAddress } from '../held-address.ts';
import { allInOrder } from '../in-order.ts';
import { repeatOnConflict } from '../repeat-on-conflict.ts';
import { hasMoreUrgent } from './claim.ts';
import { storeHeld } from './held.ts';
import { lockForIntent, lockPlanned, writeIntent, type StoredIntent } from './intent.ts';
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
  readonly intent: StoredIntent | null | undefined;
}

/**
 * Stores the outcomes and removes the intent in one transaction, fenced by the epoch. Deliveries first, then links, in key order.
 * The order of locks is that of design §4: the records of the next batch, then the deliveries and the links of both. Statements that do not need one another's
 * results are sent behind each other without waiting.
 * A delivery that was raised again meanwhile stays pending. With `following`, unless something more urgent waits, the intent of that batch is
 * stored in the same transaction if it is not yet: one commit a call in place of two.
 */
export async function storeOutcomes(
  db: Db, scope: SenderScope, intent: StoredIntent, called: readonly WriteOutcome[], following: Following | undefined, now: string,
): Promise<StoredOutcomes> {
  const next = following?.isStored === false ? following.writes : undefined;
  return repeatOnConflict(() => inTransaction(db, async (trx) => {
    const outcomes = await atPresentIds(trx, scope, called);
    const fenced = fence(trx, scope);
    const overtaken = overtakes(trx, scope, following);
    const holding = lockPlanned(trx, next ?? []);
    const [, isOvertaken, , , , , nextIntent] = await allInOrder([
      fenced, overtaken, holding,
      settle(trx, scope, outcomes.map(settlementOf)),
      storeHeld(trx, scope, intent, outcomes, now),
      trx.deleteFrom('call_intent').where('id', '=', intent.id).execute(),
      intentOf(trx, scope, next, { overtaken, holding, now }),
    ]);
    await retarget(trx, scope, outcomes);
    await releaseSharedEmails(trx, scope.accountId, givenUp(scope, outcomes));
    return { goesOn: following !== undefined && !isOvertaken, intent: nextIntent };
  }));
}

/** The intent of the next batch, with the outcome of the one before. */
async function intentOf(
  trx: Trx, scope: SenderScope, writes: readonly PlannedWrite[] | undefined, { overtaken, holding, now }: { readonly overtaken: Promise<boolean>; readonly holding: Promise<boolean>; readonly now: string },
): Promise<StoredIntent | null | undefined> {
  if (writes === undefined || (await overtaken)) return undefined;
  const links = (await holding) ? await lockForIntent(trx, scope, writes) : null;
  return links === null ? null : writeIntent(trx, scope, writes, links, now);
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
