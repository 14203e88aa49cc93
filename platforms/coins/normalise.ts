import { normaliseEmail } from '../../domain/identity/email.ts';
import { normalisePhone } from '../../domain/identity/phone.ts';
import type { Fields, Scalar } from '../../domain/model/fields.ts';
import type { SourceRow } from '../../domain/model/source-record.ts';
import { holdConsents, statementsOf } from './consents.ts';
import { heldKeyOf } from './names.ts';
import type { CoinsProspect } from './schema.ts';
import type { CoinsSettings } from './settings.ts';
import { instantOf } from '../stamps.ts';

type Values = Record<string, Scalar>;
type Text = string | null | undefined;

/* Names as constants, not put together for each row: a string that is made anew is slow as the name of a property. */
const ownFields = [
  ['extra.developmentCode', 'developmentCode'], ['extra.plot', 'plot'], ['extra.source', 'source'], ['extra.levelOfInterest', 'levelOfInterest'],
  ['extra.status', 'status'], ['extra.cid', 'cid'],
] as const;
const heldTexts = ['title', 'forename', 'surname', 'email', 'mobile', 'telephone'] as const;
const heldAddress = [
  ['address.line1', 'line1'], ['address.line2', 'line2'], ['address.town', 'town'], ['address.county', 'county'], ['address.postcode', 'postcode'],
  ['address.country', 'country'],
] as const;

/** ASCII words with single spaces between them: tidy as they are. */
const alreadyTidy = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;

/** Composed (NFC), without spaces around it, with single spaces inside; empty when nothing is left. */
function tidy(text: Text): string {
  if (!text || alreadyTidy.test(text)) return text ?? '';
  return text.normalize('NFC').trim().replaceAll(/\s+/g, ' ');
}

/** As Coins holds it; spaces alone are as good as empty. */
function shown(text: Text): string {
  return text && /\S/.test(text) ? text : '';
}

function put(values: Values, name: string, text: Text): void {
  const tidied = tidy(text);
  if (tidied !== '') values[name] = tidied;
}

function putEmail(values: Values, text: Text): void {
  if (tidy(text) === '') return;
  const email = normaliseEmail(text ?? '');
  if (email.ok) values['email'] = email.value;
  else put(values, 'extra.emailRaw', text);
}

function putPhone(values: Values, name: 'mobile' | 'phone', rawName: string, text: Text, country: string): void {
  if (tidy(text) === '') return;
  const phone = normalisePhone(text ?? '', country);
  if (phone.ok) values[name] = phone.value;
  else put(values, rawName, text);
}

function putCountry(values: Values, text: Text): void {
  const country = tidy(text).toUpperCase();
  if (/^[A-Z]{2}$/.test(country)) values['country'] = country === 'UK' ? 'GB' : country;
  else put(values, 'extra.countryRaw', text);
}

function canonicalOf(prospect: CoinsProspect, settings: CoinsSettings): Fields {
  const values: Values = {};
  put(values, 'title', prospect.title);
  put(values, 'firstName', prospect.forename);
  put(values, 'lastName', prospect.surname);
  putEmail(values, prospect.email);
  putPhone(values, 'mobile', 'extra.mobileRaw', prospect.mobile, settings.defaultCountry);
  putPhone(values, 'phone', 'extra.telephoneRaw', prospect.telephone, settings.defaultCountry);
  put(values, 'addressLine1', prospect.address?.line1);
  put(values, 'addressLine2', prospect.address?.line2);
  put(values, 'city', prospect.address?.town);
  put(values, 'region', prospect.address?.county);
  put(values, 'postalCode', prospect.address?.postcode);
  putCountry(values, prospect.address?.country);
  put(values, 'owner', prospect.salesAdviser);
  for (const [name, field] of ownFields) put(values, name, prospect[field]);
  return values;
}

function heldOf(prospect: CoinsProspect, timeZone: string): Fields {
  const held: Values = {};
  for (const name of heldTexts) held[name] = shown(prospect[name]);
  for (const [name, part] of heldAddress) held[name] = shown(prospect.address?.[part]);
  holdConsents(held, prospect.consents ?? [], timeZone);
  return held;
}

/**
 * One prospect card as a source row. `card` is the card as it came, kept as the payload. Pure.
 *
 * - An empty text is no statement: the canonical field is absent (that it was there before is seen by the hub), while `held` keeps `''`.
 * - An e-mail address or number that is none is kept in `extra.emailRaw`, `extra.mobileRaw`, `extra.telephoneRaw`, a country that is no
 *   two-letter code in `extra.countryRaw`.
 * - Stamps are as Coins gave them: one that lies ahead of its receipt is clamped where it is stored, once.
 */
export function normaliseProspect(prospect: CoinsProspect, card: unknown, settings: CoinsSettings): SourceRow {
  return {
    dataType: 'contacts',
    externalId: prospect.prospectId,
    sourceTime: prospect.lastModified ? instantOf(prospect.lastModified, settings.timeZone) : null,
    payload: card,
    canonical: canonicalOf(prospect, settings),
    held: heldOf(prospect, settings.timeZone),
    heldKeyOf,
    consents: statementsOf(prospect.prospectId, prospect.consents ?? [], settings),
  };
}
