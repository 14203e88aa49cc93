import { z } from 'zod';
import type { DeliveryItem, DeliveryOutcome, PlatformContext } from '../platform.ts';
import { tryOperation } from './call-operation.ts';
import { operations } from './operations/index.ts';
import { sendEach, shopOutcome, wholeOf } from './shop-calls.ts';

const wholeSchema = z.looseObject({ contact: z.string(), date: z.string(), value: z.number(), products: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))) });

const fixes = {
  PRODUCT_NOTFOUND: 'A product of this order was removed in Mail+ by somebody else: change it at its source, so that it is sent again, then `hub failed retry`.',
  CONTACT_NOT_FOUND: 'The contact of this order is no more in Mail+, or has another external id there: change it at its source, so that it is sent again, then `hub failed retry`.',
} as const;

/**
 * Stores orders: `POST /order` with `update`, which makes and changes; one that is cancelled or gone `DELETE`. One call each; an order that
 * is not there counts as deleted. Idempotent.
 */
export async function deliverOrders(context: PlatformContext, items: readonly DeliveryItem[]): Promise<readonly DeliveryOutcome[]> {
  return sendEach(items, (item) => (wholeOf(item)['deleted'] === true ? remove(context, item) : store(context, item)));
}

async function store(context: PlatformContext, item: DeliveryItem): Promise<DeliveryOutcome> {
  const { contact, date, value, products } = wholeSchema.parse(wholeOf(item));
  const operation = operations['order.insert'];
  const { refusal } = await tryOperation(context, operation, { body: { update: true, order: { externalId: item.externalId, externalContactId: contact, date, value, externalProductIds: products } } });
  return refusal === undefined ? { kind: 'stored' } : shopOutcome(context, { operation, refusal }, item, fixes);
}

async function remove(context: PlatformContext, item: DeliveryItem): Promise<DeliveryOutcome> {
  const operation = operations['order.delete'];
  const { refusal } = await tryOperation(context, operation, { externalOrderId: item.externalId });
  return refusal === undefined || refusal.status === 404 ? { kind: 'stored' } : shopOutcome(context, { operation, refusal }, item, {});
}
