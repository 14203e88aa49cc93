import { canonicalContactSchema, contactFieldNames, contactParts, type CanonicalContact } from './contact.ts';
import { extraPrefix, type Fields, type Scalar } from './fields.ts';

const topNames = contactFieldNames.filter((name) => !contactParts.name.includes(name) && !contactParts.address.includes(name));

/** The flat fields of a contact; what is absent stays absent, `null` stays `null`. Pure. */
export function toFields(contact: CanonicalContact): Fields {
  const fields: Record<string, Scalar> = {};
  const { name, address, extra, ...top } = contact;
  for (const part of [top, name, address]) {
    for (const [key, value] of Object.entries(part ?? {})) if (value !== undefined) fields[key] = value;
  }
  for (const [key, value] of Object.entries(extra ?? {})) fields[extraPrefix + key] = value;
  return fields;
}

/** The nested contact of flat fields. Names that are neither a contact's nor `extra.` are left out. Throws a ZodError for a value of the wrong kind. */
export function fromFields(fields: Fields): CanonicalContact {
  return canonicalContactSchema.parse(nestContact(fields));
}

/** The same without a check. Pure. */
export function nestContact(fields: Fields): Readonly<Record<string, unknown>> {
  const nested: Record<string, unknown> = pick(fields, topNames);
  for (const part of ['name', 'address'] as const) {
    const values = pick(fields, contactParts[part]);
    if (Object.keys(values).length > 0) nested[part] = values;
  }
  const extra = Object.entries(fields).filter(([name]) => name.startsWith(extraPrefix));
  if (extra.length > 0) nested['extra'] = Object.fromEntries(extra.map(([name, value]) => [name.slice(extraPrefix.length), value]));
  return nested;
}

function pick(fields: Fields, names: readonly string[]): Record<string, Scalar> {
  const picked: Record<string, Scalar> = {};
  for (const name of names) {
    const value = fields[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
