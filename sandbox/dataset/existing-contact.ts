import { addressOwner, EMAIL_KINDS, kindAt } from './kinds.ts';
import { PLAIN_DOMAINS } from './names.ts';
import { personAt } from './people.ts';
import type { Person } from './people.ts';
import { createPrng, mixSeed } from './prng.ts';
import type { Prng } from './prng.ts';
import { CREATED_SPAN, secondWithin, utcText } from './times.ts';

/**
 * A contact that Mail+ has before the hub comes, as the control side of the Mail+ sandbox takes it.
 * Times are ISO 8601 in UTC.
 */
export type ExistingContact = {
  /** Present where an earlier system gave the contact an id; the others are known to Mail+ by e-mail only. */
  externalId?: string;
  properties: { email: string; firstName: string; lastName: string };
  /** The bits of the permissions that are on; those that are not listed are off. */
  permissions: number[];
  created: string;
  lastChanged: string;
};

/** Share of the existing contacts whose address a prospect has as well. */
const OVERLAP_SHARE = 0.3;

/** The bits of the permissions in a Mail+ account: a newsletter, and the consent to e-mail marketing of Coins. */
export const NEWSLETTER_BIT = 1;
export const EMAIL_PERMISSION_BIT = 2;

function capitals(prng: Prng, text: string): string {
  if (prng.chance(0.65)) return text;
  return prng.chance(0.5) ? text.toUpperCase() : text.charAt(0).toUpperCase() + text.slice(1);
}

function contactOf(prng: Prng, person: Person, index: number): ExistingContact {
  const created = secondWithin(prng, CREATED_SPAN);
  const permissions = [...(prng.chance(0.3) ? [NEWSLETTER_BIT] : []), ...(prng.chance(0.55) ? [EMAIL_PERMISSION_BIT] : [])];
  return {
    ...(prng.chance(0.4) ? { externalId: `WEB-${String(index).padStart(6, '0')}` } : {}),
    properties: {
      email: capitals(prng, `${person.local}@${person.asciiDomain}`),
      firstName: person.forename,
      lastName: person.surname,
    },
    permissions,
    created: utcText(created),
    lastChanged: utcText(created + prng.below(365 * 24 * 3600)),
  };
}

function isPlainOwner(seed: number, index: number): boolean {
  if (!EMAIL_KINDS.includes(kindAt(seed, index)) || addressOwner(seed, index) !== index) return false;
  return (PLAIN_DOMAINS as readonly string[]).includes(personAt(seed, 'p', index).domain);
}

/** Indexes of the prospects whose address Mail+ already has: spread evenly, each once, plain ASCII addresses only. */
function overlapOwners(seed: number, prospects: number, wanted: number): number[] {
  const owners: number[] = [];
  let next = 0;
  for (let turn = 0; turn < wanted; turn += 1) {
    let index = Math.max(next, Math.floor((turn * prospects) / wanted));
    while (index < prospects && !isPlainOwner(seed, index)) index += 1;
    if (index >= prospects) break;
    owners.push(index);
    next = index + 1;
  }
  return owners;
}

/**
 * The contacts that Mail+ already has. About 30 % of them have the address of one of the `prospects`, at times in other
 * capitals; the others are nobody that Coins knows. No two have the same address.
 */
export function makeExistingContacts(seed: number, count: number, prospects: number): ExistingContact[] {
  const owners = overlapOwners(seed, prospects, Math.min(Math.round(count * OVERLAP_SHARE), Math.floor(prospects / 2)));
  return Array.from({ length: count }, (_unused, index) => {
    // 7 is coprime to most counts: the known ones lie scattered among the others.
    const turn = (index * 7) % count;
    const owner = count % 7 === 0 ? owners[index] : owners[turn];
    const person = owner === undefined ? personAt(seed, 'm', index) : personAt(seed, 'p', owner);
    return contactOf(createPrng(mixSeed(seed, 7, index)), person, index);
  });
}
