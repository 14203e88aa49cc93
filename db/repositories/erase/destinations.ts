import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { ErasureStep } from '../../tables/erasure.ts';
import type { Trx } from '../../database.ts';
import type { ErasureScope } from './erase-record.ts';
import type { Person, PersonThing } from './person.ts';

/** What an anonymise action needs and nobody may read: sealed in its payload until it is done. */
export interface SealedThing {
  readonly externalId: string;
  readonly address: string | null;
  readonly newId: string;
}

/** What sealed ids of an erasure are bound to. */
export const erasureContext = (receiptId: number): string => `erasure/${receiptId}`;

/** The id that a thing without one gets, so that it can be named: always the same one. */
export function idForNaming(externalId: string): string {
  return `hub-${createHash('sha256').update(externalId).digest('hex').slice(0, 16)}`;
}

/** Calls that may still be on their way to a thing are over after this time. */
const callMs = 10_000;

/**
 * Raises one action for each thing at a destination that can anonymise. Where a call to the thing is under way, it goes out when that one is certainly over.
 * The caller holds the locks of the links.
 */
export async function raiseAnonymisation(trx: Trx, scope: ErasureScope, receiptId: number, recordId: number, { things }: Person): Promise<readonly (ErasureStep & { readonly cause: string })[]> {
  const steps: (ErasureStep & { readonly cause: string })[] = [];
  for (const thing of things) {
    if (!isDoneByHub(scope, thing)) continue;
    const cause = `erase/${receiptId}/${steps.length + 1}`;
    const { connectorId, externalId, address } = thing;
    const sealed: SealedThing = { externalId, address, newId: idForNaming(externalId) };
    const payload = { sealed: scope.seal(JSON.stringify(sealed), erasureContext(receiptId)), receiptId };
    await sql`
      insert into action (account_id, connector_id, kind, target, cause, payload, not_before)
      values (${scope.accountId}, ${connectorId}, 'contact.anonymise', ${String(recordId)}, ${cause}, ${JSON.stringify(payload)},
        (select clock_timestamp() + ${callMs} * interval '1 millisecond' from call_intent i where i.connector_id = ${connectorId}
          and exists (select 1 from json_array_elements(i.items) item where item->>'link' = ${externalId} or item->>'named' = ${externalId}) limit 1))`.execute(trx);
    steps.push({ connectorId, kind: 'anonymise', cause, things: 1 });
  }
  return steps;
}

function isDoneByHub({ destinations }: ErasureScope, { connectorId, isThere, isLinked }: PersonThing): boolean {
  return isThere && isLinked && destinations.get(connectorId)?.kinds.has('contact.anonymise') === true;
}

/** What is left to be done where the hub has no way to. */
export function stepsByHand(scope: ErasureScope, receiptId: number, { things }: Person): readonly ErasureStep[] {
  const left = new Map<string, string[]>();
  for (const thing of things) {
    if (thing.isThere && !isDoneByHub(scope, thing)) left.set(thing.connectorId, [...(left.get(thing.connectorId) ?? []), thing.externalId]);
  }
  return [...left].map(([connectorId, ids]) => ({
    connectorId, kind: 'by-hand', things: ids.length, sealed: scope.seal(JSON.stringify(ids), erasureContext(receiptId)),
    note: `The hub has no way to erase in ${scope.destinations.get(connectorId)?.title ?? 'this system'}: delete or anonymise it there by hand. What it sends of this person is not taken in again.`,
  }));
}
