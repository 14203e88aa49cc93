import { z } from 'zod';
import type { Instant } from '../../../domain/model/fields.ts';
import { dateParameter, decodeInstant, isCalendarDate, wallClock } from '../dates.ts';

/**
 * What every shape of Mail+ is made of. Answers: each part may be absent, `null` or blank, which all become `undefined`, because no
 * source of the contract says which of them Mail+ sends; numbers may come as text (contract §1.6, §3.14).
 */

/** Nothing in place of `null`. */
export function maybe<Schema extends z.ZodType>(schema: Schema): z.ZodType<z.output<Schema> | undefined> {
  return schema.nullish().transform((value): z.output<Schema> | undefined => value ?? undefined);
}

/** An id: text, or a number as its text. Blank is absent. */
export const id = z.union([z.string(), z.number()]).nullish().transform((value) => {
  const text = value === null || value === undefined ? '' : String(value).trim();
  return text === '' ? undefined : text;
});

/** An id without which a row means nothing. */
export const neededId = z.union([z.string(), z.number()]).transform((value) => String(value).trim()).refine((text) => text !== '', 'is blank');

/** Any text. */
export const text = maybe(z.union([z.string(), z.number()]).transform(String));

const wholeText = z.string().trim().regex(/^-?\d{1,15}$/).transform(Number);

/** A whole number, also as text: counts, ids of links, amounts of money in cents. */
export const whole = maybe(z.union([z.number(), wholeText]));

/** A whole number that has to be there. */
export const neededWhole = z.union([z.number(), wholeText]);

/** Yes or no, also as text. */
export const flag = maybe(z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]));

/** A list; absent is empty. */
export function list<Row extends z.ZodType>(row: Row): z.ZodType<readonly z.output<Row>[]> {
  return z.array(row).nullish().transform((rows) => rows ?? []);
}

/** The answer to most writes: none. Whatever comes is let go. */
export const nothing = z.unknown().transform((): void => undefined);

/** A stamp as it came: ISO 8601, or milliseconds or seconds since 1970 (contract §1.6). */
export const rawStamp = z.union([z.string(), z.number()]).nullish();

/** Parts of shapes that depend on the zone in which dates without an offset are read. */
export interface Wire {
  /** A date of an answer, as an instant in UTC; blank is absent. */
  readonly instant: z.ZodType<Instant | undefined>;
  /** A date to send: ISO 8601, sent with its offset written out. */
  readonly sentInstant: z.ZodType<string, string | number>;
  /** A date to send in the older form `yyyyMMddHHmmss`, which has no room for an offset: the wall clock of the zone. */
  readonly sentWallClock: z.ZodType<string, string | number>;
}

const wires = new Map<string, Wire>();

/** The parts for an IANA zone. */
export function wireOf(timeZone: string): Wire {
  const known = wires.get(timeZone) ?? makeWire(timeZone);
  wires.set(timeZone, known);
  return known;
}

function makeWire(timeZone: string): Wire {
  const instant = rawStamp.transform((value, context): Instant | undefined => {
    if (value === null || value === undefined || value === '') return undefined;
    return decodeInstant(value, timeZone) ?? noDate(context, value);
  });
  const given = z.union([z.string(), z.number()]).transform((value, context): Instant => (isDigits(value) ? undefined : decodeInstant(value, timeZone)) ?? noDate(context, value));
  return {
    instant,
    sentInstant: given.transform(dateParameter),
    sentWallClock: z.union([z.string().refine(isWallClock, noDateWords), given.transform((at) => wallClock(at, timeZone))]),
  };
}

/** Digits in a text that is to be sent are no stamp: `20260501` is meant as a day, and would be read as one in 1970. */
const isDigits = (value: string | number): boolean => typeof value === 'string' && /^\s*-?\d+\s*$/.test(value);

const noDateWords = 'is no date: give ISO 8601 as 2026-05-01T10:00:00+02:00';

function noDate(context: z.core.$RefinementCtx, input: unknown): never {
  context.issues.push({ code: 'custom', message: noDateWords, input });
  return z.NEVER;
}

function isWallClock(value: string): boolean {
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00'] = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?$/.exec(value) ?? [];
  return isCalendarDate(`${year}-${month}-${day}`) && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
}
