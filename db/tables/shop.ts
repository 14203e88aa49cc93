import type { Time } from './columns.ts';

/** An order that counts for the purchase dates of its customer. */
export interface PurchaseTable {
  account_id: string;
  /** The order. */
  record_id: number;
  connector_id: string;
  placed_at: Time;
  /** The shop says that it is the customer's first order there. */
  says_first: boolean;
}
