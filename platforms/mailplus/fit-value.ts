import type { Scalar } from '../../domain/model/fields.ts';
import { decodeDate, decodeInstant } from './dates.ts';
import { readGender } from './values.ts';

/** A value in the form that Mail+ takes, or why it does not. */
export type Fit = { readonly value: Scalar } | { readonly withheld: string };

/** Longest text that is sent. Mail+ documents no length for contact properties; 255 is the only length that its contract names elsewhere. */
const maxTextLength = 255;
const dutchPostcode = /^[1-9][0-9]{3}\s?[A-Za-z]{2}$/;
const phoneNumber = /^\+?[0-9][0-9 ()-]{4,18}[0-9]$/;
const emailAddress = /^[^\s@]+@[^\s@]+\.[^\s@.]+$/;

/** Fits a canonical value to a property's type (contract §3.2); `null` empties the property. Pure. */
export function fitValue(type: string, value: Scalar, timeZone: string): Fit {
  if (value === null || value === '') return { value: null };
  switch (type) {
    case 'set': return { withheld: 'a set of Mail+ has switches; map the field to one of them, as «list1:2»' };
    case 'int':
    case 'money': return fitNumber(value);
    case 'birthdate':
    case 'date': return fit(decodeDate(value, timeZone), 'is no calendar date');
    case 'dateTime': return fit(decodeInstant(value, timeZone), 'is no date and time');
    default: return typeof value === 'boolean' ? { withheld: 'yes or no does not fit a text property' } : fitText(type, String(value).trim());
  }
}

function fitNumber(value: Scalar): Fit {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : value;
  return Number.isSafeInteger(number) ? { value: number } : { withheld: 'is no whole number' };
}

function fitText(type: string, text: string): Fit {
  if (text.length > maxTextLength) return { withheld: `is longer than ${maxTextLength} characters` };
  if (type === 'postcode') return dutchPostcode.test(text) ? { value: text } : { withheld: 'is no Dutch postcode, and the property takes no other' };
  if (type === 'mobNr') return phoneNumber.test(text) ? { value: text } : { withheld: 'is no phone number' };
  if (type === 'email') return emailAddress.test(text) ? { value: text } : { withheld: 'is no e-mail address' };
  if (type !== 'gender') return { value: text };
  const gender = readGender(text);
  return gender === 'M' || gender === 'F' ? { value: gender } : { withheld: 'Mail+ knows M and F only' };
}

function fit(value: string | undefined, otherwise: string): Fit {
  return value === undefined ? { withheld: otherwise } : { value };
}
