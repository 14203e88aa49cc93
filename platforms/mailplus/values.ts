import { normaliseEmail } from '../../domain/identity/email.ts';
import { normalisePhone } from '../../domain/identity/phone.ts';
import { extraPrefix, type Scalar } from '../../domain/model/fields.ts';
import { countryCode } from './countries.ts';
import { decodeDate, decodeInstant } from './dates.ts';

/** What is needed to read values. */
export interface ValueSettings {
  readonly timeZone: string;
  readonly defaultCountry: string;
}

/** A value as Mail+ holds it, and what it means. `canonical` is absent when the value is none of the kind that the canonical field takes. */
export interface ReadValue {
  readonly held: Scalar;
  readonly canonical?: Scalar;
}

/** Printable ASCII without outer and double spaces. */
const instantForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const tidyText = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;

/**
 * Reads a property's value, by its type (contract §3.2) and the canonical field it is mapped to, into the one form that is compared,
 * stored and sent: dates `yyyy-MM-dd`, instants in UTC, whole numbers as numbers, gender `M` or `F`, e-mail addresses in lower case,
 * phone numbers in E.164, country codes, language tags. So a spelling in Mail+ that means the same is no difference and is left alone.
 * `undefined` for empty and for what is no value at all.
 */
export function readValue(type: string | undefined, canonicalName: string, raw: unknown, settings: ValueSettings): ReadValue | undefined {
  if (typeof raw === 'string') {
    const text = tidyText.test(raw) ? raw : raw.normalize('NFC').trim().replaceAll(/\s+/g, ' ');
    return text === '' ? undefined : withMeaning(canonicalName, readText(type, text, settings), settings);
  }
  if (typeof raw === 'number' && Number.isFinite(raw)) return withMeaning(canonicalName, readNumber(type, raw, settings), settings);
  return typeof raw === 'boolean' ? withMeaning(canonicalName, raw, settings) : undefined;
}

/** `M` or `F` for the ways in which it is written, else the word as it is. */
export function readGender(text: string): string {
  const word = text.toLowerCase();
  if (word === 'm' || word === 'male') return 'M';
  return word === 'f' || word === 'female' ? 'F' : text;
}

function readText(type: string | undefined, text: string, { timeZone }: ValueSettings): Scalar {
  switch (type) {
    case 'birthdate':
    case 'date': return decodeDate(text, timeZone) ?? text;
    case 'dateTime': return decodeInstant(text, timeZone) ?? text;
    case 'int':
    case 'money': return /^-?\d{1,15}(?:\.\d{1,6})?$/.test(text) ? Number(text) : text;
    case 'gender': return readGender(text);
    default: return text;
  }
}

function readNumber(type: string | undefined, value: number, { timeZone }: ValueSettings): Scalar {
  switch (type) {
    case 'birthdate':
    case 'date': return decodeDate(value, timeZone) ?? value;
    case 'dateTime': return decodeInstant(value, timeZone) ?? value;
    case 'int':
    case 'money':
    case undefined: return value;
    default: return String(value);
  }
}

const keepsForm: Readonly<Record<string, RegExp>> = {
  gender: /^[MF]$/, birthDate: /^\d{4}-\d{2}-\d{2}$/, firstPurchaseAt: instantForm, lastPurchaseAt: instantForm,
};

function withMeaning(canonicalName: string, value: Scalar, { defaultCountry }: ValueSettings): ReadValue {
  if (canonicalName.startsWith(extraPrefix)) return same(value);
  const text = String(value);
  switch (canonicalName) {
    case 'email': return meant(value, normaliseEmail(text));
    case 'mobile':
    case 'phone': return meant(value, normalisePhone(text, defaultCountry));
    case 'country': return meant(value, countryCode(text));
    case 'language': return /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(text) ? same(text.replace(/^[A-Za-z]+/, (tag) => tag.toLowerCase())) : { held: value };
    default: return keepsForm[canonicalName]?.test(text) === false ? { held: value } : { held: value, canonical: text };
  }
}

const same = (value: Scalar): ReadValue => ({ held: value, canonical: value });

function meant(value: Scalar, normalised: { readonly ok: true; readonly value: string } | { readonly ok: false }): ReadValue {
  return normalised.ok ? same(normalised.value) : { held: value };
}
