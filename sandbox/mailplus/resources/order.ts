import { ApiError, invalidParams } from '../http/api-error.ts';
import { noContent } from '../http/call.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { noteContact } from '../journal/contact-notes.ts';
import type { Order, OrderContent } from '../state/orders.ts';
import { requireKnownContact } from './contact.ts';
import { requireKnownProducts } from './product.ts';
import { bodyObject, flag } from './request-body.ts';
import type { JsonObject } from './request-body.ts';
import { optionalTexts, requiredCents, requiredInstant, requiredObject, requiredText } from './values.ts';

/** Orders of a web shop: written whole, never read (contract 3.15). Contact and products must be known; a deleted product still is. */
export const orderOperations: readonly Operation[] = [
  { method: 'POST', path: 'order', handle: insertOrder },
  { method: 'PUT', path: 'order/{externalOrderId}', handle: updateOrder },
  { method: 'DELETE', path: 'order/{externalOrderId}', handle: deleteOrder },
];

function insertOrder(call: Call): Reply {
  const body = bodyObject(call.body);
  const order = requiredObject(body, 'order');
  const externalId = requiredText(order, 'externalId');
  const content = orderContent(call, order);
  if (!flag(body, 'update') && call.account.orders.find(externalId) !== undefined) {
    throw new ApiError(400, 'ID_NOTUNIQUE', `Order ${externalId} already exists`);
  }
  return put(call, externalId, content);
}

function updateOrder(call: Call): Reply {
  const { externalId } = requireOrder(call);
  const order = requiredObject(bodyObject(call.body), 'order');
  if (requiredText(order, 'externalId') !== externalId) throw invalidParams('externalId of the body differs from the one of the path');
  return put(call, externalId, orderContent(call, order));
}

function deleteOrder(call: Call): Reply {
  const { externalId, contact } = requireOrder(call);
  call.account.orders.remove(externalId);
  call.account.totals.ordersDeleted += 1;
  call.notes.changed = true;
  call.notes.contacts.push(noteContact(contact.externalIds[call.credential.externalIdField] ?? '', 'order deleted'));
  return noContent;
}

function orderContent(call: Call, order: JsonObject): OrderContent {
  const dateMs = requiredInstant(order, 'date');
  const valueCents = requiredCents(order, 'value');
  const externalProductIds = optionalTexts(order, 'externalProductIds') ?? [];
  if (externalProductIds.length === 0) throw invalidParams('externalProductIds is required');
  const contact = requireKnownContact(call, requiredText(order, 'externalContactId'));
  requireKnownProducts(call, externalProductIds);
  return { contact, dateMs, valueCents, externalProductIds };
}

function put(call: Call, externalId: string, content: OrderContent): Reply {
  const outcome = call.account.orders.put(externalId, content);
  if (outcome !== 'identical') call.account.totals[outcome === 'created' ? 'ordersCreated' : 'ordersChanged'] += 1;
  call.notes.changed = outcome !== 'identical';
  call.notes.contacts.push(noteContact(content.contact.externalIds[call.credential.externalIdField] ?? '', `order ${outcome}`));
  return noContent;
}

function requireOrder(call: Call): Order {
  const order = call.account.orders.find(call.path['externalOrderId'] ?? '');
  if (order === undefined) throw new ApiError(404, 'ORDER_NOTFOUND', 'Order not found');
  return order;
}
