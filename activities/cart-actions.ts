import type { Selectable } from 'kysely';
import { z } from 'zod';
import { cartRecords, isBought, isUnlicensedKind, onTheirWay, rememberContact, type CartRecord } from '../db/repositories/checkouts/told-carts.ts';
import { noteWaiting } from '../db/repositories/deliver/actions.ts';
import { namedStates, type NamedState } from '../db/repositories/references/claimed-things.ts';
import type { ActionTable } from '../db/tables/flow.ts';
import { mpidOf } from '../domain/checkouts/cart.ts';
import { orderValueCents } from '../domain/checkouts/order-value.ts';
import { fromRecordFields } from '../domain/model/record-fields.ts';
import type { ToldCart } from '../platforms/follows-carts.ts';
import { askedPayload } from './asked-actions.ts';
import type { DeliveryRun } from './delivery-run.ts';
import type { ActionPayload } from './list-actions.ts';

type Action = Selectable<ActionTable>;
type Ready = { readonly cart: ToldCart; readonly contact?: number };
type NotReady = Exclude<ActionPayload, { readonly payload: unknown }>;

const lookAgainMs = 5_000;
/** How long a cart waits for its products and its customer to arrive; what is not there by then is left out. */
const patienceMs = 60 * 60_000;

const cartSchema = z.object({ cart: z.object({ step: z.enum(['started', 'bought']), checkoutId: z.number().nullable(), orderId: z.number().nullable() }) });

/** Whether an action is about a cart, and made by the hub. */
export const isCartAction = ({ cause, body_hash: asked }: Pick<Action, 'cause' | 'body_hash'>): boolean => asked === null && cause.startsWith('cart/');

/**
 * What the platform gets for a cart, worked out from what the hub has of it by now. Waits while its products or its customer are on their way
 * there. Nothing is told of what began before the connector was added, nor of an order that was cancelled meanwhile, and nobody is reminded
 * of what they have bought. Throws a ZodError for a payload that is none.
 */
export async function cartPayload(run: DeliveryRun, action: Action): Promise<ActionPayload> {
  const { carts, actionKinds, description } = run.connector.platform;
  const asked = actionKinds?.[action.kind]?.asked;
  if (carts === undefined || asked === undefined) return { superseded: `${description.title} is told of no carts` };
  if (await isUnlicensedKind(run.deps.db, run.scope.connectorId, action.kind, new Date(run.deps.now()).toISOString())) {
    return { refused: { code: 'PLATFORM_NOT_LICENSED', message: `The licence of ${description.title} does not have this: it is not told of the cart.` } };
  }
  const { cart } = cartSchema.parse(action.payload);
  const ready = cart.step === 'bought' ? await boughtCart(run, action, cart) : await startedCart(run, action, cart);
  if (ready === 'waits' || !('cart' in ready)) return ready;
  const made = carts.actionFor(run.connector.settings, ready.cart);
  if ('nothing' in made) return { superseded: made.nothing };
  if (ready.contact === undefined) return { payload: made.payload };
  await rememberContact(run.deps.db, action.id, ready.contact);
  return askedPayload(run, { ...action, record_id: ready.contact, payload: made.payload }, asked);
}

type Cart = z.output<typeof cartSchema>['cart'];

async function startedCart(run: DeliveryRun, action: Action, { checkoutId }: Cart): Promise<Ready | NotReady> {
  const record = await recordOf(run, checkoutId);
  if (record === undefined) return { superseded: 'the checkout is no more in the hub' };
  const at = String(record.canonical['startedAt']);
  if (isBefore(run, at)) return { superseded: 'it was started before this connector was added' };
  if (action.kind === run.connector.platform.carts?.kinds.conversion) {
    const mpid = mpidOf(record.canonical);
    return mpid === undefined ? noMpid : { cart: { step: 'started', at, mpid } };
  }
  if (record.deleted) return { superseded: 'the checkout was deleted at its source before it was told of' };
  const checkout = fromRecordFields('checkouts', record.canonical);
  if (checkout.status === 'completed' || (await isBought(run.deps.db, record.id))) return { superseded: 'it was bought before it was told of: nobody is to be reminded of it' };
  const named = await namedStates(run.deps.db, run.scope.connectorId, [record.id]);
  const products = await productsOf(run, action, named);
  if (products === 'waits') return 'waits';
  if (products.length === 0) return { refused: { code: 'RECORD_REFUSED', message: `None of the cart's products (checkout, record ${record.id}) is at ${run.connector.platform.description.title}: see their deliveries, then retry.` } };
  const contact = named.find(({ dataType }) => dataType === 'contacts')?.thingId ?? null;
  if (contact !== null) return { contact, cart: { step: 'started', at, productIds: products, url: checkout.url ?? null } };
  if (isPatient(run, action)) return wait(run, action, 'waiting for the customer of the cart');
  return { superseded: 'nobody in the hub is the customer of the cart' };
}

async function boughtCart(run: DeliveryRun, action: Action, { checkoutId, orderId }: Cart): Promise<Ready | NotReady> {
  const record = await recordOf(run, orderId);
  if (record === undefined || record.deleted) return { superseded: 'the order was deleted before it was told of' };
  const order = fromRecordFields('orders', record.canonical);
  if (isBefore(run, order.placedAt)) return { superseded: 'it was bought before this connector was added' };
  if (order.status === 'cancelled') return { superseded: 'the order was cancelled before it was told of' };
  const mpid = mpidOf(record.canonical) ?? mpidOf((await recordOf(run, checkoutId))?.canonical ?? {});
  if (mpid === undefined) return noMpid;
  const products = await productsOf(run, action, await namedStates(run.deps.db, run.scope.connectorId, [record.id]));
  return products === 'waits' ? 'waits' : { cart: { step: 'bought', at: order.placedAt, mpid, valueCents: orderValueCents(order), productIds: products } };
}

const noMpid = { superseded: 'its source says no more which mailing it came from' } as const;

async function recordOf({ deps }: DeliveryRun, id: number | null): Promise<CartRecord | undefined> {
  return id === null ? undefined : (await cartRecords(deps.db, [id])).get(id);
}

/** Carts are what happens, not what is: what happened before the connector was there is not told again. */
function isBefore({ connector }: DeliveryRun, at: string): boolean {
  const { activated_at: activatedAt } = connector.row;
  return activatedAt !== null && Date.parse(at) < Date.parse(activatedAt);
}

/** Ids of the products at the destination. Waits for those that are on their way there. */
async function productsOf(run: DeliveryRun, action: Action, named: readonly NamedState[]): Promise<readonly string[] | 'waits'> {
  const products = named.filter(({ dataType }) => dataType === 'products');
  const absent = products.filter(({ linkedId }) => linkedId === null);
  if (absent.length > 0 && isPatient(run, action)) {
    const ids = absent.flatMap(({ thingId }) => thingId ?? []);
    if (ids.length < absent.length || (await onTheirWay(run.deps.db, run.scope.connectorId, ids)).size > 0) return wait(run, action, 'waiting for products of the cart');
  }
  return products.flatMap(({ linkedId }) => linkedId ?? []);
}

const isPatient = ({ deps }: DeliveryRun, action: Action): boolean => deps.now() - Date.parse(action.pending_since) < patienceMs;

async function wait(run: DeliveryRun, action: Action, reason: string): Promise<'waits'> {
  run.holds.set(action.target, { until: run.deps.now() + lookAgainMs, forDeliveries: true });
  await noteWaiting(run.deps.db, action.id, reason);
  return 'waits';
}
