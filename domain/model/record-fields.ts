import type { DataType } from '../presets/data-types.ts';
import { importOrder } from '../presets/import-order.ts';
import { canonicalSchemas } from './canonical-schemas.ts';
import { fromFields, nestContact, toFields } from './contact-fields.ts';
import type { CanonicalContact } from './contact.ts';
import { extraPrefix, type Fields, type Scalar } from './fields.ts';

/** The data types of which the hub keeps records; activities are facts. */
export type RecordType = Exclude<DataType, 'activities'>;

/** All of them, in the order in which their first imports run. */
export const recordTypes: readonly RecordType[] = importOrder.filter((dataType) => dataType !== 'activities');

type Json = Scalar | readonly Json[] | { readonly [name: string]: Json };

/** Fields of each type that are more than a scalar: in `Fields` they stand as JSON text, so that they are compared and merged whole. */
const structured: Readonly<Record<RecordType, readonly string[]>> = {
  contacts: [],
  organisations: ['address'],
  products: ['categories'],
  stock: [],
  orders: ['lines', 'billingAddress', 'shippingAddress'],
  shipments: ['lines'],
  checkouts: ['lines'],
};

/** JSON with the names of objects in order, so that equal values are equal as text. */
export function orderedJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The flat fields of a canonical thing; what is absent stays absent, `null` stays `null`. Pure. */
export function toRecordFields(dataType: RecordType, canonical: object): Fields {
  if (dataType === 'contacts') return toFields(canonical as CanonicalContact);
  const fields: Record<string, Scalar> = {};
  for (const [name, value] of Object.entries(canonical) as [string, Json | undefined][]) {
    if (value === undefined) continue;
    if (name === 'extra' && isObject(value)) for (const [key, one] of Object.entries(value)) fields[extraPrefix + key] = one as Scalar;
    else fields[name] = isObject(value) || Array.isArray(value) ? orderedJson(value) : (value as Scalar);
  }
  return fields;
}

/** The nested shape of flat fields. Throws a ZodError for a value of the wrong kind. */
export function fromRecordFields<Type extends RecordType>(dataType: Type, fields: Fields): ReturnType<(typeof canonicalSchemas)[Type]['parse']>;
export function fromRecordFields(dataType: RecordType, fields: Fields): unknown {
  return dataType === 'contacts' ? fromFields(fields) : canonicalSchemas[dataType].parse(nestFields(dataType, fields));
}

/** The same without a check: for what has the shape but for names that stand empty, and languages that are none of the model's. Pure. */
export function nestFields(dataType: RecordType, fields: Fields): Readonly<Record<string, unknown>> {
  if (dataType === 'contacts') return nestContact(fields);
  const nested: Record<string, unknown> = {};
  const extra: Record<string, Scalar> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith(extraPrefix)) extra[name.slice(extraPrefix.length)] = value;
    else if (!structured[dataType].includes(name)) nested[name] = value;
    else if (typeof value === 'string') nested[name] = JSON.parse(value);
  }
  if (Object.keys(extra).length > 0) nested['extra'] = extra;
  return nested;
}
