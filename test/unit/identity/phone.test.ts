import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { normalisePhone, phoneProblems } from '../../../domain/identity/phone.ts';
import { testSeed } from '../../support/test-seed.ts';

fc.configureGlobal({ seed: testSeed() });

const spellings: readonly (readonly [string, string, string])[] = [
  ['+447700900123', 'GB', '+447700900123'],
  ['+447700900123', 'XX', '+447700900123'],
  ['07700 900123', 'GB', '+447700900123'],
  ['(07700) 900 123', 'GB', '+447700900123'],
  ['0044 7700 900123', 'GB', '+447700900123'],
  ['+44 7700 900-123', 'NL', '+447700900123'],
  ['+44 (0)7700 900123', 'GB', '+447700900123'],
  ['+4407700900123', 'GB', '+447700900123'],
  [' 07700900123\u00a0', 'GB', '+447700900123'],
  ['020 7946 0958', 'GB', '+442079460958'],
  ['06 12345678', 'NL', '+31612345678'],
  ['0474 12 34 56', 'BE', '+32474123456'],
  ['(202) 555-0143', 'US', '+12025550143'],
  ['+39 06 1234 5678', 'GB', '+390612345678'],
];

const refusals: readonly (readonly [keyof typeof phoneProblems, string, string])[] = [
  ['empty', ' ', 'GB'], ['notANumber', 'n/a', 'GB'], ['notANumber', 'none', 'GB'], ['notANumber', '-', 'GB'], ['notANumber', 'ask office', 'GB'],
  ['impossible', '12345', 'GB'], ['impossible', '999', 'GB'], ['impossible', '0000000000', 'GB'], ['impossible', '07700 900 1234', 'GB'],
  ['impossible', '0207 946', 'GB'], ['extension', '+447700900123 ext 5', 'GB'], ['notANumber', '07700 900123 / 07700 900124', 'GB'],
  ['notANumber', '07700 900123', 'XX'], ['notANumber', '+99912345678', 'GB'], ['notANumber', '1'.repeat(200), 'GB'],
];

describe('normalisePhone', () => {
  it.each(spellings)('reads %j in %s as %s', (text, country, expected) => {
    expect(normalisePhone(text, country)).toEqual({ ok: true, value: expected });
  });

  it.each(refusals)('refuses as %s: %j in %s', (problem, text, country) => {
    expect(normalisePhone(text, country)).toEqual({ ok: false, reason: phoneProblems[problem] });
  });
});

const countries = fc.constantFrom('GB', 'NL', 'BE', 'DE', 'FR', 'IE', 'US');
const digits = (min: number, max: number) => fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((list) => list.join(''));
const beginnings = fc.constantFrom('', '0', '00', '+', '+44', '+447', '+31', '+316', '+324', '+49', '+4915', '+33', '+353', '+3538', '07', '06', '0044', '0031', '015', '08');
const spaced = fc.tuple(beginnings, digits(5, 12), fc.constantFrom('', ' ', '-', '.', '(')).map(([start, rest, sign]) => `${start}${rest.slice(0, 3)}${sign}${rest.slice(3)}`);

describe('normalisePhone over random numbers', () => {
  it('reads the usual forms exactly as the library does', () => {
    fc.assert(fc.property(spaced, countries, (text, country) => {
      const phone = normalisePhone(text, country);
      const parsed = parsePhoneNumberFromString(text, { defaultCountry: country as 'GB', extract: false });
      if (phone.ok) expect({ number: parsed?.number, possible: parsed?.isPossible() }).toEqual({ number: phone.value, possible: true });
      else expect(parsed?.isValid() === true && parsed.ext === undefined).toBe(false);
    }), { numRuns: 5_000 });
  });

  it('gives the same again when its result is normalised, in whatever country', () => {
    fc.assert(fc.property(spaced, countries, countries, (text, country, other) => {
      const first = normalisePhone(text, country);
      if (first.ok) expect(normalisePhone(first.value, other)).toEqual(first);
    }), { numRuns: 3_000 });
  });
});
