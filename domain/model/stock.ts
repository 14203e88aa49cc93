import { z } from 'zod';
import { extraSchema, instantSchema, optionalText } from './parts.ts';

/** How many pieces of a product are there: a state, not an event. */
export const canonicalStockSchema = z.strictObject({
  /** The product, by its id at the reporting connector. */
  productExternalId: z.string().min(1),
  sku: optionalText,
  /** Warehouse or shop; absent for all together. */
  location: optionalText,
  /** Pieces that can be sold now; negative when more was sold than there is. */
  freeQuantity: z.number(),
  /** Pieces in the building. */
  physicalQuantity: z.number().nullish(),
  reservedQuantity: z.number().nullish(),
  /** When it was counted so. */
  at: instantSchema.nullish(),
  extra: extraSchema.optional(),
});

/** The stock of one product at one place (`canonicalStockSchema`). */
export type CanonicalStock = z.infer<typeof canonicalStockSchema>;
