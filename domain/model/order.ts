import { z } from 'zod';
import { addressSchema, centsSchema, currencySchema, extraSchema, instantSchema, optionalText, orderLineSchema } from './parts.ts';

/** States of an order that the hub tells apart; the source's own word is in `extra.status`. */
export const orderStatuses = ['pending', 'paid', 'processing', 'shipped', 'completed', 'cancelled', 'refunded'] as const;

/** A sale. Amounts in cents of `currency`, tax included. */
export const canonicalOrderSchema = z.strictObject({
  /** The number that the customer knows. */
  number: z.string().min(1),
  status: z.enum(orderStatuses),
  placedAt: instantSchema,
  currency: currencySchema,
  totalCents: centsSchema,
  taxCents: centsSchema.nullish(),
  shippingCents: centsSchema.nullish(),
  discountCents: centsSchema.nullish(),
  /** The customer, by the contact's id at the reporting connector; a guest has only an address. */
  contactExternalId: optionalText,
  email: optionalText,
  organisationExternalId: optionalText,
  billingAddress: addressSchema.optional(),
  shippingAddress: addressSchema.optional(),
  lines: z.array(orderLineSchema),
  /** With a meaning of their own: `refundedCents`, `firstOrder` (true: the customer's first at this shop), `checkoutId`, `mpid` (of the mailing's link that led to the shop). */
  extra: extraSchema.optional(),
});

/** One order (`canonicalOrderSchema`). */
export type CanonicalOrder = z.infer<typeof canonicalOrderSchema>;
