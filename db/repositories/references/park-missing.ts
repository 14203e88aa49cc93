import { inAccount, type Db } from '../../database.ts';
import type { SenderScope } from '../deliver/sender.ts';
import { repeatOnConflict } from '../repeat-on-conflict.ts';
import { settle, type Settlement } from '../deliver/settle.ts';
import { namedStates } from './claimed-things.ts';
import { byAddress, lockNamedThings } from './named-things.ts';

/**
 * Parks deliveries of records that name a thing which nobody has brought yet. Those of which it came while this looked are left pending: they are planned
 * again. Returns how many were parked.
 */
export async function parkMissing(db: Db, scope: SenderScope, settlements: readonly Settlement[]): Promise<number> {
  if (settlements.length === 0) return 0;
  return repeatOnConflict(() => inAccount(db, scope.accountId, async (trx) => {
    await lockNamedThings(trx, scope.accountId, 'alone');
    const states = await namedStates(trx, scope.connectorId, settlements.map(({ recordId }) => recordId));
    const missing = new Set(states.filter(({ thingId, source }) => thingId === null && source !== byAddress).map(({ recordId }) => recordId));
    const parked = settlements.filter(({ recordId }) => missing.has(recordId));
    await settle(trx, scope, parked);
    return parked.length;
  }));
}
