import { createPrng, mixSeed } from './prng.ts';

/** What is special about a prospect. The share of each is in {@link KIND_SHARES}. */
export type Kind =
  | 'own' // an address of their own
  | 'couple' // the address of the prospect before
  | 'family' // the address of the first prospect of their fifty
  | 'distant' // the address of any earlier prospect, so of another page
  | 'near' // an address that differs from an earlier prospect's by +home or by a dot only
  | 'phone-only' // no e-mail, a phone
  | 'bad-email-with-phone'
  | 'no-contact' // no e-mail, no phone
  | 'bad-email' // an invalid e-mail, no phone
  | 'bad-phone' // no e-mail, something in the phone field that is no phone
  | 'wrong-type'; // a card that cannot be read

/** Share of each kind in percent; the rest has an address of its own. */
const KIND_SHARES: readonly (readonly [Kind, number])[] = [
  ['couple', 6], ['family', 2], ['distant', 4], ['near', 2], ['phone-only', 5], ['bad-email-with-phone', 1],
  ['no-contact', 1.5], ['bad-email', 1.5], ['bad-phone', 0.5], ['wrong-type', 0.5],
];

/** The kinds whose card holds a valid address. */
export const EMAIL_KINDS: readonly Kind[] = ['own', 'couple', 'family', 'distant', 'near'];

const FAMILY_BLOCK = 50;

/** What kind the prospect with this index is; depends on seed and index only. Index 0 always has its own address. */
export function kindAt(seed: number, index: number): Kind {
  if (index === 0) return 'own';
  let rest = createPrng(mixSeed(seed, 3, index)).next() * 100;
  for (const [kind, share] of KIND_SHARES) {
    if (rest < share) return kind;
    rest -= share;
  }
  return 'own';
}

/**
 * Number of the person whose address this prospect has. Follows chains (a couple with someone who shares already) down
 * to a prospect that does not share; every step goes to a lower index, so it ends.
 */
export function addressOwner(seed: number, index: number): number {
  const kind = kindAt(seed, index);
  if (kind === 'couple') return addressOwner(seed, index - 1);
  if (kind === 'family') {
    const first = index - (index % FAMILY_BLOCK);
    return first === index ? index : addressOwner(seed, first);
  }
  if (kind === 'distant' || kind === 'near') return addressOwner(seed, createPrng(mixSeed(seed, 4, index)).below(index));
  return index;
}
