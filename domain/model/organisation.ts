import { z } from 'zod';
import { addressSchema, extraSchema, optionalText } from './parts.ts';

/** A company or institution. Absent: never said; `null`: said to be empty. */
export const canonicalOrganisationSchema = z.strictObject({
  name: optionalText,
  /** Internet domain, lower case: `example.test`. */
  domain: optionalText,
  vatNumber: optionalText,
  /** Number in the trade register (KvK, Companies House). */
  registrationNumber: optionalText,
  email: optionalText,
  /** E.164. */
  phone: optionalText,
  industry: optionalText,
  employeeCount: z.int().nonnegative().nullish(),
  address: addressSchema.optional(),
  owner: optionalText,
  extra: extraSchema.optional(),
});

/** One organisation (`canonicalOrganisationSchema`). */
export type CanonicalOrganisation = z.infer<typeof canonicalOrganisationSchema>;
