import { z } from 'zod';
import { centsSchema, currencySchema, extraSchema, languageSchema, optionalText } from './parts.ts';

/** Something that is sold, down to the variant. Absent: never said; `null`: said to be empty. */
export const canonicalProductSchema = z.strictObject({
  sku: optionalText,
  /** EAN, UPC or other GTIN, digits only. */
  gtin: optionalText,
  name: optionalText,
  description: optionalText,
  brand: optionalText,
  categories: z.array(z.string()).optional(),
  language: languageSchema.nullish(),
  url: optionalText,
  imageUrl: optionalText,
  /** Price of one piece, tax included. */
  priceCents: centsSchema.nullish(),
  /** Price before a reduction, tax included. */
  oldPriceCents: centsSchema.nullish(),
  currency: currencySchema.nullish(),
  /** Nothing is shipped: a ticket, a download. */
  virtual: z.boolean().nullish(),
  /** On sale now. */
  visible: z.boolean().nullish(),
  extra: extraSchema.optional(),
});

/** One product (`canonicalProductSchema`). */
export type CanonicalProduct = z.infer<typeof canonicalProductSchema>;
