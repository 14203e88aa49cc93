import { asciiDomainOf } from './domain-name.ts';

/** Why a text is no e-mail address that a strict destination takes: sentences for a person, without personal data. */
export const emailProblems = {
  empty: 'The e-mail address is empty.',
  tooLong: 'The e-mail address is too long: at most 64 characters before the @ and 254 in all.',
  innerSpace: 'The e-mail address has a space or a control character inside.',
  noAt: 'The e-mail address has no @.',
  twoAts: 'The e-mail address has more than one @.',
  localPart: 'The part before the @ is no plain mailbox name: letters without accents, digits, the usual signs, single dots inside.',
  domain: 'The part after the @ is no domain name.',
} as const;

/** One of the sentences of `emailProblems`. */
export type EmailProblem = (typeof emailProblems)[keyof typeof emailProblems];

/** An address in the form in which two spellings of one mailbox are equal, or why there is none. */
export type NormalisedEmail = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: EmailProblem };

const maxLength = 254;
const maxLocalLength = 64;
/** Longer texts are refused before any work is done on them; leaves room for spaces around and for composing. */
const maxTextLength = 2_000;
const unseenEnds = /^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu;
const inside = /[\s\p{Cc}]/u;
const nonAscii = /[\u0080-\u{10ffff}]/u;
const plainText = /^[\u0021-\u007e]+$/;
const atoms = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/**
 * Normalises an e-mail address (design §9): trimmed, NFC, lower case, the domain in ASCII; plus parts and dots are kept, so
 * they stay apart. Accepts a dot-atom at a domain name only: what RFC 5321 and the HTML form field both take. Normalising
 * the result again gives the same.
 */
export function normaliseEmail(text: string): NormalisedEmail {
  if (text.length > maxTextLength) return refuse('tooLong');
  const address = tidy(text);
  if (address === '') return refuse('empty');
  if (inside.test(address)) return refuse('innerSpace');
  const at = address.indexOf('@');
  if (at === -1) return refuse('noAt');
  if (address.indexOf('@', at + 1) !== -1) return refuse('twoAts');
  return join(address.slice(0, at), address.slice(at + 1));
}

function join(local: string, domainText: string): NormalisedEmail {
  if (local.length > maxLocalLength) return refuse('tooLong');
  if (!atoms.test(local)) return refuse('localPart');
  const domain = asciiDomainOf(domainText);
  if (domain === null) return refuse('domain');
  return local.length + 1 + domain.length > maxLength ? refuse('tooLong') : { ok: true, value: `${local}@${domain}` };
}

/** Without what cannot be seen around it, composed, in lower case. */
function tidy(text: string): string {
  if (plainText.test(text)) return text.toLowerCase();
  const trimmed = text.replaceAll(unseenEnds, '');
  if (!nonAscii.test(trimmed)) return trimmed.toLowerCase();
  return trimmed.normalize('NFC').toLowerCase();
}

function refuse(problem: keyof typeof emailProblems): NormalisedEmail {
  return { ok: false, reason: emailProblems[problem] };
}
