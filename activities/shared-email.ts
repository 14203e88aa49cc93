import type { ClaimedDelivery } from '../db/repositories/deliver/claim.ts';
import { findAddressHolders, type AddressHolder, type WantedAddress } from '../db/repositories/deliver/left-over.ts';
import type { Settlement } from '../db/repositories/deliver/settle.ts';
import { findSharedEmails, heldEmailReason, sharedEmailCode, sharedEmailReason } from '../db/repositories/deliver/shared-email.ts';
import { heldAddress } from '../db/repositories/held-address.ts';
import { takeOverLeftOvers } from '../db/repositories/merge/take-over.ts';
import { loadApplyContext, type planFor } from './apply-context.ts';
import type { DeliveryRun } from './delivery-run.ts';

type Plan = ReturnType<typeof planFor>;

/** Who else has the addresses of some deliveries, where the platform finds contacts by their address and would make them one. */
export interface OtherHolders {
  /** Addresses that several of the hub's contacts have. */
  readonly shared: ReadonlySet<string>;
  /** By record: contacts there that belong to another record and have the address which this one would get. */
  readonly there: ReadonlyMap<number, readonly AddressHolder[]>;
}

/** Looks for them. */
export async function otherHoldersOf({ connector, deps, scope }: DeliveryRun, claimed: readonly ClaimedDelivery[]): Promise<OtherHolders> {
  if (!connector.platform.description.createsContacts) return { shared: new Set(), there: new Map() };
  const emails = claimed.flatMap(({ record }) => (typeof record.canonical['email'] === 'string' ? [record.canonical['email']] : []));
  const { addressKey } = scope;
  const wanted = addressKey === undefined ? [] : claimed.flatMap((delivery) => wantedAddress(delivery, addressKey) ?? []);
  const [shared, holders] = await Promise.all([findSharedEmails(deps.db, scope.accountId, emails), findAddressHolders(deps.db, scope, wanted)]);
  const there = new Map<number, AddressHolder[]>();
  for (const one of holders) there.set(one.recordId, [...(there.get(one.recordId) ?? []), one]);
  return { shared, there };
}

/** The address that a delivery would bring to the platform. Of a contact that may be there already, nobody knows how, nothing is decided. */
function wantedAddress({ recordId, record, link }: ClaimedDelivery, addressKey: string): WantedAddress | undefined {
  const { email } = record.canonical;
  if (typeof email !== 'string' || (link !== null && (!link.isPrimary || !isKnownThere(link)))) return undefined;
  return holds(link, addressKey, email) ? undefined : { recordId, email };
}

type Link = NonNullable<ClaimedDelivery['link']>;

const isKnownThere = ({ memory }: Link): boolean => memory.readAt !== null || Object.keys(memory.held).length > 0;

const holds = (link: Link | null, addressKey: string, email: string): boolean => heldAddress(link?.memory.held ?? {}, addressKey) === email;

/** `shared`: another contact of the hub has the address too. `there`: another one still has it at the platform. `left-over`: a contact there has it that nobody else needs. */
export type Obstacle = 'none' | 'shared' | 'there' | 'left-over';

/** What stands in the way of the address that a delivery would bring. One that has the address at the platform already keeps it. */
export function obstacleTo({ recordId, record, link }: ClaimedDelivery, { shared, there }: OtherHolders, addressKey = 'email'): Obstacle {
  const { email } = record.canonical;
  if (typeof email !== 'string' || holds(link, addressKey, email)) return 'none';
  if (shared.has(email)) return 'shared';
  const holders = there.get(recordId) ?? [];
  if (holders.length === 0) return 'none';
  return holders.every(({ isLeftOver }) => isLeftOver) ? 'left-over' : 'there';
}

/** Nobody is created under an address that is not only theirs; who is there gets everything but the address. */
export function withoutAddress(plan: Plan, isNew: boolean, addressKey = 'email'): Plan {
  if (plan.kind !== 'send') return plan;
  const { [addressKey]: _address, ...changes } = plan.changes;
  return isNew || Object.keys(changes).length === 0 ? { kind: 'nothing', reason: 'the address waits' } : { ...plan, changes };
}

/** The delivery waits until the other contact gives the address up, or the two become one. */
export function parkForAddress(run: DeliveryRun, { recordId, target, wanted }: ClaimedDelivery, obstacle: 'shared' | 'there'): Settlement {
  const reasonFor = obstacle === 'shared' ? sharedEmailReason : heldEmailReason;
  return { recordId, target, wanted, state: 'parked', code: sharedEmailCode, reason: reasonFor(run.connector.platform.description.title) };
}

/** Records take over the left-over contacts that have their address. Their deliveries are to be planned afresh then. */
export async function takeOver(run: DeliveryRun, wanted: readonly WantedAddress[]): Promise<void> {
  const { deps, connector, scope } = run;
  const context = await loadApplyContext(deps, connector);
  const { taken, raisedFor } = await takeOverLeftOvers(deps.db, { ...context, now: new Date(deps.now()).toISOString(), sender: scope }, wanted);
  deps.log.debug({ connectorId: scope.connectorId, taken }, 'Left-over contacts went to who has their address');
  deps.onRaised?.(raisedFor);
}
