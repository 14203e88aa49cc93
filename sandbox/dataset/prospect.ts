import type { Address, Consent, Prospect, WireProspect } from '../coins/wire.ts';
import { invalidAddress, NO_PHONES, nearLocal, typedAddress, typedPhone } from './address-text.ts';
import { addressOwner, kindAt } from './kinds.ts';
import type { Kind } from './kinds.ts';
import {
  BRITISH_AREAS, BRITISH_STREETS, BRITISH_TOWNS, COUNTIES, DEVELOPMENTS, DUTCH_STREETS, DUTCH_TOWNS, INTEREST_LEVELS,
  SALES_ADVISERS, SOURCES, TITLES,
} from './names.ts';
import { personAt } from './people.ts';
import type { Person } from './people.ts';
import { createPrng, mixSeed } from './prng.ts';
import type { Prng } from './prng.ts';
import { CONSENT_SPAN, instantText, MODIFIED_SPAN, secondWithin, utcText } from './times.ts';
import { spoilType } from './wrong-types.ts';

/** The codes and descriptions of the two permissions on a prospect card. */
export const EMAIL_CONSENT = { code: 'EMAIL_MKT', description: 'Consent to Receive Email Marketing' } as const;
export const SMS_CONSENT = { code: 'SMS_MKT', description: 'Consent to Receive SMS Marketing' } as const;

const LETTERS = 'ABDEFGHJLNPQRSTUWXYZ'.split('');
const twoLetters = (prng: Prng): string => prng.pick(LETTERS) + prng.pick(LETTERS);

/** The id of the prospect with this index, `P100000` upwards. */
export function prospectIdAt(index: number): string {
  return `P${100_000 + index}`;
}

function britishAddress(prng: Prng): Address {
  const postcode = `${prng.pick(BRITISH_AREAS)}${1 + prng.below(98)} ${prng.below(10)}${twoLetters(prng)}`;
  return {
    line1: `${1 + prng.below(220)} ${prng.pick(BRITISH_STREETS)}`,
    line2: prng.chance(0.15) ? `Flat ${1 + prng.below(30)}` : '',
    town: prng.pick(BRITISH_TOWNS),
    county: prng.pick(COUNTIES),
    postcode,
    country: 'GB',
  };
}

function dutchAddress(prng: Prng): Address {
  return {
    line1: `${prng.pick(DUTCH_STREETS)} ${1 + prng.below(180)}`,
    line2: '',
    town: prng.pick(DUTCH_TOWNS),
    county: '',
    postcode: `${1000 + prng.below(9000)} ${twoLetters(prng)}`,
    country: 'NL',
  };
}

function addressOf(prng: Prng): Address {
  const style = prng.next();
  if (style < 0.12) return { line1: '', line2: '', town: '', county: '', postcode: '', country: 'GB' };
  return style < 0.88 ? britishAddress(prng) : dutchAddress(prng);
}

/** When the owner of an address last spoke about e-mail; those who share the address at times speak at the same second. */
function ownerConsentSecond(seed: number, owner: number): number {
  return secondWithin(createPrng(mixSeed(seed, 5, owner)), CONSENT_SPAN);
}

function consentsOf(prng: Prng, seed: number, index: number, owner: number): Consent[] {
  const consents: Consent[] = [];
  const sameSecond = owner === index || prng.chance(0.3);
  const second = sameSecond ? ownerConsentSecond(seed, owner) : secondWithin(prng, CONSENT_SPAN);
  const stand = prng.next();
  if (stand < 0.65) consents.push({ ...EMAIL_CONSENT, value: stand < 0.43, date: instantText(prng, second) });
  else if (stand < 0.95) consents.push({ ...EMAIL_CONSENT, value: false, date: null });
  if (prng.chance(0.2)) consents.push({ ...SMS_CONSENT, value: true, date: utcText(secondWithin(prng, CONSENT_SPAN)) });
  else if (prng.chance(0.8)) consents.push({ ...SMS_CONSENT, value: false, date: null });
  return consents;
}

type Reachability = Pick<Prospect, 'email' | 'mobile' | 'telephone'>;

function reachability(prng: Prng, kind: Kind, owner: Person): Reachability {
  const blank = prng.chance(0.2) ? '   ' : '';
  switch (kind) {
    case 'phone-only':
      return prng.chance(0.15) ? { email: blank, mobile: '', telephone: typedPhone(prng) } : { email: blank, mobile: typedPhone(prng), telephone: '' };
    case 'bad-email-with-phone':
      return { email: invalidAddress(prng, owner), mobile: typedPhone(prng), telephone: '' };
    case 'no-contact':
      return { email: blank, mobile: '', telephone: '' };
    case 'bad-email':
      return { email: invalidAddress(prng, owner), mobile: '', telephone: '' };
    case 'bad-phone':
      return { email: blank, mobile: prng.pick(NO_PHONES), telephone: '' };
    default: {
      const local = kind === 'near' ? nearLocal(prng, owner) : owner.local;
      const email = typedAddress(prng, owner, local);
      return { email, mobile: prng.chance(0.6) ? typedPhone(prng) : '', telephone: prng.chance(0.15) ? typedPhone(prng) : '' };
    }
  }
}

/** A name as it was typed: at times decomposed, in capitals or with spaces around it. */
function typedName(prng: Prng, name: string): string {
  const style = prng.next();
  if (style < 0.88) return name;
  if (style < 0.93) return name.normalize('NFD');
  return style < 0.97 ? name.toUpperCase() : ` ${name} `;
}

/**
 * The prospect with this index, as Coins sends it. A pure function of `seed` and `index`: any page can be made on its own.
 * A few cards (kind `wrong-type`) break the shape on purpose, hence the wide type.
 */
export function prospectAt(seed: number, index: number): WireProspect {
  const kind = kindAt(seed, index);
  const prng = createPrng(mixSeed(seed, 6, index));
  const ownerNumber = addressOwner(seed, index);
  const self = personAt(seed, 'p', index);
  const owner = ownerNumber === index ? self : personAt(seed, 'p', ownerNumber);
  const prospect: Prospect = {
    prospectId: prospectIdAt(index),
    title: prng.pick(TITLES),
    forename: typedName(prng, self.forename),
    surname: typedName(prng, kind === 'couple' ? owner.surname : self.surname),
    ...reachability(prng, kind, owner),
    address: addressOf(prng),
    developmentCode: prng.pick(DEVELOPMENTS),
    plot: prng.chance(0.1) ? String(1 + prng.below(300)) : null,
    source: prng.pick(SOURCES),
    levelOfInterest: prng.pick(INTEREST_LEVELS),
    status: 'ACTIVE',
    salesAdviser: prng.pick(SALES_ADVISERS),
    consents: consentsOf(prng, seed, index, ownerNumber),
    lastModified: utcText(secondWithin(prng, MODIFIED_SPAN)),
  };
  return kind === 'wrong-type' ? spoilType(prng, prospect) : prospect;
}
