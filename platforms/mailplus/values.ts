import type { Scalar } from '../../domain/model/fields.ts';
import { decodeDate, decodeInstant } from './dates.ts';

/**
 * A property's value in the one form that is compared, stored and sent, by the property's type (contract §3.2): dates `yyyy-MM-dd`,
 * instants in UTC, whole numbers as numbers, gender `M` or `F`. `null` for empty, `undefined` for what is no value at all.
 */
export function readValue(type: string | undefined, raw: unknown, timeZone: string): Scalar | undefined {
  if (raw === null || raw === undefined || raw === '') return null;
  if (typeof raw !== 'string' && typeof raw !== 'number' && typeof raw !== 'boolean') return undefined;
  switch (type) {
    case 'birthdate':
    case 'date':
      return decodeDate(raw, timeZone) ?? raw;
    case 'dateTime':
      return decodeInstant(raw, timeZone) ?? raw;
    case 'int':
    case 'money':
      return typeof raw === 'string' && /^-?\d{1,15}(?:\.\d+)?$/.test(raw.trim()) ? Number(raw) : raw;
    case 'gender':
      return readGender(raw);
    case undefined:
      return raw;
    default:
      return typeof raw === 'boolean' ? raw : String(raw);
  }
}

/** `M` or `F` for the ways in which it is written; other words as they are. */
export function readGender(raw: string | number | boolean): Scalar {
  const word = String(raw).trim().toLowerCase();
  if (word === 'm' || word === 'male') return 'M';
  if (word === 'f' || word === 'female') return 'F';
  return String(raw);
}
