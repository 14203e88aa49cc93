import type { ClaimedDelivery } from '../db/repositories/deliver/claim.ts';
import { settle } from '../db/repositories/deliver/settle.ts';
import { releaseUnlicensed, unlicensedCode, unlicensedReason } from '../db/repositories/deliver/unlicensed.ts';
import type { DeliveryRun } from './delivery-run.ts';
import type { OrchestrationDependencies } from './orchestration.ts';

const today = ({ deps }: Pick<DeliveryRun, 'deps'>): string => new Date(deps.now()).toISOString();

/** Whether the platform said today that its licence does not have the run's data type. Contacts are in every licence. */
export async function isUnlicensed(run: DeliveryRun): Promise<boolean> {
  const { dataType, connectorId } = run.scope;
  return dataType !== 'contacts' && (run.unlicensed.has(dataType) || (await unlicensedReason(run.deps.db, connectorId, dataType, today(run))) !== undefined);
}

/** What is due waits with those that the platform refused for its licence, without a call. */
export async function parkUnlicensed(run: DeliveryRun, claimed: readonly ClaimedDelivery[]): Promise<void> {
  const { dataType, connectorId } = run.scope;
  const reason = run.unlicensed.get(dataType) ?? (await unlicensedReason(run.deps.db, connectorId, dataType, today(run)));
  await settle(run.deps.db, run.scope, claimed.map(({ recordId, target, wanted }) => ({ recordId, target, wanted, state: 'parked', code: unlicensedCode, reason: reason ?? null })));
  run.tally.settled += claimed.length;
}

/** What waits for a licence goes on when the platform has taken one since, and asks again once a day. Returns how many connectors have work. */
export async function sweepUnlicensed(deps: OrchestrationDependencies): Promise<number> {
  const connectors = await releaseUnlicensed(deps.db, new Date(deps.now()).toISOString());
  for (const id of connectors) deps.waker.wake('deliver', id);
  return connectors.length;
}
