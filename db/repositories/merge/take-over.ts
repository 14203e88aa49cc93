import { sql } from 'kysely';
import type { MergedRecord } from '../../../domain/model/record.ts';
import { arrays } from '../../binary-arrays.ts';
import { inAccount, type Db, type Trx } from '../../database.ts';
import { lockAllOf, lockRecords } from '../apply/load.ts';
import { findAddressHolders, type AddressHolder, type WantedAddress } from '../deliver/left-over.ts';
import { fence, type SenderScope } from '../deliver/sender.ts';
import { findSharedEmails } from '../deliver/shared-email.ts';
import { keyed } from '../by-key.ts';
import { repeatOnConflict, StaleLook } from '../repeat-on-conflict.ts';
import { settleMoved, type MovedScope } from './after-move.ts';
import { moveThings } from './rematch-store.ts';

/** Who takes over, as the sender of the connector. */
export interface TakeOverScope extends Omit<MovedScope, 'cause'> {
  readonly sender: SenderScope;
}

/** What taking over did. */
export interface TakeOverReport {
  readonly taken: number;
  /** Export connectors with newly raised deliveries: to be woken. */
  readonly raisedFor: readonly string[];
}

/**
 * Gives things that are left over from a merge at a platform to the records that have their address now, in one transaction under the locks of
 * both. What the thing said goes along, and with it the consent as when prospects come apart (design §9): withdrawals hold for both, grants go with their own
 * side. Meant for the sender between two calls: none may be under way. What does not hold any more under the locks is left as it is. Idempotent.
 */
export async function takeOverLeftOvers(db: Db, scope: TakeOverScope, wanted: readonly WantedAddress[]): Promise<TakeOverReport> {
  return repeatOnConflict(() => inAccount(db, scope.accountId, async (trx) => {
    await fence(trx, scope.sender);
    const first = await findFree(trx, scope, wanted);
    if (first.length === 0) return { taken: 0, raisedFor: [] };
    const records = await lockAll(trx, first);
    const leftOvers = await stillWanted(trx, scope, first, records);
    const { connectorId } = scope.sender;
    const moves = leftOvers.map(({ externalId, from, recordId }) => ({ connectorId, externalId, from, to: recordId }));
    await moveThings(trx, moves);
    await nameTargets(trx, scope.sender, leftOvers);
    const { raisedFor } = await settleMoved(trx, { ...scope, cause: { kind: 'left-over', connector: connectorId } }, records, moves);
    return { taken: moves.length, raisedFor };
  }));
}

async function findFree(trx: Trx, { sender }: TakeOverScope, wanted: readonly WantedAddress[]): Promise<AddressHolder[]> {
  return (await findAddressHolders(trx, sender, wanted)).filter(({ isLeftOver }) => isLeftOver);
}

/** Records, source records, deliveries, links: the order of locks of design §4. No key changes hands. */
async function lockAll(trx: Trx, leftOvers: readonly AddressHolder[]): Promise<Map<number, MergedRecord>> {
  const ids = [...new Set(leftOvers.flatMap(({ recordId, from }) => [recordId, from]))].sort((a, b) => a - b);
  const records = await lockRecords(trx, ids);
  if (records.size !== ids.length) throw new StaleLook('a record was merged meanwhile');
  await lockAllOf(trx, ids);
  return records;
}

/** What was found before the locks and holds under them. Throws StaleLook when a thing moved to a record that is not locked. */
async function stillWanted(trx: Trx, scope: TakeOverScope, first: readonly AddressHolder[], records: ReadonlyMap<number, MergedRecord>): Promise<AddressHolder[]> {
  const now = await findFree(trx, scope, first);
  if (now.some(({ from }) => !records.has(from))) throw new StaleLook('a link moved meanwhile');
  const shared = await findSharedEmails(trx, scope.accountId, now.map(({ email }) => email));
  return now.filter(({ recordId, email }) => records.get(recordId)?.canonical['email'] === email && records.get(recordId)?.deleted === false && !shared.has(email));
}

/** A delivery that was to make what is there now goes to that, in its turn. */
async function nameTargets(trx: Trx, sender: SenderScope, leftOvers: readonly AddressHolder[]): Promise<void> {
  const firsts = new Map([...leftOvers].reverse().map(({ recordId, externalId }) => [recordId, externalId]));
  await sql`
    update delivery d set target = x.external_id from ${keyed(sender, sql`unnest(${arrays.int8([...firsts.keys()])}, ${arrays.text([...firsts.values()])}) as x(record_id, external_id)`)}
    where d.record_id = x.record_id and d.connector_id = x.connector_id and d.data_type = x.data_type and d.target = ''
      and not exists (select 1 from delivery o where o.record_id = x.record_id and o.connector_id = x.connector_id and o.data_type = x.data_type and o.target = x.external_id)`.execute(trx);
}
