import { sql } from 'kysely';
import type { ShopOrders } from '../../../domain/purchases/purchase-dates.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Db } from '../../database.ts';
import { byAddress } from '../references/named-things.ts';

interface FactRow {
  readonly recordId: number;
  readonly connectorId: string;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly isComplete: boolean;
}

/**
 * What the orders of each of these shops say of these contacts, by record id; only contacts with a purchase. A shop is complete for a
 * contact who was made there since the hub has all of its orders (its activation, or as far back as its orders were imported), or when it
 * calls one of the orders the first.
 */
export async function purchaseFacts(db: Db, shops: readonly string[], recordIds: readonly number[]): Promise<ReadonlyMap<number, readonly ShopOrders[]>> {
  const facts = new Map<number, ShopOrders[]>();
  if (shops.length === 0 || recordIds.length === 0) return facts;
  const ids = arrays.int8(recordIds);
  const { rows } = await sql<FactRow>`
    with shop as (
      select c.id, least(c.activated_at, (select min(b.from_at) from backfill_run b
        where b.connector_id = c.id and b.data_type = 'orders' and b.state = 'done' and b.to_at >= c.activated_at)) since
      from connector c where c.id = any(${arrays.text(shops)})),
    named as (
      select l.record_id, l.connector_id, l.external_id from link l join shop on shop.id = l.connector_id where l.record_id = any(${ids}) and l.data_type = 'contacts'
      union select s.record_id, s.connector_id, s.external_id from source_record s join shop on shop.id = s.connector_id where s.record_id = any(${ids}) and s.data_type = 'contacts'),
    bought as (
      select n.record_id, p.connector_id, p.placed_at, p.says_first from named n
      join reference r on r.external_id = n.external_id and r.data_type = 'contacts' and r.source = n.connector_id join purchase p on p.record_id = r.record_id
      union all
      select c.id, p.connector_id, p.placed_at, p.says_first from record c
      join reference r on r.external_id = c.email and r.data_type = 'contacts' and r.source = ${byAddress} and r.account_id = c.account_id join purchase p on p.record_id = r.record_id
      where c.id = any(${ids}) and not exists (select 1 from record o where o.account_id = c.account_id and o.email = c.email and o.id <> c.id and o.data_type = 'contacts' and o.merged_into is null and not o.deleted)),
    orders as (select record_id, connector_id, min(placed_at) first_at, max(placed_at) last_at, bool_or(says_first) says_first from bought group by 1, 2),
    known as (
      select s.record_id, s.connector_id, bool_and(coalesce(s.created_at >= shop.since, false)) is_new
      from source_record s join shop on shop.id = s.connector_id where s.record_id = any(${ids}) and s.data_type = 'contacts' group by 1, 2)
    select record_id "recordId", connector_id "connectorId", o.first_at "firstAt", o.last_at "lastAt", coalesce(k.is_new, false) or coalesce(o.says_first, false) "isComplete"
    from orders o full join known k using (record_id, connector_id)
    where record_id in (select record_id from orders)`.execute(db);
  for (const { recordId, connectorId, firstAt, lastAt, isComplete } of rows) {
    const shop = { connectorId, isComplete, ...(firstAt === null ? {} : { firstAt }), ...(lastAt === null ? {} : { lastAt }) };
    facts.set(recordId, [...(facts.get(recordId) ?? []), shop]);
  }
  return facts;
}

/** Whether the account has any purchase: spares the look where there are no shops. */
export async function hasPurchases(db: Db, accountId: string): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`select exists (select 1 from purchase where account_id = ${accountId}) has`.execute(db);
  return rows[0]?.has ?? false;
}
