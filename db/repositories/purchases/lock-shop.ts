import { sql } from 'kysely';
import type { Trx } from '../../database.ts';
import type { ApplyInput } from '../apply/types.ts';

/**
 * Pages of orders run alone, beside no page of contacts and checkouts: each of them looks for what the other has brought, and two that do not see
 * one another would both find nothing. Where nobody follows purchases and carts nothing is locked. Until the end of the transaction; to be
 * taken before any row.
 */
export async function lockShop(trx: Trx, { accountId, dataType, purchaseExports = [], cartExports = [] }: ApplyInput): Promise<void> {
  const isConcerned = dataType === 'orders' || dataType === 'contacts' || dataType === 'checkouts';
  if (!isConcerned || purchaseExports.length + cartExports.length === 0) return;
  const key = sql`hashtextextended(${`shop/${accountId}`}, 0)`;
  await (dataType === 'orders' ? sql`select pg_advisory_xact_lock(${key})` : sql`select pg_advisory_xact_lock_shared(${key})`).execute(trx);
}
