import { expect } from '@jest/globals';
import { cardsOf, wrongAbout } from './e2e-people.ts';
import type { E2eWorld } from './e2e-world.ts';

/** At most one batch of an idempotent call is sent twice by a kill (design §11). */
export const mostRepeated = 100;

/** Sends lists of new people, one after the other, and checks at the outside systems what became of them. */
export interface ListSender {
  /** Sends a new list of these cards; resolves with its name when all pages were accepted, however often that took. */
  send(prospectIds: readonly string[], pages?: { readonly pageSize?: number; readonly parallel?: number }): Promise<string>;
  /**
   * Sends a list of `size` new people; `disturb` runs meanwhile and resolves when all is over. Nobody may be lost, nothing doubled:
   * each person once, each permission switched once, one list with everybody, no echo in Coins.
   */
  surviving(size: number, disturb: () => Promise<void>): Promise<void>;
}

/** A sender for the connector `coins-1`, whose source token this is. */
export function listSender(world: E2eWorld, token: string): ListSender {
  let lists = 0;
  const send: ListSender['send'] = async (prospectIds, { pageSize = 40, parallel = 2 } = {}) => {
    lists += 1;
    const name = `List ${lists} of the test`;
    const order = { hubUrl: world.hub.gatewayUrl, connectorId: 'coins-1', token, listId: `L-${lists}`, name, prospectIds, pageSize, parallel };
    const report = await world.coins.listSyncDone(await world.coins.startListSync(order));
    expect(report).toMatchObject({ state: 'done', failures: [], differingAnswers: [] });
    return name;
  };
  return {
    send,
    surviving: async (size, disturb) => {
      const { mail, coins, hub } = world;
      const prefix = `k${lists}-`;
      const cards = cardsOf(prefix, size);
      await coins.put(cards);
      const [before, coinsBefore] = await Promise.all([mail.effects(), coins.journal()]);
      const [name] = await Promise.all([send(cards.map(({ prospectId }) => prospectId)), disturb()]);
      await hub.untilQuiet();
      const [contacts, effects, found] = await Promise.all([mail.contacts(), mail.effects(), mail.lists()]);
      expect(wrongAbout(prefix, size, contacts)).toEqual([]);
      expect(effects.totals.contactsCreated - before.totals.contactsCreated).toBe(size);
      expect(effects.totals.identicalUpserts - before.totals.identicalUpserts).toBeLessThanOrEqual(mostRepeated);
      expect(Object.entries(effects.listsCreated).filter(([list]) => list.startsWith(name)).map(([, count]) => count)).toEqual([1]);
      expect(found.filter((list) => list.name.startsWith(name)).map((list) => list.members.length)).toEqual([size]);
      const { permissionFlips, prospectPatches, tasksStored, activitiesStored } = coinsBefore.counts;
      expect((await coins.journal()).counts).toMatchObject({ permissionFlips, prospectPatches, tasksStored, activitiesStored });
    },
  };
}
