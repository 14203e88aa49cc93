import {
  ACCENTED_GIVEN, CJK_GIVEN, IDN_DOMAINS, ODD_SURNAMES, PLAIN_DOMAINS, PLAIN_GIVEN, SURNAME_HEADS, SURNAME_TAILS,
} from './names.ts';
import type { GivenName } from './names.ts';
import { createPrng, mixSeed } from './prng.ts';
import type { Prng } from './prng.ts';

/** An invented person: a name, and an e-mail address of their own in its plain form (lower case, composed letters). */
export type Person = {
  forename: string;
  surname: string;
  /** Local part of the address, ASCII. */
  local: string;
  /** Mail domain in Unicode, and the same in ASCII (equal when the domain is plain). */
  domain: string;
  asciiDomain: string;
};

function givenName(prng: Prng): GivenName {
  const style = prng.next();
  if (style < 0.82) return prng.pick(PLAIN_GIVEN);
  return style < 0.96 ? prng.pick(ACCENTED_GIVEN) : prng.pick(CJK_GIVEN);
}

function familyName(prng: Prng): GivenName {
  if (prng.chance(0.12)) return prng.pick(ODD_SURNAMES);
  const text = prng.pick(SURNAME_HEADS) + prng.pick(SURNAME_TAILS);
  return { text, ascii: text.toLowerCase() };
}

/**
 * The person with this number. Depends on nothing but `seed`, `realm` and `number`, so any of them can be made at any
 * time; two numbers never have the same address, and neither have two realms.
 *
 * @param realm keeps two populations apart (`p` prospects, `m` contacts that only Mail+ knows).
 */
export function personAt(seed: number, realm: 'p' | 'm', number: number): Person {
  const prng = createPrng(mixSeed(seed, realm === 'p' ? 1 : 2, number));
  const forename = givenName(prng);
  const surname = familyName(prng);
  const idn = realm === 'p' && prng.chance(0.04) ? prng.pick(IDN_DOMAINS) : undefined;
  const domain = idn?.unicode ?? prng.pick(PLAIN_DOMAINS);
  return {
    forename: forename.text,
    surname: surname.text,
    local: `${forename.ascii}.${surname.ascii}.${realm}${number.toString(36)}`,
    domain,
    asciiDomain: idn?.ascii ?? domain,
  };
}
