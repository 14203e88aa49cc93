import { DateTime } from 'luxon';
import type { Instant } from '../../domain/model/fields.ts';

const isoPattern = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;
/** The form of our own instants; a day up to 28 exists in every month. */
const usualForm = /^\d{4}-(?:0[1-9]|1[0-2])-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const commonDay = /^.{8}(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d/;
/** Numbers above this are milliseconds, below it seconds (contract §1.6). */
const secondsLimit = 1e11;
const lastMs = 8.64e15;

/**
 * An instant out of what Mail+ may write (contract §1.6): ISO 8601 with or without offset, milliseconds or seconds since 1970
 * as a number or in digits. Without offset it is read in `timeZone`. `undefined` when it is none of these.
 */
export function decodeInstant(value: unknown, timeZone: string): Instant | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return undefined;
  if (usualForm.test(value)) return fromUsualForm(value);
  const text = value.trim();
  if (/^-?\d{5,16}$/.test(text)) return fromNumber(Number(text));
  const match = isoPattern.exec(text);
  const [, day, time, offset] = match ?? [];
  if (day === undefined || !isCalendarDate(day)) return undefined;
  if (offset === undefined) return inZone(`${day}T${time?.replace(',', '.') ?? '00:00'}`, timeZone);
  return fromNumberMs(Date.parse(`${day}T${time?.replace(',', '.') ?? ''}${fullOffset(offset)}`));
}

/** A calendar date `yyyy-MM-dd` out of what Mail+ may write; an instant is read in `timeZone`. `undefined` when it is neither. */
export function decodeDate(value: unknown, timeZone: string): string | undefined {
  if (typeof value === 'string') {
    const [, day, rest] = /^(\d{4}-\d{2}-\d{2})(.*)$/.exec(value.trim()) ?? [];
    if (day !== undefined && /^(?:T00:00(?::00(?:\.0+)?)?)?$/.test(rest ?? '')) return isCalendarDate(day) ? day : undefined;
  }
  const instant = decodeInstant(value, timeZone);
  return instant === undefined ? undefined : DateTime.fromISO(instant, { zone: timeZone }).toISODate() ?? undefined;
}

/** Whether a text is a calendar date `yyyy-MM-dd` that exists. */
export function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** An instant as a date parameter: in UTC with its offset written out, the form that a client proved against the real API. */
export function dateParameter(instant: Instant): string {
  return new Date(instant).toISOString().replace('Z', '+00:00');
}

/** An instant in the form `yyyyMMddHHmmss`, by the wall clock of `timeZone`. */
export function wallClock(instant: Instant, timeZone: string): string {
  return DateTime.fromISO(instant, { zone: timeZone }).toFormat('yyyyMMddHHmmss');
}

function fromUsualForm(text: string): Instant | undefined {
  if (commonDay.test(text)) return text;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text ? text : undefined;
}

function fromNumber(value: number): Instant | undefined {
  return fromNumberMs(Math.abs(value) > secondsLimit ? value : value * 1000);
}

function fromNumberMs(ms: number): Instant | undefined {
  return Number.isFinite(ms) && Math.abs(ms) <= lastMs ? new Date(Math.trunc(ms)).toISOString() : undefined;
}

function inZone(local: string, timeZone: string): Instant | undefined {
  const time = DateTime.fromISO(local, { zone: timeZone });
  return time.isValid ? time.toUTC().toISO() ?? undefined : undefined;
}

function fullOffset(offset: string): string {
  if (/^z$/i.test(offset)) return 'Z';
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
  return `${offset[0] ?? '+'}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
