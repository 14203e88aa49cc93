import { booleanIn, fieldsOf, instantIn, isFields, isTexts, requiredText } from './checks.ts';
import { wrongValue } from './refusal.ts';
import type { CoinsSettings } from './state.ts';
import type { Consent, WireProspect } from './wire.ts';

function isCard(card: unknown): card is WireProspect {
  return isFields(card) && typeof card['prospectId'] === 'string' && card['prospectId'] !== '';
}

/** Prospect cards to put in; only the id is checked, so that cards of a wrong type can be seeded. */
export function readCards(body: unknown): WireProspect[] {
  const cards = fieldsOf(body, 'body', ['prospects'])['prospects'];
  if (!Array.isArray(cards) || !cards.every(isCard)) throw wrongValue('prospects', 'prospects must be a list of cards with a prospectId');
  return cards;
}

/** An edit by a Coins user: any fields of the card but its id. */
export function readCardEdit(body: unknown): Partial<WireProspect> {
  if (!isFields(body)) throw wrongValue('body', 'the body must be an object');
  if ('prospectId' in body) throw wrongValue('prospectId', 'the id of a card cannot be changed');
  return body;
}

/** A consent that a Coins user puts on a card; without a date it is never asked (false) or an undated grant (true). */
export function readOwnConsent(body: unknown): Pick<Consent, 'code' | 'value' | 'date'> {
  const fields = fieldsOf(body, 'consent', ['code', 'value', 'date']);
  const date = fields['date'] === null ? null : instantIn(fields, 'date');
  return { code: requiredText(fields, 'code'), value: booleanIn(fields, 'value'), date };
}

/** Which cards to merge into which. */
export function readMerge(body: unknown): { from: string[]; into: string } {
  const fields = fieldsOf(body, 'merge', ['from', 'into']);
  const from = fields['from'];
  if (!Array.isArray(from) || from.length === 0 || !from.every((id) => typeof id === 'string')) {
    throw wrongValue('from', 'from must be a list of prospect ids');
  }
  return { from, into: requiredText(fields, 'into') };
}

/** Settings to change; those that are left out stay. */
export function readSettings(body: unknown): Partial<CoinsSettings> {
  const fields = fieldsOf(body, 'settings', ['tasksLicensed', 'strictCampaigns', 'consentCodes']);
  const settings: Partial<CoinsSettings> = {};
  if ('tasksLicensed' in fields) settings.tasksLicensed = booleanIn(fields, 'tasksLicensed');
  if ('strictCampaigns' in fields) settings.strictCampaigns = booleanIn(fields, 'strictCampaigns');
  const codes = fields['consentCodes'];
  if (codes === undefined) return settings;
  if (!isTexts(codes)) throw wrongValue('consentCodes', 'consentCodes must be codes with descriptions');
  settings.consentCodes = codes;
  return settings;
}
