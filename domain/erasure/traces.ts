import { keyValue } from '../identity/key-value.ts';
import type { Fields } from '../model/fields.ts';

/** A normalised value by which a person is known. */
export interface PersonKey {
  readonly kind: 'email' | 'phone';
  readonly value: string;
}

const keyFields = [['email', 'email'], ['phone', 'mobile'], ['phone', 'phone']] as const;

/** All by which the person of some canonical fields is known: the address and both numbers. What is no usable value is left out. */
export function personKeys(fields: Fields): readonly PersonKey[] {
  return keyFields.flatMap(([kind, name]) => {
    const text = fields[name];
    const value = typeof text === 'string' ? keyValue(kind, text) : null;
    return value === null ? [] : [{ kind, value }];
  });
}

/** Finds a person in stored text. */
export interface Traces {
  /** A regular expression of both PostgreSQL and JavaScript, not heeding case: finds candidates for `found`. */
  readonly pattern: string;
  /** The text names the person: by address, or by number where it has no address at all (people share numbers). */
  readonly found: (text: string) => boolean;
}

const significantDigits = 9;

/** What finds a person with these keys, however the numbers are written; undefined without keys. Longer addresses that contain one of them are others'. */
export function tracesOf(keys: readonly PersonKey[]): Traces | undefined {
  const patterns = [addressesIn(keys), numbersIn(keys)] as const;
  const [emails, phones] = patterns.map((pattern) => (pattern === undefined ? undefined : new RegExp(pattern, 'i')));
  const given = patterns.filter((pattern) => pattern !== undefined);
  if (given.length === 0) return undefined;
  return {
    pattern: given.join('|'),
    found: (text) => emails?.test(text) === true || (phones?.test(text) === true && !text.includes('@')),
  };
}

function addressesIn(keys: readonly PersonKey[]): string | undefined {
  const emails = keys.filter(({ kind }) => kind === 'email').map(({ value }) => value.replaceAll(/[^a-z0-9@_-]/gi, (sign) => `\\${sign}`));
  return emails.length === 0 ? undefined : `(?<![a-z0-9._%+-])(?:${emails.join('|')})(?![a-z0-9-]|\\.[a-z0-9])`;
}

function numbersIn(keys: readonly PersonKey[]): string | undefined {
  const phones = keys.filter(({ kind }) => kind === 'phone').map(({ value }) => value.replaceAll(/\D/g, '').slice(-significantDigits).split('').join('[ ()./-]{0,3}'));
  return phones.length === 0 ? undefined : `(?:${phones.join('|')})(?![0-9])`;
}

/**
 * JSON without what names the person: an element of an array goes as a whole, with all that it says of the person; what names the person
 * outside an array leaves nothing (`null`). Pure.
 */
export function withoutTraces(value: unknown, traces: Traces): unknown {
  const stripped = strip(value, traces);
  return traces.found(textOf(stripped)) ? null : stripped;
}

function strip(value: unknown, traces: Traces): unknown {
  if (Array.isArray(value)) return value.map((element: unknown) => strip(element, traces)).filter((element) => !traces.found(textOf(element)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]: [string, unknown]) => [name, typeof part === 'object' ? strip(part, traces) : part]));
}

const textOf = (value: unknown): string => JSON.stringify(value) ?? '';
