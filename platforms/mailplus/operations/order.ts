import { z } from 'zod';
import { operation } from './define.ts';
import { sentCents, sentId, sentIds } from './input.ts';
import { nothing, type Wire } from './wire.ts';

const externalOrderId = sentId;
const body = ({ sentInstant }: Wire) => z.looseObject({
  update: z.boolean().optional(),
  order: z.looseObject({ externalId: sentId, externalContactId: sentId, date: sentInstant, value: sentCents, externalProductIds: sentIds.min(1, 'is empty: an order has products') }),
});

const situations = { 403: '403 at the shop' } as const;

/** Orders of Spotler eCommerce (contract §3.15). Contact and products go first; an order cannot be read back. The value is in cents. */
export const orderOperations = {
  'order.insert': operation({
    name: 'order.insert', method: 'POST', path: '/order', situations, about: 'store an order; with update a known one is changed', input: (wire) => z.strictObject({ body: body(wire) }), answer: () => nothing,
  }),
  'order.update': operation({
    name: 'order.update', method: 'PUT', path: '/order/{externalOrderId}', situations, about: 'change an order that is known', input: (wire) => z.strictObject({ externalOrderId, body: body(wire) }), answer: () => nothing,
  }),
  'order.delete': operation({
    name: 'order.delete', method: 'DELETE', path: '/order/{externalOrderId}', situations, about: 'take a cancelled order away', input: () => z.strictObject({ externalOrderId }), answer: () => nothing,
  }),
};
