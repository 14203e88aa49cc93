import type { Instant } from '../model/fields.ts';

/** What the orders of one shop say of a customer. Only orders that count: placed, and not cancelled when they arrived. */
export interface ShopOrders {
  readonly connectorId: string;
  /** The earliest and the latest that the hub has; absent when it has none. */
  readonly firstAt?: Instant;
  readonly lastAt?: Instant;
  /** The shop is known to have no earlier order of the customer: they are new there since the hub has all orders, or an order says so. */
  readonly isComplete: boolean;
}

/** A date that the hub has of a contact, and the connector that gave it. */
export interface OwnDate {
  readonly at: Instant;
  readonly connectorId: string;
}

/** All that the purchase dates of one contact at one destination depend on. */
export interface PurchaseFacts {
  readonly first?: OwnDate;
  readonly last?: OwnDate;
  /** What the destination holds; absent for nothing. */
  readonly heldFirst?: Instant;
  readonly heldLast?: Instant;
  /** Connectors of the destination's own kind: what they gave is what the destination holds, no word of a shop. */
  readonly destinations: ReadonlySet<string>;
  /** Each shop that knows the customer, also without orders. */
  readonly shops: readonly ShopOrders[];
}

/** The dates to have at the destination; absent where it is left as it is there. */
export interface PurchaseDates {
  readonly first?: Instant;
  readonly last?: Instant;
}

/**
 * The first and the last purchase of a contact, for a marketing destination. Pure; orders in any order give the same.
 *
 * - A shop's own date counts before its orders. Orders of other shops still move the last one forward.
 * - First: the shop's own; else what is held stays; else the earliest order, and only where every shop that knows the customer is known to
 *   have no earlier one: an old customer must not get last week's date.
 * - Last: the latest of the shop's own date, or else of what is held, and of the orders of the other shops. Orders never put it back.
 */
export function purchaseDates(facts: PurchaseFacts): PurchaseDates {
  const first = firstOf(facts);
  const last = lastOf(facts);
  return { ...(first === undefined ? {} : { first }), ...(last === undefined ? {} : { last }) };
}

/** The date, if a shop gave it. */
function byShop(date: OwnDate | undefined, { destinations }: PurchaseFacts): OwnDate | undefined {
  return date === undefined || destinations.has(date.connectorId) ? undefined : date;
}

function firstOf(facts: PurchaseFacts): Instant | undefined {
  const { first, heldFirst, shops } = facts;
  const own = byShop(first, facts);
  if (own !== undefined) return own.at;
  if (first !== undefined || heldFirst !== undefined) return heldFirst ?? first?.at;
  if (!shops.every(({ isComplete }) => isComplete)) return undefined;
  return shops.flatMap(({ firstAt }) => firstAt ?? []).toSorted()[0];
}

function lastOf(facts: PurchaseFacts): Instant | undefined {
  const { last, heldLast, shops } = facts;
  const own = byShop(last, facts);
  const ordered = shops.filter(({ connectorId }) => connectorId !== own?.connectorId).flatMap(({ lastAt }) => lastAt ?? []);
  const base = own === undefined ? [heldLast ?? last?.at] : [own.at];
  return [...base, ...ordered].filter((at) => at !== undefined).toSorted().at(-1);
}
