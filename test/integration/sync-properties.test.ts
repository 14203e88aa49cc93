import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allowedAtCard, allowedAtMail, permissionOf, type Field } from '../support/oracle/told.ts';
import { beginnings, syncSteps } from '../support/oracle/sync-steps.ts';
import { SyncLife } from '../support/sync-life.ts';
import { SyncWorld } from '../support/sync-world.ts';
import { testSeed } from '../support/test-seed.ts';

const runs = Number(process.env['HUB_PROPERTY_RUNS'] ?? 10);
/** A failure is made smaller on request only, for as many seconds as HUB_PROPERTY_SHRINK says: that takes longer than the rest. */
const shrinkMs = 1_000 * Number(process.env['HUB_PROPERTY_SHRINK'] ?? 0);
const timeoutMs = 180_000 + runs * 2_000 + 2 * shrinkMs;
const parameters = { seed: testSeed(), numRuns: runs, ...(shrinkMs > 0 ? { interruptAfterTimeLimit: shrinkMs } : { endOnFailure: true }) };
const fields: readonly Field[] = ['firstName', 'city'];
let sync: SyncWorld;

beforeAll(async () => { sync = await SyncWorld.open(); });
afterAll(() => sync.close());

function expectOutcome({ people }: SyncLife): void {
  for (const person of people.all) {
    const { contacts, mail, cards } = people.outcomeOf(person);
    expect({ [person.email]: contacts }).toEqual({ [person.email]: 1 });
    for (const field of fields) {
      expect(allowedAtMail(person, field)).toContain(mail[field]);
      for (const card of cards) expect(allowedAtCard(person, card.id, field)).toContain(card[field]);
    }
    const permission = permissionOf(person);
    if (permission !== 'open') expect({ [person.email]: mail.isOn }).toEqual({ [person.email]: permission === 'yes' });
    if (permission !== 'open' && person.words.some(({ at }) => at > 0)) expect(cards.map(({ isOn }) => isOn)).toEqual(cards.map(() => permission === 'yes'));
  }
}

describe('pages, pulls and deliveries that cross each other', () => {
  it('leave Mail+ and Coins with what people did last, and undo no withdrawal, whatever arrives late, is cut off or read back', async () => {
    await fc.assert(fc.asyncProperty(beginnings, syncSteps, async ({ people, isInStep }, steps) => {
      const life = new SyncLife(sync.world, people);
      sync.watcher = life;
      await life.begin(isInStep);
      for (const step of steps) await life.run(step);
      await life.settle();
      expectOutcome(life);
    }), parameters);
  }, timeoutMs);
});
