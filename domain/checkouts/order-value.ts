import type { CanonicalOrder } from '../model/order.ts';

/**
 * What is left of an order's amount after refunds, in cents, never below 0: `totalCents` without `extra.refundedCents`, where the source
 * says that; nothing of an order that it only calls refunded. Pure.
 */
export function orderValueCents({ totalCents, status, extra }: Pick<CanonicalOrder, 'totalCents' | 'status' | 'extra'>): number {
  const refunded = extra?.['refundedCents'];
  if (typeof refunded === 'number' && Number.isSafeInteger(refunded)) return Math.max(0, totalCents - Math.max(0, refunded));
  return status === 'refunded' ? 0 : Math.max(0, totalCents);
}
