import type { ClaimedDelivery } from '../db/repositories/deliver/claim.ts';
import type { Settlement } from '../db/repositories/deliver/settle.ts';
import { findSharedEmails, sharedEmailCode, sharedEmailReason } from '../db/repositories/deliver/shared-email.ts';
import type { planFor } from './apply-context.ts';
import type { DeliveryRun } from './delivery-run.ts';

type Plan = ReturnType<typeof planFor>;

/** Addresses of these deliveries that several of the hub's contacts have: a platform that finds contacts by their address would make them one. */
export async function sharedEmailsOf(run: DeliveryRun, claimed: readonly ClaimedDelivery[]): Promise<ReadonlySet<string>> {
  if (!run.connector.platform.description.createsContacts) return new Set();
  const emails = claimed.flatMap(({ record }) => (typeof record.canonical['email'] === 'string' ? [record.canonical['email']] : []));
  return findSharedEmails(run.deps.db, run.scope.accountId, emails);
}

/** Another contact of the hub has the address that this one would get. One that has it at the platform already keeps it. */
export function isAddressTaken({ record, link }: ClaimedDelivery, shared: ReadonlySet<string>, addressKey = 'email'): boolean {
  const { email } = record.canonical;
  if (typeof email !== 'string' || !shared.has(email)) return false;
  const held = link?.memory.held[addressKey];
  return typeof held !== 'string' || held.trim().toLowerCase() !== email;
}

/** Nobody is created under an address that is not only theirs; who is there gets everything but the address. */
export function withoutAddress(plan: Plan, isNew: boolean, addressKey = 'email'): Plan {
  if (plan.kind !== 'send') return plan;
  const { [addressKey]: _address, ...changes } = plan.changes;
  return isNew || Object.keys(changes).length === 0 ? { kind: 'nothing', reason: 'the address waits' } : { ...plan, changes };
}

/** The delivery waits until the other contact gives the address up, or the two become one. */
export function parkForAddress(run: DeliveryRun, { recordId, target, wanted }: ClaimedDelivery): Settlement {
  return { recordId, target, wanted, state: 'parked', code: sharedEmailCode, reason: sharedEmailReason(run.connector.platform.description.title) };
}
