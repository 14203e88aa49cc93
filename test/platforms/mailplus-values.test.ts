import { describe, expect, it } from '@jest/globals';
import { countryCode } from '../../platforms/mailplus/countries.ts';
import { dateParameter, decodeDate, decodeInstant } from '../../platforms/mailplus/dates.ts';
import { readValue } from '../../platforms/mailplus/values.ts';

const zone = 'Europe/Amsterdam';
const settings = { timeZone: zone, defaultCountry: 'NL' };

describe('dates from Mail+', () => {
  it.each([
    [1_646_650_000_000, '2022-03-07T10:46:40.000Z'],
    [1_646_650_000, '2022-03-07T10:46:40.000Z'],
    ['1646650000000', '2022-03-07T10:46:40.000Z'],
    ['2022-03-07T10:46:40Z', '2022-03-07T10:46:40.000Z'],
    ['2022-03-07T11:46:40+01:00', '2022-03-07T10:46:40.000Z'],
    ['2022-03-07T11:46:40.123+0100', '2022-03-07T10:46:40.123Z'],
    ['2022-03-07T11:46:40.123456789+01', '2022-03-07T10:46:40.123Z'],
    ['2022-03-07T11:46:40', '2022-03-07T10:46:40.000Z'],
    ['2022-07-07 11:46', '2022-07-07T09:46:00.000Z'],
    ['2022-07-07', '2022-07-06T22:00:00.000Z'],
    ['2024-02-29T10:46:40.000Z', '2024-02-29T10:46:40.000Z'],
    [' 2022-03-07T10:46:40Z ', '2022-03-07T10:46:40.000Z'],
  ])('reads %p', (value, instant) => expect(decodeInstant(value, zone)).toBe(instant));

  it.each(['', 'yesterday', '2022-13-07', '2022-02-30T10:00:00Z', '2022-03-07T25:00:00Z', '2022-02-30T10:00:00.000Z', '2022-03-07T24:00:00.000Z', '2022-13-07T10:00:00.000Z', null, undefined, {}, true, Number.NaN, 1e300])(
    'takes %p for no instant', (value) => expect(decodeInstant(value, zone)).toBeUndefined());

  it.each([
    ['1980-05-01', '1980-05-01'], ['1980-05-01T00:00:00', '1980-05-01'], ['1980-04-30T22:00:00Z', '1980-05-01'], [325_980_000, '1980-05-01'],
    ['1980-02-31', undefined], ['05/01/1980', undefined],
  ])('reads the calendar date %p', (value, date) => expect(decodeDate(value, zone)).toBe(date));

  it('writes date parameters in UTC with the offset', () => expect(dateParameter('2026-11-21T10:00:00.000Z')).toBe('2026-11-21T10:00:00.000+00:00'));
});

describe('values of Mail+ properties', () => {
  it.each([
    ['string', 'lastName', '  de   Vries ', 'de Vries'],
    ['string', 'houseNumber', 12, '12'],
    ['int', 'extra.freeField1', '12', 12],
    ['money', 'extra.price', 1250, 1250],
    ['gender', 'gender', 'MALE', 'M'],
    ['birthdate', 'birthDate', '1980-05-01T00:00:00', '1980-05-01'],
    ['dateTime', 'firstPurchaseAt', 1_646_650_000_000, '2022-03-07T10:46:40.000Z'],
    ['email', 'email', 'Ann@EXAMPLE.com', 'ann@example.com'],
    ['mobNr', 'mobile', '06 12345678', '+31612345678'],
    ['string', 'phone', '+44 7700 900123', '+447700900123'],
    ['string', 'country', 'Nederland', 'NL'],
    ['string', 'language', 'NL', 'nl'],
    ['string', 'language', 'EN-GB', 'en-GB'],
    [undefined, 'extra.new', true, true],
  ])('reads %s as %s', (type, canonical, raw, value) => expect(readValue(type, canonical, raw, settings)).toEqual({ held: value, canonical: value }));

  it.each([['email', 'email', 'none'], ['mobNr', 'mobile', 'ask'], ['string', 'country', 'Atlantis'], ['gender', 'gender', 'X'], ['birthdate', 'birthDate', 'in May'], ['dateTime', 'firstPurchaseAt', 'once'], ['string', 'language', 'Dutch']])('holds a %s that is none without taking it for one', (type, canonical, raw) => {
    expect(readValue(type, canonical, raw, settings)).toEqual({ held: raw });
  });

  it.each([null, undefined, '', '   ', {}, [], Number.NaN])('finds no value in %p', (raw) => expect(readValue('string', 'city', raw, settings)).toBeUndefined());
});

describe('names of countries', () => {
  it.each([['nl', 'NL'], ['Verenigd Koninkrijk', 'GB'], ['UK', 'GB'], ['Belgium', 'BE'], ['België', 'BE'], ['Deutschland', 'DE'], ['The Netherlands', 'NL']])('reads %s', (text, value) => {
    expect(countryCode(text)).toEqual({ ok: true, value });
  });
  it.each(['', 'XX', 'Europe', 'N L'])('does not know «%s»', (text) => expect(countryCode(text)).toEqual({ ok: false }));
});
