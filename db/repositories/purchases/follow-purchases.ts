import { sql } from 'kysely';
import { countsAsPurchase, saysFirst } from '../../../domain/purchases/counts.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import type { ApplyInput, WorkingSource } from '../apply/types.ts';
import { linksAt, raiseDeliveries } from '../apply/raise.ts';
import { keyedIds } from '../by-key.ts';
import { byAddress } from '../references/named-things.ts';

/**
 * What a page means for the purchase dates of contacts: keeps which orders count, and has the contacts concerned planned anew at the marketing
 * destinations; likewise contacts whose orders came before this source told of them. Idempotent. Returns the connectors with work.
 */
export async function followPurchases(trx: Trx, input: ApplyInput, things: readonly WorkingSource[]): Promise<readonly string[]> {
  if (input.dataType !== 'orders' && input.dataType !== 'contacts') return [];
  const contacts = input.dataType === 'orders' ? await customersOf(trx, await storePurchases(trx, input, things)) : await joinedCustomers(trx, input, things);
  if (contacts.length === 0) return [];
  for (const target of input.purchaseExports ?? []) {
    const links = new Map((await linksAt(trx, target.connectorId, 'contacts', contacts)).filter((link) => link.isPrimary).map((link) => [link.recordId, link.externalId]));
    const raises = contacts.map((recordId) => ({ recordId, target: links.get(recordId) ?? '', lane: input.urgency === 'live' ? 1 as const : 2 as const }));
    await raiseDeliveries(trx, { accountId: input.accountId, dataType: 'contacts' }, target, raises);
  }
  return (input.purchaseExports ?? []).map(({ connectorId }) => connectorId);
}

/** Keeps the orders of a page that count. Once one counts it does for good. Returns those of which something is new. */
async function storePurchases(trx: Trx, input: ApplyInput, things: readonly WorkingSource[]): Promise<readonly number[]> {
  const counting = things.filter(({ stateChanged, state }) => stateChanged && state !== null && !state.deleted && countsAsPurchase(state.canonical)).toSorted((a, b) => a.recordId - b.recordId);
  if (counting.length === 0) return [];
  const { rows } = await sql<{ id: number }>`
    insert into purchase (account_id, record_id, connector_id, placed_at, says_first)
    select ${input.accountId}, p.record_id, ${input.connectorId}, p.placed_at, p.says_first
    from unnest(${arrays.int8(counting.map((t) => t.recordId))}, ${arrays.timestamptz(counting.map((t) => String(t.state?.canonical['placedAt'])))}, ${arrays.bool(counting.map((t) => saysFirst(t.state?.canonical ?? {})))})
      as p(record_id, placed_at, says_first)
    on conflict (record_id) do update set placed_at = excluded.placed_at, says_first = excluded.says_first
      where (purchase.placed_at, purchase.says_first) is distinct from (excluded.placed_at, excluded.says_first)
    returning record_id id`.execute(trx);
  return rows.map(({ id }) => id);
}

/** The contacts that orders name, or that have the address of their guest. */
async function customersOf(trx: Trx, orderIds: readonly number[]): Promise<readonly number[]> {
  if (orderIds.length === 0) return [];
  const { rows } = await sql<{ id: number }>`
    with named as (select * from reference where record_id = any(${arrays.int8(orderIds)}) and data_type = 'contacts')
    select s.record_id id from named n join source_record s on s.external_id = n.external_id and s.connector_id = n.source and s.data_type = 'contacts'
    union select l.record_id from named n join link l on l.external_id = n.external_id and l.connector_id = n.source and l.data_type = 'contacts'
    union select c.id from named n join record c on c.email = n.external_id and c.account_id = n.account_id and c.data_type = 'contacts' and n.source = ${byAddress} and c.merged_into is null
    order by 1`.execute(trx);
  return rows.map(({ id }) => id);
}

/** Contacts that were known before, and of which this source tells only now, although it has sent orders of them. */
async function joinedCustomers(trx: Trx, input: ApplyInput, things: readonly WorkingSource[]): Promise<readonly number[]> {
  const fresh = (input.purchaseExports ?? []).length === 0 ? [] : things.filter(({ previous, state }) => previous === null && state !== null);
  if (fresh.length === 0) return [];
  const { rows } = await sql<{ id: number }>`
    select distinct s.record_id id from ${keyedIds(input, fresh.map(({ externalId }) => externalId))}
    join source_record s on s.external_id = x.external_id and s.connector_id = x.connector_id and s.data_type = x.data_type
    join reference r on r.external_id = x.external_id and r.data_type = 'contacts' and r.source = x.connector_id
    join purchase p on p.record_id = r.record_id order by 1`.execute(trx);
  return rows.map(({ id }) => id);
}
