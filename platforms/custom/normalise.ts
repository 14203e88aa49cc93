import { z } from 'zod';
import { normaliseEmail } from '../../domain/identity/email.ts';
import { normalisePhone } from '../../domain/identity/phone.ts';
import { canonicalSchemas } from '../../domain/model/canonical-schemas.ts';
import { contactFieldNames } from '../../domain/model/contact.ts';
import { extraPrefix, type Fields, type Scalar } from '../../domain/model/fields.ts';
import { orderedJson, recordTypes, toRecordFields, type RecordType } from '../../domain/model/record-fields.ts';
import { instantOf } from '../stamps.ts';
import { bare, envelopeNames, instantNames } from './input-schemas.ts';
import type { CustomSettings } from './settings.ts';

type Values = Record<string, unknown>;
type Schemas = Readonly<Record<string, z.ZodType>>;

const isObject = (value: unknown): value is Readonly<Values> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value with only the parts that the canonical schema has; a part that is `null` where the model has no such thing is left out. */
function fitted(schema: z.ZodType, value: unknown): unknown {
  const inner = bare(schema);
  if (inner instanceof z.ZodArray && Array.isArray(value)) return value.map((one) => fitted(inner.element as z.ZodType, one));
  if (!(inner instanceof z.ZodObject) || !isObject(value)) return value;
  return Object.fromEntries(Object.entries(inner.shape as Schemas).flatMap(([name, part]) => (value[name] === undefined ? [] : [[name, fitted(part, value[name])]])));
}

const asScalar = (value: unknown): Scalar => (typeof value === 'object' && value !== null ? orderedJson(value) : (value as Scalar));

/** Names of the model's fields; for a part that is an object, the names in it. */
type Places = ReadonlyMap<string, ReadonlySet<string> | null>;

function placesOf(type: RecordType): Places {
  const named = Object.entries(canonicalSchemas[type].shape as Schemas).map(([name, part]): [string, ReadonlySet<string> | null] => {
    const inner = bare(part);
    return [name, inner instanceof z.ZodObject ? new Set(Object.keys(inner.shape)) : null];
  });
  const others = type === 'contacts' ? [...envelopeNames, ...contactFieldNames] : [...envelopeNames];
  return new Map([...others.map((name): [string, null] => [name, null]), ...named]);
}

const places: ReadonlyMap<RecordType, Places> = new Map(recordTypes.map((type) => [type, placesOf(type)]));

/** Fields of the record, and of its parts that are objects, for which the model has no place. A value that is more than a scalar becomes JSON text. */
function extrasOf(type: RecordType, record: Readonly<Values>): Record<string, Scalar> {
  const known = places.get(type);
  const extra: Record<string, Scalar> = {};
  const put = (name: string, value: unknown): void => {
    if (value !== undefined && name !== '' && !name.split('.').includes('__proto__')) extra[name] = asScalar(value);
  };
  for (const name in record) {
    const place = known?.get(name);
    const value = record[name];
    if (place === undefined) put(name, value);
    else if (place !== null && isObject(value)) for (const key in value) if (!place.has(key)) put(`${name}.${key}`, value[key]);
  }
  if (isObject(record['extra'])) for (const [name, value] of Object.entries(record['extra'])) put(name, value);
  return extra;
}

/** ASCII words with single spaces between them: tidy as they are. */
const alreadyTidy = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;

/** Composed (NFC), without spaces around it; for names of people also with single spaces inside. */
function tidy(text: string, isLine: boolean): string {
  if (alreadyTidy.test(text)) return text;
  const composed = text.normalize('NFC').trim();
  return isLine ? composed.replaceAll(/\s+/g, ' ') : composed;
}

/** A text that is no address, or no number, is kept beside it under its own name. */
function meant(values: Values, extra: Record<string, Scalar>, name: string, read: (text: string) => { readonly ok: true; readonly value: string } | { readonly ok: false }): void {
  const text = values[name];
  if (typeof text !== 'string') return;
  const result = read(text);
  if (!result.ok) extra[`${name}Raw`] = text;
  values[name] = result.ok ? result.value : null;
}

function tidied(type: RecordType, values: Values, settings: CustomSettings): void {
  const shape: Schemas = canonicalSchemas[type].shape;
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'string') continue;
    const text = tidy(value, type === 'contacts');
    const mayBeEmpty = type === 'contacts' || shape[name] instanceof z.ZodOptional;
    values[name] = text === '' ? (mayBeEmpty ? null : value) : instantNames[type].includes(name) ? instantOf(text, settings.timeZone) : text;
  }
}

const contactNames: ReadonlySet<string> = new Set(contactFieldNames);

/** The values of a contact, all at the top; parts in `name` and `address` come before those at the top. */
function contactValues(record: Readonly<Values>): Values {
  const values: Values = {};
  for (const place of [record, record['address'], record['name']]) {
    if (isObject(place)) for (const field in place) if (contactNames.has(field) && place[field] !== undefined) values[field] = place[field];
  }
  return values;
}

/** The levels of the shop stand in the language field, or, where the tag does, beside it; a field without a value is left out. */
function placeLanguage(values: Values, extra: Record<string, Scalar>, levels: unknown, { languageFrom, languageSeparator }: CustomSettings): void {
  if (values['language'] == null) delete values['language'];
  const structure = Array.isArray(levels) ? levels.map((level) => tidy(String(level), true)).filter((level) => level !== '').join(languageSeparator).slice(0, 255) : '';
  if (structure === '') return;
  if (languageFrom === 'language') extra['shopStructure'] = structure;
  else {
    if (values['language'] !== undefined) extra['language'] = asScalar(values['language']);
    values['language'] = structure;
  }
}

function contactFields(record: Readonly<Values>, settings: CustomSettings): Fields {
  const values = contactValues(record);
  const extra = extrasOf('contacts', record);
  tidied('contacts', values, settings);
  placeLanguage(values, extra, record['shopStructure'], settings);
  meant(values, extra, 'email', normaliseEmail);
  for (const name of ['mobile', 'phone']) meant(values, extra, name, (text) => normalisePhone(text, settings.defaultCountry));
  return { ...(values as Fields), ...prefixed(extra) };
}

const prefixed = (extra: Readonly<Record<string, Scalar>>): Fields => Object.fromEntries(Object.entries(extra).map(([name, value]) => [extraPrefix + name, value]));

/**
 * The canonical fields of a record that has passed `recordSchemas`. Pure. Addresses and numbers are in the one form in which they are
 * compared; one that is none is kept as `extra.emailRaw`, `extra.mobileRaw`, `extra.phoneRaw`. An empty text says that the field is empty.
 */
export function canonicalFields(type: RecordType, record: Readonly<Values>, settings: CustomSettings): Fields {
  if (type === 'contacts') return contactFields(record, settings);
  const { extra: _extra, ...shape }: Schemas = canonicalSchemas[type].shape;
  const values: Values = {};
  for (const [name, part] of Object.entries(shape)) {
    const value = record[name];
    const isAbsent = value === undefined || (value === null && !part.safeParse(null).success);
    if (!isAbsent) values[name] = fitted(part, value);
  }
  const extra = extrasOf(type, record);
  tidied(type, values, settings);
  meant(values, extra, 'email', normaliseEmail);
  meant(values, extra, 'phone', (text) => normalisePhone(text, settings.defaultCountry));
  return { ...toRecordFields(type, values), ...prefixed(extra) };
}
