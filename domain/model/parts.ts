import { z } from 'zod';

/** An instant: ISO 8601 in UTC (`2026-11-21T10:00:00.000Z`). */
export const instantSchema = z.iso.datetime();

/** A day on the calendar, without a zone: `1984-02-29`. */
export const calendarDateSchema = z.iso.date();

/** Money in integer cents; the currency stands beside it. Negative for what is given back. */
export const centsSchema = z.int();

/** A currency as ISO 4217 has it: `EUR`. */
export const currencySchema = z.string().regex(/^[A-Z]{3}$/);

/** A country as ISO 3166 alpha-2 has it: `GB`. */
export const countrySchema = z.string().regex(/^[A-Z]{2}$/);

/** A language tag: `nl`, `en-GB`. */
export const languageSchema = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/);

/** What stands in a contact's language field: a tag, or the levels of the shop that the contact belongs to, for people to select by. */
export const contactLanguageSchema = z.string().min(1).max(255);

/** A JSON scalar; `null` means «said to be empty». */
export const scalarSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Source fields without a place of their own, by name (design §4.3). */
export const extraSchema = z.record(z.string().min(1), scalarSchema);

/** Text that a source may leave out, or say to be empty with `null`. */
export const optionalText = z.string().nullish();

/** A postal address. Either `street` and `houseNumber`, or address lines, as the source has it. */
export const addressSchema = z.strictObject({
  street: optionalText,
  houseNumber: optionalText,
  addressLine1: optionalText,
  addressLine2: optionalText,
  city: optionalText,
  region: optionalText,
  postalCode: optionalText,
  country: countrySchema.nullish(),
});

/** A postal address (`addressSchema`). */
export type CanonicalAddress = z.infer<typeof addressSchema>;

/** One line of an order or checkout; amounts are of one piece, in cents, tax included. */
export const orderLineSchema = z.strictObject({
  productExternalId: z.string().min(1),
  sku: optionalText,
  name: optionalText,
  /** Pieces; a fraction for what is sold by weight or length. */
  quantity: z.number(),
  unitPriceCents: centsSchema,
  unitTaxCents: centsSchema.nullish(),
});

/** One line of an order or checkout (`orderLineSchema`). */
export type CanonicalOrderLine = z.infer<typeof orderLineSchema>;
