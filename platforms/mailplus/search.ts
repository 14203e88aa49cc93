import type { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import type { PlatformContext, PlatformField } from '../platform.ts';
import type { FoundContact } from '../web-forms.ts';
import { callOperation } from './call-operation.ts';
import { discoverFields, fieldsOf } from './fields.ts';
import { fitValue } from './fit-value.ts';
import { planOf } from './mapping.ts';
import type { contactShape } from './operations/contact.ts';
import { operations } from './operations/index.ts';
import { mailplusSettings } from './settings.ts';
import { readValue } from './values.ts';

/** A contact as `contact.search` gives it. */
export type WireFound = Pick<z.output<ReturnType<typeof contactShape>>, 'externalId' | 'encryptedId' | 'properties'>;

/**
 * Contacts that Mail+ finds by the values of properties. HubError REQUEST_INVALID, with the field, for a property that the account does
 * not show or that cannot be searched, and for a value that does not fit it; nothing was sent then.
 */
export async function searchContacts(context: PlatformContext, values: Readonly<Record<string, string>>, limit: number): Promise<{ readonly contacts: readonly FoundContact[]; readonly more: boolean }> {
  const fields = await fieldsFor(context, Object.keys(values));
  const query = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, searchable(context, fieldNamed(fields, name), value)]));
  const { rows, more } = await callOperation(context, operations['contact.search'], { MPSearchQuery: query, pageSize: limit });
  return { contacts: rows.map(foundContact), more: more || rows.length > limit };
}

/** Ids and properties of a contact. */
export function foundContact({ externalId, encryptedId, properties }: WireFound): FoundContact {
  return { ...(externalId === undefined ? {} : { externalId }), ...(encryptedId === undefined ? {} : { alternateId: encryptedId }), fields: properties ?? {} };
}

/**
 * Whether a contact really has all values, by the meaning of each: how Mail+ matches is not documented (contract §3.7), and what only looks
 * alike must not count where a stranger asks.
 */
export function hasValues(context: PlatformContext, fields: readonly PlatformField[], contact: FoundContact, values: Readonly<Record<string, string>>): boolean {
  return Object.entries(values).every(([name, value]) => {
    const wanted = meaningOf(context, fields, name, value);
    return wanted !== undefined && meaningOf(context, fields, name, contact.fields[name]) === wanted;
  });
}

/** The account's properties: those that are known, or asked for anew when one of `names` is not among them. */
export async function fieldsFor(context: PlatformContext, names: readonly string[]): Promise<readonly PlatformField[]> {
  const known = await fieldsOf(context);
  return names.every((name) => known.some((field) => field.name === name)) ? known : discoverFields(context);
}

function meaningOf(context: PlatformContext, fields: readonly PlatformField[], name: string, raw: unknown): string | undefined {
  const reading = planOf(fields, context).readings.get(name);
  const value = readValue(reading?.type, reading?.canonical ?? `extra.${name}`, raw, mailplusSettings(context.settings))?.held;
  return value === undefined || value === null ? undefined : String(value).normalize('NFC').toLowerCase();
}

function fieldNamed(fields: readonly PlatformField[], name: string): PlatformField {
  const field = fields.find((one) => one.name === name);
  if (field !== undefined && field.type !== 'set') return field;
  const there = fields.flatMap((one) => (one.type === 'set' ? [] : [one.name]));
  const what = field === undefined ? 'The Mail+ account shows no such property.' : 'It is a set, by which Mail+ cannot search.';
  throw wrong(name, `«${name}»: ${what} There are: ${there.join(', ')}.`, 'Choose one of the properties that the message names; one that is missing has to be made visible in Mail+.');
}

/** The value as it is sent. `&` joins properties, and Mail+ documents no way to write it inside a value. */
function searchable(context: PlatformContext, { name, type }: PlatformField, given: string): string {
  const fitted = fitValue(type, given.trim(), mailplusSettings(context.settings).timeZone);
  if ('withheld' in fitted) throw wrong(name, `«${name}»: the value ${fitted.withheld}.`, `Give a value that fits the type ${type}.`);
  if (fitted.value === null) throw wrong(name, `«${name}»: the value is empty.`, 'Give a value to search for.');
  const text = String(fitted.value);
  if (canBeSearched(text)) return text;
  throw wrong(name, `«${name}»: a value with «&» or a control character cannot be searched.`, 'Search by another property.');
}

/** Whether a value can stand in a search. */
export function canBeSearched(value: string): boolean {
  return !/[&\p{Cc}]/u.test(value);
}

function wrong(field: string, message: string, fix: string): HubError {
  return new HubError('REQUEST_INVALID', message, { operation: 'contact.search', field, fix });
}
