import { z } from 'zod';
import { extraSchema, instantSchema, optionalText } from './parts.ts';

/** States of a shipment that the hub tells apart; the source's own word is in `extra.status`. */
export const shipmentStatuses = ['announced', 'shipped', 'delivered', 'returned', 'cancelled'] as const;

/** Something that was or will be sent for an order. */
export const canonicalShipmentSchema = z.strictObject({
  /** The order, by its id at the reporting connector. */
  orderExternalId: z.string().min(1),
  status: z.enum(shipmentStatuses),
  carrier: optionalText,
  trackingCode: optionalText,
  trackingUrl: optionalText,
  shippedAt: instantSchema.nullish(),
  deliveredAt: instantSchema.nullish(),
  lines: z.array(z.strictObject({ productExternalId: z.string().min(1), sku: optionalText, quantity: z.number() })),
  extra: extraSchema.optional(),
});

/** One shipment (`canonicalShipmentSchema`). */
export type CanonicalShipment = z.infer<typeof canonicalShipmentSchema>;
