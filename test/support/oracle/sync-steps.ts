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

/** What people do at one time: each of them one thing or nothing. */
export interface Deeds { readonly do: 'deeds'; readonly all: readonly Deed[] }

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
export type Step = Deeds | Work
  | { readonly do: 'deliver'; readonly where: 'mail' | 'coins'; readonly fate: Fate; readonly before: readonly (Deeds | Work)[]; readonly after: readonly (Deeds | Work)[] }
  | { readonly do: 'together'; readonly whose: readonly number[]; readonly where: 'mail' | 'coins' };

const people = 6;
const card = fc.nat(1);
const where = fc.constantFrom<'mail' | 'coins'>('mail', 'mail', 'coins');
const deedOf = (who: number): fc.Arbitrary<Deed | null> => fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), who: fc.constant(who), where: fc.constantFrom('mail' as const, 'card' as const), card, field: fc.constantFrom<Field>('firstName', 'city') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('say' as const), who: fc.constant(who), card, isYes: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('switch' as const), who: fc.constant(who) }) },
);
const deeds: fc.Arbitrary<Deeds> = fc.tuple(...Array.from({ length: people }, (_, who) => deedOf(who))).map((all) => ({ do: 'deeds', all: all.filter((deed) => deed !== null) }));
const whose = fc.subarray(Array.from({ length: people }, (_, who) => who), { minLength: 2 });
const work: fc.Arbitrary<Work> = fc.oneof(
  fc.record({ do: fc.constant('send' as const), whose }),
  fc.record({ do: fc.constant('arrive' as const), which: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }) }),
  fc.record({ do: fc.constant('pull' as const), where }),
  fc.record({ do: fc.constant('look' as const) }),
  fc.record({ do: fc.constant('learn' as const), which: fc.nat(9) }),
);
const during = fc.array(fc.oneof(deeds, work), { maxLength: 2 });
const fate = fc.constantFrom<Fate>('stored', 'stored', 'stored', 'lost', 'cut', 'killed before', 'killed after');
const deliver: fc.Arbitrary<Step> = fc.record({ do: fc.constant('deliver' as const), where, fate, before: during, after: during });
const together: fc.Arbitrary<Step> = fc.record({ do: fc.constant('together' as const), whose, where });

/** What happens, in order. */
export const syncSteps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof({ weight: 5, arbitrary: deeds }, { weight: 5, arbitrary: work }, { weight: 5, arbitrary: deliver }, { weight: 1, arbitrary: together }), { minLength: 6, maxLength: 24, size: 'max' },
);

const consent = fc.constantFrom(null, { isYes: true, isDated: true }, { isYes: true, isDated: true }, { isYes: false, isDated: true }, { isYes: false, isDated: false }, { isYes: true, isDated: false });

/** Six people; whether all of them are in step everywhere before the first of the steps. */
export const beginnings: fc.Arbitrary<{ readonly people: readonly Beginning[]; readonly isInStep: boolean }> = fc.record({
  people: fc.array(fc.record({ cards: fc.array(fc.record({ consent }), { minLength: 1, maxLength: 2 }), atMail: fc.constantFrom(null, null, true, false) }), { minLength: people, maxLength: people }),
  isInStep: fc.constantFrom(true, true, false),
});
