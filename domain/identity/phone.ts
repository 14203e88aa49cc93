import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';

/** Why a text is no phone number: sentences for a person, without personal data. */
export const phoneProblems = {
  empty: 'The phone number is empty.',
  notANumber: 'The text is no phone number.',
  extension: 'The phone number has an extension: it does not belong to one person.',
  impossible: 'The phone number has a length or a beginning that its country does not have.',
} as const;

/** One of the sentences of `phoneProblems`. */
export type PhoneProblem = (typeof phoneProblems)[keyof typeof phoneProblems];

/** A phone number in E.164, or why there is none. */
export type NormalisedPhone = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: PhoneProblem };

const maxTextLength = 100;

/** The usual numbers of the countries that are met most, by national significant number; all have the trunk prefix 0 and 00 for abroad. */
const usualNumbers = {
  GB: { code: '44', form: '[1237]\\d{9}' },
  NL: { code: '31', form: '[1-7]\\d{8}' },
  BE: { code: '32', form: '4\\d{8}' },
  DE: { code: '49', form: '1[5-7]\\d{8,9}' },
  FR: { code: '33', form: '[1-79]\\d{8}' },
  IE: { code: '353', form: '8\\d{8}' },
} as const;

const usualAbroad = new RegExp(`^\\+(?:${Object.values(usualNumbers).map(({ code, form }) => `${code}(?:${form})`).join('|')})$`);
const usualAtHome = new Map(
  Object.entries(usualNumbers).map(([country, { code, form }]) => [country, { code, form: new RegExp(`^(?:00${code}|0)(${form})$`) }]),
);

/**
 * Normalises a phone number to E.164. `defaultCountry` (ISO 3166-1 alpha-2) is for numbers without a country; when it is not
 * known, these are refused. The number has to be possible in its country, not in use: ranges open faster than
 * metadata follow, and those that are kept free for fiction count too. Numbers of the usual forms take a short way to the same result.
 */
export function normalisePhone(text: string, defaultCountry: string): NormalisedPhone {
  if (text.length > maxTextLength) return refuse('notANumber');
  if (usualAbroad.test(text)) return { ok: true, value: text };
  const number = text.trim();
  if (number === '') return refuse('empty');
  return usual(number, defaultCountry) ?? parse(number, defaultCountry);
}

function usual(number: string, defaultCountry: string): NormalisedPhone | null {
  const digits = number.replaceAll(/[ ().-]/g, '');
  if (usualAbroad.test(digits)) return { ok: true, value: digits };
  const home = usualAtHome.get(defaultCountry);
  const national = home?.form.exec(digits)?.[1];
  return home === undefined || national === undefined ? null : { ok: true, value: `+${home.code}${national}` };
}

function parse(number: string, defaultCountry: string): NormalisedPhone {
  const country = isSupportedCountry(defaultCountry) ? { defaultCountry } : {};
  const parsed = parsePhoneNumberFromString(number, { ...country, extract: false });
  if (parsed === undefined) return refuse('notANumber');
  if (parsed.ext !== undefined) return refuse('extension');
  const possible = parsed.isPossible() && (!parsed.nationalNumber.startsWith('0') || parsed.isValid());
  return possible ? { ok: true, value: parsed.number } : refuse('impossible');
}

function refuse(problem: keyof typeof phoneProblems): NormalisedPhone {
  return { ok: false, reason: phoneProblems[problem] };
}
