import { z } from 'zod';
import { operation } from './define.ts';
import { sentId } from './input.ts';
import { nothing } from './wire.ts';

/** Subscribing by a web form (contract §3.11), never for keeping systems in agreement. */
export const subscriptionOperations = {
  'subscription.subscribe': operation({
    name: 'subscription.subscribe', method: 'POST', path: '/subscription/subscribe', about: 'subscribe somebody who filled in a form: e-mail address and permission, no id',
    input: () => z.strictObject({ body: z.looseObject({
      externalId: sentId.optional(),
      properties: z.looseObject({
        email: z.string({ error: 'has to be given: a subscription is of an e-mail address' }).trim().min(1, 'has to be given: a subscription is of an e-mail address'),
        permissions: z.array(z.looseObject({ bit: z.number().int(), enabled: z.boolean() }), { error: 'has to be given: a subscription is to a permission, as [{"bit":1,"enabled":true}]' }).min(1, 'has to name a permission, as [{"bit":1,"enabled":true}]'),
      }),
    }) }),
    answer: () => nothing,
  }),
};
