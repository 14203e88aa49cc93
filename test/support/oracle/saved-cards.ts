import fc from 'fast-check';
import { nameOf, type SavedCard } from './people.ts';

const addresses = ['ann@example.test', 'bob@example.test', 'cat@example.test'] as const;
const minutes = fc.integer({ min: 0, max: 40 });

/** An address as somebody typed it; sometimes none. */
const typed = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...addresses) },
  { weight: 2, arbitrary: fc.constantFrom(...addresses).map((address) => ` ${address.toUpperCase()}  `) },
  { weight: 1, arbitrary: fc.constant('') },
);

const consents: fc.Arbitrary<SavedCard['consent']> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.record({ value: fc.boolean(), minute: fc.constant(null) }) },
  { weight: 4, arbitrary: fc.record({ value: fc.boolean(), minute: minutes }) },
);

const version: fc.Arbitrary<SavedCard> = fc.record({
  connector: fc.constantFrom('coins-1', 'coins-2'), prospect: fc.constantFrom('P', 'Q', 'R'), minute: minutes, email: typed,
  texts: fc.record({ firstName: fc.constantFrom('', 'Al', 'Bo'), city: fc.constantFrom('', 'York', 'Hull') }), consent: consents,
  deleted: fc.oneof({ weight: 14, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

/** What the users of two Coins saved: each prospect at most once a minute. In no order. */
export const savedCards = fc.uniqueArray(version, { minLength: 4, maxLength: 26, selector: (card) => `${nameOf(card)} ${card.minute}` })
  .map((cards) => cards.map((card) => (card.deleted === true ? { ...card, email: '', texts: {}, consent: null } : card)));

/** In which order pages arrive, what comes twice, and when merges are carried out. */
export interface Arrival {
  /** Sort keys and page breaks, one for each saved card; those beyond the cards come as repeats. */
  readonly shuffle: readonly number[];
  readonly pageSize: number;
  readonly inFlight: number;
  /** After how many pages merges are carried out, each time. */
  readonly mergeEvery: number;
  /** Pages that have an address of one before them wait for it: with the rows concerned (`defers`), or as a whole. */
  readonly takesTurns: boolean;
  readonly defers: boolean;
}

export const arrivals: fc.Arbitrary<Arrival> = fc.record({
  shuffle: fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 34, maxLength: 34 }), pageSize: fc.integer({ min: 1, max: 7 }),
  inFlight: fc.constantFrom(1, 4), mergeEvery: fc.integer({ min: 1, max: 6 }),
  takesTurns: fc.boolean(), defers: fc.boolean(),
});

/** The pages of an arrival, each of one connector; about a quarter of the cards come twice. */
export function pagesOf(cards: readonly SavedCard[], arrival: Arrival): readonly (readonly SavedCard[])[] {
  const twice = cards.filter((_, i) => i % 4 === (arrival.shuffle[0] ?? 0) % 4);
  const mixed = [...cards, ...twice].map((card, i) => ({ card, key: arrival.shuffle[i % arrival.shuffle.length] ?? 0, i })).toSorted((a, b) => a.key - b.key || a.i - b.i);
  const pages: SavedCard[][] = [];
  for (const { card } of mixed) {
    const page = pages.findLast((candidate) => candidate[0]?.connector === card.connector);
    if (page !== undefined && page.length < arrival.pageSize) page.push(card);
    else pages.push([card]);
  }
  return pages;
}
