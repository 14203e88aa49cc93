import fc from 'fast-check';
import type { Field } from './told.ts';

/** How a person is known at first. A word of consent on a card: whether yes, and whether with a date. */
export interface Beginning {
  readonly cards: readonly { readonly consent: { readonly isYes: boolean; readonly isDated: boolean } | null }[];
  /** Mail+ has the person already, with the permission on or off. */
  readonly atMail: boolean | null;
}

/** Something that a person or a Coins user does. `who` and `card` are taken modulo what there is. */
export type Deed =
  | { readonly do: 'edit'; readonly who: number; readonly where: 'mail' | 'card'; readonly card: number; readonly field: Field }
  | { readonly do: 'say'; readonly who: number; readonly card: number; readonly isYes: boolean }
  | { readonly do: 'switch'; readonly who: number };

/** Something that the hub does between calls. `send`: Coins makes a page of the cards of some people; it arrives with `arrive`, perhaps late. */
export type Work =
  | { readonly do: 'send'; readonly whose: readonly number[] }
  | { readonly do: 'arrive'; readonly which: readonly number[] }
  | { readonly do: 'pull'; readonly where: 'mail' | 'coins' }
  | { readonly do: 'look' }
  | { readonly do: 'learn'; readonly which: number };

/** `lost`: the call did not arrive; `cut`: it did, the answer did not; killed: the process died then, and its intent is left. */
export type Fate = 'stored' | 'lost' | 'cut' | 'killed before' | 'killed after';

/** A delivery, with what happens between intent and call, and between call and outcome. `together`: pages, a pull and a delivery at once. */
export type Step = Deed | Work
  | { readonly do: 'deliver'; readonly where: 'mail' | 'coins'; readonly fate: Fate; readonly before: readonly (Deed | Work)[]; readonly after: readonly (Deed | Work)[] }
  | { readonly do: 'together'; readonly whose: readonly number[]; readonly where: 'mail' | 'coins' };

const who = fc.nat(2);
const card = fc.nat(1);
const where = fc.constantFrom<'mail' | 'coins'>('mail', 'mail', 'coins');
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ do: fc.constant('edit' as const), who, where: fc.constantFrom('mail' as const, 'card' as const), card, field: fc.constantFrom<Field>('firstName', 'city') }),
  fc.record({ do: fc.constant('say' as const), who, card, isYes: fc.boolean() }),
  fc.record({ do: fc.constant('switch' as const), who }),
);
const whose = fc.uniqueArray(who, { minLength: 1, maxLength: 3 });
const work: fc.Arbitrary<Work> = fc.oneof(
  fc.record({ do: fc.constant('send' as const), whose }),
  fc.record({ do: fc.constant('arrive' as const), which: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }) }),
  fc.record({ do: fc.constant('pull' as const), where }),
  fc.record({ do: fc.constant('look' as const) }),
  fc.record({ do: fc.constant('learn' as const), which: fc.nat(9) }),
);
const during = fc.array(fc.oneof(deed, work), { maxLength: 2 });
const fate = fc.constantFrom<Fate>('stored', 'stored', 'stored', 'lost', 'cut', 'killed before', 'killed after');
const deliver: fc.Arbitrary<Step> = fc.record({ do: fc.constant('deliver' as const), where, fate, before: during, after: during });
const together: fc.Arbitrary<Step> = fc.record({ do: fc.constant('together' as const), whose, where });

/** What happens, in order. */
export const syncSteps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof({ weight: 6, arbitrary: deed }, { weight: 5, arbitrary: work }, { weight: 5, arbitrary: deliver }, { weight: 1, arbitrary: together }), { minLength: 6, maxLength: 34, size: 'max' },
);

const consent = fc.constantFrom(null, { isYes: true, isDated: true }, { isYes: true, isDated: true }, { isYes: false, isDated: true }, { isYes: false, isDated: false }, { isYes: true, isDated: false });

/** Three people. */
export const beginnings: fc.Arbitrary<readonly Beginning[]> = fc.array(
  fc.record({ cards: fc.array(fc.record({ consent }), { minLength: 1, maxLength: 2 }), atMail: fc.constantFrom(null, null, true, false) }), { minLength: 3, maxLength: 3 },
);
