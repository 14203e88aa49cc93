import { sql } from 'kysely';
import { recordOutcome, recordUnknownOutcome } from '../../../domain/consent/link-memory.ts';
import { emptyMemory, type LinkMemory } from '../../../domain/model/link-memory.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import { renameThings } from '../apply/adopt-links.ts';
import { lockChangedLinks, lockLinks } from '../apply/load.ts';
import { keyed } from '../by-key.ts';
import { heldAddress } from '../held-address.ts';
import { allInOrder } from '../in-order.ts';
import type { StoredIntent } from './intent.ts';
import type { WriteOutcome } from './outcomes.ts';
import { linkKey, type SenderScope } from './sender.ts';

/**
 * Stores in the memory of the links what a call left there, under their locks, which are taken in key order. A link that nobody changed since
 * the intent is not read again: what it holds now is known. Those that were changed are written once more.
 */
export async function storeHeld(trx: Trx, scope: SenderScope, intent: StoredIntent, outcomes: readonly WriteOutcome[], now: string): Promise<void> {
  const sorted = [...outcomes].sort((a, b) => (linkKey(a.write) < linkKey(b.write) ? -1 : 1));
  const keys = sorted.map((o) => linkKey(o.write));
  if (keys.every((key) => intent.memories.has(key))) {
    const [changed] = await allInOrder([lockChangedLinks(trx, scope, keys, intent.version), writeHeld(trx, scope, sorted, (key) => intent.memories.get(key), now)]);
    if (changed.size > 0) await writeHeld(trx, scope, sorted.filter((o) => changed.has(linkKey(o.write))), (key) => changed.get(key)?.memory, now);
  } else {
    const links = await lockLinks(trx, scope.connectorId, scope.dataType, keys);
    await writeHeld(trx, scope, sorted, (key) => links.get(key)?.memory, now);
  }
  await markSwitched(trx, scope, sorted);
  await nameAndForget(trx, scope, sorted);
}

/** Writes the memories as the outcomes leave them. */
async function writeHeld(
  trx: Trx, scope: SenderScope, outcomes: readonly WriteOutcome[], memoryOf: (key: string) => LinkMemory | undefined, now: string,
): Promise<void> {
  const memories = outcomes.map(({ write, outcome }) => {
    const memory = memoryOf(linkKey(write)) ?? emptyMemory;
    return outcome.kind === 'stored' ? recordOutcome(memory, write.changes, now) : recordUnknownOutcome(memory, now);
  });
  await sql`
    update link l set address = case when x.is_stored then x.address else l.address end, held = x.held, sent = x.sent, outcome_at = x.outcome_at
    from ${keyed(scope, sql`unnest(${arrays.text(outcomes.map((o) => linkKey(o.write)))}, ${arrays.bool(outcomes.map((o) => o.outcome.kind === 'stored'))},
      ${arrays.text(memories.map((m) => heldAddress(m.held, scope.addressKey)))}, ${arrays.json(memories.map((m) => m.held))}, ${arrays.json(memories.map((m) => m.sent))},
      ${arrays.timestamptz(memories.map((m) => m.outcomeAt))}) as x(external_id, is_stored, address, held, sent, outcome_at)`)}
    where l.external_id = x.external_id and l.connector_id = x.connector_id and l.data_type = x.data_type`.execute(trx);
}

async function markSwitched(trx: Trx, { connectorId, dataType }: SenderScope, outcomes: readonly WriteOutcome[]): Promise<void> {
  for (const { write, outcome } of outcomes) {
    if (outcome.kind !== 'refused' || outcome.switchedTo === undefined) continue;
    await trx.updateTable('link').set({ switched_to: outcome.switchedTo })
      .where('connector_id', '=', connectorId).where('data_type', '=', dataType).where('external_id', '=', linkKey(write)).execute();
  }
}

/** Things that got another id go by it; links of things that were refused before anything was known of them go. */
async function nameAndForget(trx: Trx, { connectorId, dataType }: SenderScope, outcomes: readonly WriteOutcome[]): Promise<void> {
  const named = outcomes.filter((o) => o.outcome.kind === 'stored' && linkKey(o.write) !== o.write.externalId);
  await renameThings(trx, connectorId, dataType, named.map(({ write }) => ({ from: linkKey(write), to: write.externalId })));
  const refusedNew = outcomes.filter((o) => o.outcome.kind === 'refused' && o.write.isNew).map((o) => linkKey(o.write));
  if (refusedNew.length === 0) return;
  await trx.deleteFrom('link').where('connector_id', '=', connectorId).where('data_type', '=', dataType).where('external_id', 'in', refusedNew).where(neverSeen).execute();
}

/** A link that was made with an intent and of which nothing is confirmed. */
const neverSeen = sql<boolean>`read_at is null and held::text = '{}'`;
