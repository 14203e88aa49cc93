import { parseIsoInstant } from '../dates.ts';
import { invalidParams } from '../http/api-error.ts';
import type { JsonObject } from './request-body.ts';
import { isObject } from './request-body.ts';

/** Text, or a number that becomes text, as the vendor's own plugins send either. `undefined` when absent or `null`. */
export function optionalText(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw invalidParams(`${name} must be text`);
}

/** The same, which must be there and not be empty. */
export function requiredText(object: JsonObject, name: string): string {
  const text = optionalText(object, name);
  if (text === undefined || text === '') throw invalidParams(`${name} is required`);
  return text;
}

/** An amount in whole cents, from a number or its digits (contract 3.14). `undefined` when absent. */
export function optionalCents(object: JsonObject, name: string): number | undefined {
  const text = optionalText(object, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw invalidParams(`${name} must be an amount in whole cents`);
  return Number(text);
}

/** The same, which must be there. */
export function requiredCents(object: JsonObject, name: string): number {
  const cents = optionalCents(object, name);
  if (cents === undefined) throw invalidParams(`${name} is required`);
  return cents;
}

/** An ISO 8601 instant in epoch milliseconds; it must be there. */
export function requiredInstant(object: JsonObject, name: string): number {
  const instantMs = parseIsoInstant(requiredText(object, name));
  if (instantMs === undefined) throw invalidParams(`${name} must be an ISO 8601 date`);
  return instantMs;
}

/** A list of texts, none of them empty. `undefined` when absent. */
export function optionalTexts(object: JsonObject, name: string): string[] | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw invalidParams(`${name} must be a list`);
  return value.map((element: unknown, index) => requiredText({ [`${name}[${index}]`]: element }, `${name}[${index}]`));
}

/** The object under this name; it must be there. */
export function requiredObject(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  if (!isObject(value)) throw invalidParams(`${name} must be an object`);
  return value;
}
