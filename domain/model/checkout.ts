import { z } from 'zod';
import { centsSchema, currencySchema, extraSchema, instantSchema, optionalText, orderLineSchema } from './parts.ts';

/** States of a checkout that the hub tells apart. */
export const checkoutStatuses = ['open', 'abandoned', 'completed'] as const;

/** A basket that is not an order yet. Amounts in cents of `currency`, tax included. */
export const canonicalCheckoutSchema = z.strictObject({
  status: z.enum(checkoutStatuses),
  startedAt: instantSchema,
  changedAt: instantSchema.nullish(),
  currency: currencySchema,
  totalCents: centsSchema,
  /** Where the customer can go on. */
  url: optionalText,
  /** The customer, by the contact's id at the reporting connector. */
  contactExternalId: optionalText,
  email: optionalText,
  /** The order that it became. */
  orderExternalId: optionalText,
  lines: z.array(orderLineSchema),
  /** With a meaning of its own: `mpid` (of the mailing's link that led to the shop). */
  extra: extraSchema.optional(),
});

/** One checkout (`canonicalCheckoutSchema`). */
export type CanonicalCheckout = z.infer<typeof canonicalCheckoutSchema>;
