import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { applyCards } from '../support/apply-cards.ts';
import { consent, emailPermission, openWorld, type CardFacts, type HubWorld } from '../support/hub-world.ts';
import { changeMatching, faultsOf, rematch } from '../support/rematch.ts';
import { testSeed } from '../support/test-seed.ts';

/** A card of one of two Coins, in small numbers, so that people meet. */
interface Facts {
  readonly coins: 1 | 2;
  readonly address: number;
  /** Null: none. */
  readonly number: number | null;
  readonly minute: number;
  readonly says: boolean | null;
}

const facts: fc.Arbitrary<Facts> = fc.record({
  coins: fc.constantFrom(1 as const, 2 as const), address: fc.integer({ min: 0, max: 6 }), number: fc.option(fc.integer({ min: 0, max: 6 })), minute: fc.integer({ min: 0, max: 30 }),
  says: fc.option(fc.boolean()),
});

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
let world: HubWorld;
let scenes = 0;

beforeAll(async () => { world = await openWorld({ coins: 2 }); });
afterAll(() => world.close());

const db = () => world.pipeline.deps.db;

/** People and keys of one run, apart from those of all others. */
function cardsOf(run: number, people: readonly Facts[]): Map<string, CardFacts> {
  return new Map(people.map(({ address, number, minute, says }, i) => [`P${run}-${i}`, {
    prospectId: `P${run}-${i}`, email: `a${address}.${run}@example.test`, ...(number === null ? {} : { mobile: `+4477009${String(run * 10 + number).padStart(5, '0')}` }),
    forename: `Name ${i}`, lastModified: at(minute), consents: says === null ? [] : consent(says, at(minute)),
  }]));
}

/** Who should be together: ids by key, those without one alone. */
function groupsBy(cards: ReadonlyMap<string, CardFacts>, field: 'email' | 'mobile'): string[][] {
  const groups = new Map<string, string[]>();
  for (const [id, card] of cards) {
    const key = card[field] ?? id;
    groups.set(key, [...(groups.get(key) ?? []), id]);
  }
  return [...groups.values()].map((ids) => ids.toSorted(compare)).toSorted((a, b) => compare(a[0] ?? '', b[0] ?? ''));
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

async function stored(run: number) {
  const { rows } = await sql<{ ids: string[]; state: string | null; names: string[] }>`
    select json_agg(s.external_id order by s.external_id collate "C") ids, r.consent->${emailPermission}->>'state' state, json_agg(r.canonical->>'firstName') names
    from source_record s join record r on r.id = s.record_id where s.external_id like ${`P${run}-%`} group by r.id, r.account_id, r.consent->${emailPermission}->>'state'`.execute(db());
  return rows.toSorted((a, b) => compare(a.ids[0] ?? '', b.ids[0] ?? ''));
}

/** The newest word of some people, the withdrawal where two are of one time; `withdrawn` as far as all of them are asked for withdrawals only. */
function wordOf(people: readonly CardFacts[], withdrawals: readonly CardFacts[]): string | null {
  const words = [...people.flatMap(({ consents = [] }) => consents), ...withdrawals.flatMap(({ consents = [] }) => consents.filter(({ value }) => !value))];
  const [last] = words.toSorted((a, b) => compare(b.date ?? '', a.date ?? '') || Number(a.value) - Number(b.value));
  return last === undefined ? null : last.value ? 'granted' : 'withdrawn';
}

async function bring(matching: 'email' | 'phone'): Promise<void> {
  await changeMatching(world, matching);
  await rematch(world);
  await world.pipeline.merge();
  await rematch(world);
}

describe('prospects at random', () => {
  it('are together as their numbers say after another matching, as their addresses say after the way back, and no withdrawal is lost on either', async () => {
    await fc.assert(fc.asyncProperty(fc.array(facts, { minLength: 1, maxLength: 14 }), async (people) => {
      scenes += 1;
      const cards = cardsOf(scenes, people);
      await changeMatching(world, 'email');
      for (const coins of [1, 2] as const) await applyCards(world, `coins-${coins}`, [...cards.values()].filter((_card, i) => people[i]?.coins === coins));
      await world.pipeline.merge();
      const sameAddress = groupsBy(cards, 'email');
      expect((await stored(scenes)).map(({ ids }) => ids)).toEqual(sameAddress);
      const of = (ids: readonly string[]) => ids.flatMap((id) => cards.get(id) ?? []);

      await bring('phone');
      const byPhone = await stored(scenes);
      expect(byPhone.map(({ ids }) => ids)).toEqual(groupsBy(cards, 'mobile'));
      const joint = (ids: readonly string[]) => sameAddress.filter((group) => group.some((id) => ids.includes(id))).flat();
      expect(byPhone.map(({ state }) => state)).toEqual(byPhone.map(({ ids }) => wordOf(of(ids), of(joint(ids)))));
      expect(byPhone.flatMap(({ ids, names }) => names.filter((name) => !of(ids).some(({ forename }) => forename === name)))).toEqual([]);
      expect(await faultsOf(world, 'phone')).toEqual([]);

      await bring('email');
      const byEmail = await stored(scenes);
      expect(byEmail.map(({ ids }) => ids)).toEqual(sameAddress);
      expect(byEmail.filter(({ ids, state }) => state !== 'withdrawn' && wordOf(of(ids), []) === 'withdrawn')).toEqual([]);
      expect(await faultsOf(world, 'email')).toEqual([]);
    }), { seed: testSeed(), numRuns: Number(process.env['HUB_PROPERTY_RUNS'] ?? 15), endOnFailure: true });
  }, 120_000);
});
