import { z } from 'zod';
import { operation } from './define.ts';
import { sentCents, sentIds, sentText } from './input.ts';
import { nothing } from './wire.ts';

const situations = { 403: '403 at the shop' } as const;

/** Conversions of Spotler eCommerce (contract §3.16): `mailplusId` is the `mpid` of the link that led to the shop. */
export const conversionOperations = {
  'conversion.insert': operation({
    name: 'conversion.insert', method: 'POST', path: '/conversion', situations, idempotent: false, about: 'tell that a cart was begun or bought after a click in a mailing',
    input: ({ sentInstant }) => z.strictObject({ body: z.looseObject({
      mailplusId: sentText, type: z.enum(['CREATE_SHOPPINGCART', 'CONVERT_SHOPPINGCART']), value: sentCents.optional(), interactionDate: sentInstant, products: sentIds.optional(),
    }) }),
    answer: () => nothing,
  }),
};
