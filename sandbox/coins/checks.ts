import { wrongValue } from './refusal.ts';

/** A JSON object whose fields have not been looked at yet. */
export type Fields = Record<string, unknown>;

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;
const CALENDAR_DATE = /^\d{4}-\d\d-\d\d$/;

/** Whether the value is a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the value is an object that holds texts only. */
export function isTexts(value: unknown): value is Record<string, string> {
  return isFields(value) && Object.values(value).every((text) => typeof text === 'string');
}

/** The value as an object that has no other fields than the allowed ones. */
export function fieldsOf(value: unknown, where: string, allowed: readonly string[]): Fields {
  if (!isFields(value)) throw wrongValue(where, `${where} must be an object`);
  const unknown = Object.keys(value).find((name) => !allowed.includes(name));
  if (unknown !== undefined) throw wrongValue(unknown, `${unknown} is not a field of ${where}`);
  return value;
}

/** Limits of a text; without `min` it may be empty. */
export type TextRule = { min?: number; max?: number; pattern?: RegExp; says?: string };

/** The text in this field. */
export function textIn(fields: Fields, name: string, rule: TextRule = {}): string {
  const value = fields[name];
  if (typeof value !== 'string') throw wrongValue(name, `${name} must be a text`);
  if (value.length < (rule.min ?? 0)) throw wrongValue(name, `${name} must not be empty`);
  if (value.length > (rule.max ?? 255)) throw wrongValue(name, `${name} is longer than ${rule.max ?? 255} characters`);
  if (rule.pattern && !rule.pattern.test(value)) throw wrongValue(name, `${name} ${rule.says ?? 'has a wrong form'}`);
  return value;
}

/** The text in this field, or undefined when the field is not there. */
export function optionalText(fields: Fields, name: string, rule: TextRule = {}): string | undefined {
  return fields[name] === undefined ? undefined : textIn(fields, name, rule);
}

/** A required text of at least one character. */
export function requiredText(fields: Fields, name: string, max = 255): string {
  return textIn(fields, name, { min: 1, max });
}

/** The instant in this field: ISO 8601 with an offset. */
export function instantIn(fields: Fields, name: string): string {
  const text = textIn(fields, name);
  if (!INSTANT.test(text) || Number.isNaN(Date.parse(text))) {
    throw wrongValue(name, `${name} must be an ISO 8601 time with an offset`);
  }
  return text;
}

/** The calendar date in this field, `yyyy-MM-dd`, or undefined when the field is not there. */
export function optionalDate(fields: Fields, name: string): string | undefined {
  const text = optionalText(fields, name);
  if (text === undefined) return undefined;
  if (!CALENDAR_DATE.test(text) || Number.isNaN(Date.parse(text))) throw wrongValue(name, `${name} must be a date, yyyy-MM-dd`);
  return text;
}

/** The boolean in this field. */
export function booleanIn(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value !== 'boolean') throw wrongValue(name, `${name} must be true or false`);
  return value;
}

/** The whole number in this field, or the fall-back when the field is not there. */
export function wholeIn(fields: Fields, name: string, fallback: number, min = 0, max = Number.MAX_SAFE_INTEGER): number {
  const value = fields[name] ?? fallback;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw wrongValue(name, `${name} must be a whole number of at least ${min}`);
  }
  return value;
}

/** JSON text with the keys in order, so that two bodies that say the same are equal. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isFields(part) ? Object.fromEntries(Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : 1))) : part);
}
