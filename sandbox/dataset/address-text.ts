import type { Person } from './people.ts';
import type { Prng } from './prng.ts';

const SURROUNDS = [[' ', ''], ['', ' '], ['  ', '  '], ['\t', ''], ['', '\u00a0']] as const;

function randomCapitals(prng: Prng, text: string): string {
  return Array.from(text, (letter) => (prng.chance(0.4) ? letter.toUpperCase() : letter)).join('');
}

function domainText(prng: Prng, person: Person): string {
  if (person.domain === person.asciiDomain) return person.domain;
  const style = prng.below(4);
  if (style === 0) return person.asciiDomain;
  if (style === 1) return person.domain.normalize('NFD');
  return style === 2 ? person.domain.toUpperCase() : person.domain;
}

/**
 * A valid address as people type it: mostly plain, at times in odd capitals or with spaces around it; an
 * internationalised domain in Unicode, decomposed, in capitals or in ASCII.
 */
export function typedAddress(prng: Prng, person: Person, local = person.local): string {
  const plain = `${local}@${domainText(prng, person)}`;
  const style = prng.next();
  if (style < 0.78) return plain;
  if (style < 0.84) return plain.toUpperCase();
  if (style < 0.92) return randomCapitals(prng, plain);
  const [before, after] = prng.pick(SURROUNDS);
  return before + plain + after;
}

/** A local part that looks like the person's but is another mailbox: with `+home` behind it, or with one dot less. */
export function nearLocal(prng: Prng, person: Person): string {
  return prng.chance(0.5) ? `${person.local}+home` : person.local.replace('.', '');
}

/** An address that is none: no @, two @, a space inside, or a dot at the end. */
export function invalidAddress(prng: Prng, person: Person): string {
  const { local, asciiDomain } = person;
  return prng.pick([
    `${local}.${asciiDomain}`,
    `${local}@home@${asciiDomain}`,
    `${local.replace('.', ' ')}@${asciiDomain}`,
    `${local}@${asciiDomain}.`,
  ]);
}

/** A phone number of the range that is kept free for fiction (07700 900000 to 900999), in one of the usual spellings. */
export function typedPhone(prng: Prng): string {
  const last = String(prng.below(1000)).padStart(3, '0');
  return prng.pick([
    `+447700900${last}`, `+447700900${last}`, `07700 900${last}`, `07700900${last}`, `(07700) 900 ${last}`,
    `0044 7700 900${last}`, `+44 7700 900-${last}`,
  ]);
}

/** What people type into a phone field when they have no phone. */
export const NO_PHONES = ['n/a', 'none', '-', 'ask office', '12345'] as const;
