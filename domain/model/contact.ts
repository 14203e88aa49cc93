import { z } from 'zod';
import { addressSchema, calendarDateSchema, contactLanguageSchema, extraSchema, instantSchema, optionalText } from './parts.ts';

/** The parts of a person's name. */
const nameSchema = z.strictObject({
  title: optionalText,
  firstName: optionalText,
  /** Between first and last name, as in Dutch: `van der`. */
  infix: optionalText,
  lastName: optionalText,
  initials: optionalText,
});

/** A person. Absent: never said; `null`: said to be empty. */
export const canonicalContactSchema = z.strictObject({
  /** Normalised: it is a match key. */
  email: z.string().min(3).nullish(),
  /** E.164. */
  mobile: optionalText,
  /** E.164. */
  phone: optionalText,
  name: nameSchema.optional(),
  gender: z.enum(['M', 'F']).nullish(),
  birthDate: calendarDateSchema.nullish(),
  language: contactLanguageSchema.nullish(),
  organisation: optionalText,
  jobTitle: optionalText,
  address: addressSchema.optional(),
  /** Who looks after the contact at the source, as the source names them. */
  owner: optionalText,
  firstPurchaseAt: instantSchema.nullish(),
  lastPurchaseAt: instantSchema.nullish(),
  extra: extraSchema.optional(),
});

/** One contact (`canonicalContactSchema`). */
export type CanonicalContact = z.infer<typeof canonicalContactSchema>;

/** Canonical names of a contact's fields in `Fields`, besides `extra.<name>`. */
export const contactFieldNames = [
  'email', 'mobile', 'phone', 'title', 'firstName', 'infix', 'lastName', 'initials', 'gender', 'birthDate', 'language', 'organisation', 'jobTitle',
  'street', 'houseNumber', 'addressLine1', 'addressLine2', 'city', 'region', 'postalCode', 'country', 'owner', 'firstPurchaseAt', 'lastPurchaseAt',
] as const;

/** One of `contactFieldNames`. */
export type ContactFieldName = (typeof contactFieldNames)[number];

/** Where each field stands in the nested shape; at the top unless it is named here. */
export const contactParts: Readonly<Record<'name' | 'address', readonly ContactFieldName[]>> = {
  name: ['title', 'firstName', 'infix', 'lastName', 'initials'],
  address: ['street', 'houseNumber', 'addressLine1', 'addressLine2', 'city', 'region', 'postalCode', 'country'],
};
