import { sql } from 'kysely';
import { startOf } from '../../../domain/checkouts/cart.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import type { ApplyInput, WorkingSource } from '../apply/types.ts';
import { keyedIds } from '../by-key.ts';

/** A destination that is told of carts. */
export interface CartExport {
  readonly connectorId: string;
  /** Whether something is set there for carts that came from no mailing. */
  readonly hasAutomation: boolean;
  readonly kinds: { readonly conversion: string; readonly automation: string };
}

/** What an action about a cart keeps: the records that it is about, and nothing of what is in them. */
export interface CartPayload {
  readonly cart: { readonly step: 'started' | 'bought'; readonly checkoutId: number | null; readonly orderId: number | null };
}

const startedCause = (checkoutId: number): string => `cart/${checkoutId}/started`;
const boughtCause = (orderId: number): string => `cart/order-${orderId}/bought`;

/** Causes of the actions about a record, be it a checkout or an order. */
export const cartCauses = (recordId: number): string[] => [startedCause(recordId), boughtCause(recordId)];

interface CartRow {
  readonly kind: string;
  readonly target: string;
  readonly cause: string;
  readonly payload: CartPayload;
}

/**
 * Raises what a page of checkouts or orders means for marketing destinations: once for each checkout that it was started, and once for each
 * order that came of a mailing that it was bought, in whatever order checkout and order come. Exactly once for each, however often it is
 * called. Returns the connectors with new work.
 */
export async function raiseCartActions(trx: Trx, input: ApplyInput, things: readonly WorkingSource[]): Promise<readonly string[]> {
  const told = things.filter(({ stateChanged, state }) => stateChanged && state !== null);
  if ((input.cartExports ?? []).length === 0 || told.length === 0 || (input.dataType !== 'checkouts' && input.dataType !== 'orders')) return [];
  const bought = await boughtCarts(trx, input, told.map(({ externalId }) => externalId));
  const raised: string[] = [];
  for (const target of input.cartExports ?? []) {
    const started = input.dataType === 'checkouts' ? told.flatMap((thing) => startedCart(target, thing)) : [];
    if (await insertActions(trx, input.accountId, target.connectorId, [...started, ...bought.map((one) => boughtCart(target, one))])) raised.push(target.connectorId);
  }
  return raised;
}

function startedCart({ hasAutomation, kinds }: CartExport, { recordId, state }: WorkingSource): CartRow[] {
  const start = startOf(state?.canonical ?? {}, { deleted: state?.deleted === true, hasAutomation });
  if (start.kind === 'none') return [];
  return [{ kind: kinds[start.kind], target: `cart/${recordId}`, cause: startedCause(recordId), payload: { cart: { step: 'started', checkoutId: recordId, orderId: null } } }];
}

interface Bought {
  readonly orderId: number;
  readonly checkoutId: number | null;
}

/** In the queue it stands behind the start of the same cart. */
function boughtCart({ kinds }: CartExport, { orderId, checkoutId }: Bought): CartRow {
  return { kind: kinds.conversion, target: checkoutId === null ? `cart/order-${orderId}` : `cart/${checkoutId}`, cause: boughtCause(orderId), payload: { cart: { step: 'bought', checkoutId, orderId } } };
}

/** Orders of a page, or of the page's checkouts, that came of a mailing and stand: by the order's own mpid, else by that of its checkout. */
async function boughtCarts(trx: Trx, input: ApplyInput, externalIds: readonly string[]): Promise<readonly Bought[]> {
  const page = keyedIds(input, externalIds);
  const orders = input.dataType === 'orders' ? sql`select x.external_id from ${page}` : sql`
    select c.canonical->>'orderExternalId' external_id from ${page} join source_record c using (external_id, connector_id, data_type)
    union select o.external_id from ${page} join source_record o on o.canonical->>'extra.checkoutId' = x.external_id and o.connector_id = x.connector_id and o.data_type = 'orders'`;
  const { rows } = await sql<Bought>`
    select "orderId", "checkoutId" from (
      select o.record_id "orderId", c.record_id "checkoutId", coalesce(nullif(trim(o.canonical->>'extra.mpid'), ''), nullif(trim(c.canonical->>'extra.mpid'), '')) mpid
      from (${orders}) e join source_record o on o.external_id = e.external_id and o.connector_id = ${input.connectorId} and o.data_type = 'orders'
      left join lateral (
        select k.record_id, k.canonical from source_record k where k.connector_id = o.connector_id and k.data_type = 'checkouts' and k.external_id = o.canonical->>'extra.checkoutId'
        union all
        select k.record_id, k.canonical from source_record k where k.connector_id = o.connector_id and k.data_type = 'checkouts' and k.canonical->>'orderExternalId' = o.external_id
        order by 1 limit 1) c on true
      where o.deleted_at is null and o.canonical->>'status' <> 'cancelled') b
    where mpid is not null order by 1`.execute(trx);
  return rows;
}

async function insertActions(trx: Trx, accountId: string, connectorId: string, rows: readonly CartRow[]): Promise<boolean> {
  if (rows.length === 0) return false;
  const inserted = await sql`
    insert into action (account_id, connector_id, kind, target, cause, payload)
    select ${accountId}, ${connectorId}, t.kind, t.target, t.cause, t.payload
    from unnest(${arrays.text(rows.map((r) => r.kind))}, ${arrays.text(rows.map((r) => r.target))}, ${arrays.text(rows.map((r) => r.cause))}, ${arrays.json(rows.map((r) => r.payload))}) as t(kind, target, cause, payload)
    on conflict (connector_id, cause) do nothing returning id`.execute(trx);
  return inserted.rows.length > 0;
}
