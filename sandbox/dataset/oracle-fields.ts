import { domainToASCII } from 'node:url';

/**
 * The oracle's own reading of the rules about single fields. It reads what is on the wire and knows nothing about how
 * the data were made, nor anything of the product.
 */

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const ISO_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * An address in the form in which two spellings of one mailbox are equal: trimmed, lower case, composed (NFC), the domain
 * in ASCII. Plus parts and dots stay. Undefined when the text is no address (not exactly one @, a space inside, an empty
 * label such as the one after a dot at the end).
 */
export function oracleEmail(text: string): string | undefined {
  const trimmed = text.trim().normalize('NFC').toLowerCase();
  if (/\s/u.test(trimmed)) return undefined;
  const parts = trimmed.split('@');
  const [local, domain] = parts;
  if (parts.length !== 2 || !local || !domain) return undefined;
  if (local.split('.').includes('')) return undefined;
  const ascii = /^[\u0020-\u007e]+$/.test(domain) ? domain : domainToASCII(domain);
  const labels = ascii.split('.');
  return labels.length > 1 && labels.every((label) => LABEL.test(label)) ? `${local}@${ascii}` : undefined;
}

/** Whether the text holds a phone number: 7 to 15 digits, with nothing else than the usual signs between them. */
export function oracleIsPhone(text: string): boolean {
  if (!/^[\s\d()+./-]*$/u.test(text)) return false;
  const digits = text.replaceAll(/\D/gu, '').length;
  return digits >= 7 && digits <= 15;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => value === undefined || value === null || typeof value === 'string';
const isInstant = (value: unknown): boolean =>
  typeof value === 'string' && ISO_INSTANT.test(value) && !Number.isNaN(Date.parse(value));

/** A consent entry whose types are right. */
type OracleConsent = { code: string; value: boolean; date: string | null };

function isConsent(value: unknown): value is OracleConsent {
  if (!isObject(value) || typeof value['code'] !== 'string' || typeof value['value'] !== 'boolean') return false;
  return value['date'] === null || isInstant(value['date']);
}

/** The parts of a prospect card that decide its fate. */
type OracleProspect = { prospectId: string; email: string; phones: string[]; consents: OracleConsent[] };

/** Reads a card, or gives undefined when a field that has to be used is of a wrong type. */
export function readProspect(card: unknown): OracleProspect | undefined {
  if (!isObject(card)) return undefined;
  const { prospectId, email, mobile, telephone, address, consents, lastModified } = card;
  if (typeof prospectId !== 'string' || prospectId === '' || !isInstant(lastModified)) return undefined;
  if (![email, mobile, telephone, card['title'], card['forename'], card['surname']].every(isText)) return undefined;
  if (!isObject(address) || !Object.values(address).every(isText)) return undefined;
  if (!Array.isArray(consents) || !consents.every(isConsent)) return undefined;
  const phones = [mobile, telephone].filter((phone) => typeof phone === 'string');
  return { prospectId, email: typeof email === 'string' ? email : '', phones, consents };
}
