import type { Fields } from '../model/fields.ts';

/** Whether an order, as it arrives, counts as a purchase of its customer: one that is cancelled already does not. Pure. */
export const countsAsPurchase = (order: Fields): boolean => order['status'] !== 'cancelled' && typeof order['placedAt'] === 'string';

/** Whether the shop says that an order is the first of its customer there: `extra.firstOrder` is true. Pure. */
export const saysFirst = (order: Fields): boolean => order['extra.firstOrder'] === true;
