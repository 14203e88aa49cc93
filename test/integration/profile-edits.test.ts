import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { consent, emailBit, openWorld, type CardFacts, type HubWorld } from '../support/hub-world.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
let world: HubWorld;
let scenes = 0;
const scene = () => {
  scenes += 1;
  const number = scenes;
  return { email: `person.${number}@example.test`, id: (name: string) => `${name}${number}` };
};

beforeAll(async () => { world = await openWorld({ coins: 2 }); });
afterAll(() => world.close());

const cardOf = (connectorId: string, id: string) => world.coinsOf(connectorId).state.cards.require(id);
const consentOf = (connectorId: string, id: string) => (cardOf(connectorId, id).consents as { value: boolean; date: string | null }[])[0];
const patchesOf = (connectorId: string, id: string) => world.coinsOf(connectorId).state.journal.patchesByProspect.get(id) ?? 0;
const flipsOf = (connectorId: string, id: string) => world.coinsOf(connectorId).state.journal.flipsByProspect()[id]?.['EMAIL_MKT'] ?? 0;
const edit = (email: string, properties: Record<string, string | null>) => world.mail.state.editContact({ contact: { email }, properties });

/** A Coins user changes a card, and the hub reads it. */
async function editCard(connectorId: string, id: string, change: Partial<CardFacts>): Promise<void> {
  world.coinsOf(connectorId).state.edit(id, change);
  await world.pull(connectorId);
}

describe('an edit on a profile page of Mail+', () => {
  it('reaches every linked prospect once, also when the hub had not read the contact since it made it', async () => {
    const { email, id } = scene();
    await world.sync('coins-1', [{ prospectId: id('A'), email, forename: 'Ann' }, { prospectId: id('B'), email, forename: 'Bob' }]);
    await world.sync('coins-2', [{ prospectId: id('C'), email, forename: 'Cat' }]);
    await world.settle();
    edit(email, { firstName: 'Edited', city: 'Leeds' });
    for (let round = 0; round < 3; round += 1) {
      await world.pull('mailplus-1');
      for (const connector of ['coins-1', 'coins-2']) await world.pull(connector);
      await world.settle();
    }
    for (const [connector, name] of [['coins-1', 'A'], ['coins-1', 'B'], ['coins-2', 'C']] as const) {
      expect(cardOf(connector, id(name))).toMatchObject({ forename: 'Edited', address: { town: 'Leeds' } });
      expect(patchesOf(connector, id(name))).toBe(1);
    }
  });

  it('stays when it brings back what the contact had before Coins changed it', async () => {
    const { email, id } = scene();
    world.mail.state.seedContacts([{ properties: { email, firstName: 'First' }, lastChanged: at(0), created: at(0) }]);
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ prospectId: id('A'), email, forename: 'First', lastModified: at(1) }]);
    await world.settle();
    await editCard('coins-1', id('A'), { forename: 'Second' });
    await world.settle();
    expect(world.contact(email)?.properties['firstName']).toBe('Second');
    edit(email, { firstName: 'First' });
    await world.pull('mailplus-1');
    await world.settle();
    expect(world.contact(email)?.properties['firstName']).toBe('First');
    expect(cardOf('coins-1', id('A'))['forename']).toBe('First');
  });

  it('gives way to a Coins user who puts back what the card had before', async () => {
    const { email, id } = scene();
    await world.sync('coins-1', [{ prospectId: id('A'), email, forename: 'First', lastModified: at(1) }]);
    await world.settle();
    edit(email, { firstName: 'Second' });
    await world.pull('mailplus-1');
    await world.settle();
    expect(cardOf('coins-1', id('A'))['forename']).toBe('Second');
    await editCard('coins-1', id('A'), { forename: 'First' });
    await world.settle();
    expect(cardOf('coins-1', id('A'))['forename']).toBe('First');
    expect(world.contact(email)?.properties['firstName']).toBe('First');
  });

  it('empties a field at every prospect when it empties one that the hub had filled', async () => {
    const { email, id } = scene();
    await world.sync('coins-1', [{ prospectId: id('A'), email, forename: 'Ann', surname: 'Lee' }]);
    await world.settle();
    edit(email, { lastName: null });
    await world.pull('mailplus-1');
    await world.settle();
    expect(cardOf('coins-1', id('A'))).toMatchObject({ forename: 'Ann', surname: '' });
    expect(world.contact(email)?.properties['lastName']).toBeUndefined();
  });
});

describe('prospects who share an address', () => {
  it('never get each other\'s names, whoever of them changes', async () => {
    const { email, id } = scene();
    await world.sync('coins-1', [{ prospectId: id('A'), email, forename: 'Ann', lastModified: at(1) }, { prospectId: id('B'), email, forename: 'Bob', lastModified: at(2) }]);
    await world.sync('coins-2', [{ prospectId: id('C'), email, forename: 'Cat', lastModified: at(3) }]);
    await world.settle();
    expect(world.contact(email)?.properties['firstName']).toBe('Cat');
    await editCard('coins-1', id('A'), { forename: 'Anna' });
    await world.settle();
    expect(world.contact(email)?.properties['firstName']).toBe('Anna');
    expect([cardOf('coins-1', id('A')), cardOf('coins-1', id('B')), cardOf('coins-2', id('C'))].map((card) => card['forename'])).toEqual(['Anna', 'Bob', 'Cat']);
    expect(patchesOf('coins-2', id('C'))).toBe(0);
  });

  it('never get what was edited on a card of a Coins that was removed since', async () => {
    const { email, id } = scene();
    await world.sync('coins-1', [{ prospectId: id('A'), email, forename: 'Ann', lastModified: at(1) }]);
    await world.sync('coins-2', [{ prospectId: id('C'), email, forename: 'Cat', lastModified: at(3) }]);
    await editCard('coins-1', id('A'), { forename: 'Anna' });
    const { db } = world.pipeline.deps;
    await db.updateTable('connector').set({ phase: 'removed' }).where('id', '=', 'coins-1').execute();
    await world.sync('coins-2', [{ prospectId: id('C'), email, forename: 'Cat', surname: 'Lee', lastModified: at(4) }]);
    await world.pipeline.deliver('coins-2');
    await db.updateTable('connector').set({ phase: 'backfilling' }).where('id', '=', 'coins-1').execute();
    expect([cardOf('coins-2', id('C'))['forename'], patchesOf('coins-2', id('C'))]).toEqual(['Cat', 0]);
  });

  it('get what is edited in Mail+ in both Coins, also over what was edited on one of the cards', async () => {
    const { email, id } = scene();
    await world.sync('coins-1', [{ prospectId: id('A'), email, forename: 'Ann', lastModified: at(1) }]);
    await world.sync('coins-2', [{ prospectId: id('C'), email, forename: 'Cat', lastModified: at(3) }]);
    await world.settle();
    await editCard('coins-1', id('A'), { forename: 'Anna' });
    await world.settle();
    edit(email, { firstName: 'Edited' });
    await world.pull('mailplus-1');
    await world.settle();
    expect([cardOf('coins-1', id('A')), cardOf('coins-2', id('C'))].map((card) => card['forename'])).toEqual(['Edited', 'Edited']);
  });

  it('are both told once of an unsubscribe, and of a later re-subscribe', async () => {
    const { email, id } = scene();
    await world.sync('coins-1', [{ prospectId: id('A'), email, consents: consent(true, at(1)) }, { prospectId: id('B'), email, consents: consent(true, at(2)) }]);
    await world.settle();
    expect(world.contact(email)?.permissions).toEqual([emailBit]);
    for (const [on, flips] of [[false, 1], [true, 2]] as const) {
      if (on) world.mail.state.resubscribe({ contact: { email }, bit: emailBit });
      else world.mail.state.unsubscribe({ contact: { email }, bit: emailBit });
      for (let round = 0; round < 3; round += 1) {
        await world.pull('mailplus-1');
        await world.pull('coins-1');
        await world.settle();
      }
      for (const name of ['A', 'B']) {
        expect(consentOf('coins-1', id(name))?.value).toBe(on);
        expect(flipsOf('coins-1', id(name))).toBe(flips);
      }
      expect(world.contact(email)?.permissions).toEqual(on ? [emailBit] : []);
    }
  });
});

describe('a yes on a card', () => {
  it('counts although the hub tried before to pass on to that card a yes without a date', async () => {
    const { email, id } = scene();
    await world.sync('coins-1', [{ prospectId: id('A'), email, consents: consent(true, null) }, { prospectId: id('B'), email }]);
    await world.settle();
    await world.sync('coins-1', [{ prospectId: id('A'), email, consents: consent(false, at(5)), lastModified: at(5) }]);
    await world.settle();
    world.coinsOf('coins-1').state.setConsent(id('B'), { code: 'EMAIL_MKT', value: true, date: new Date().toISOString() });
    await world.pull('coins-1');
    await world.settle();
    expect([consentOf('coins-1', id('A'))?.value, consentOf('coins-1', id('B'))?.value]).toEqual([true, true]);
    expect(world.contact(email)?.permissions).toEqual([emailBit]);
  });
});

describe('only what changed', () => {
  it('makes no call when nothing changed, however often it is sent or read', async () => {
    const { email, id } = scene();
    const cards = [{ prospectId: id('A'), email, forename: 'Ann', consents: consent(true, at(1)) }];
    await world.sync('coins-1', cards);
    await world.settle();
    for (const connector of ['mailplus-1', 'coins-1', 'coins-2']) await world.pull(connector);
    await world.settle();
    const before = world.writes();
    await world.sync('coins-1', cards);
    for (const connector of ['mailplus-1', 'coins-1', 'coins-2']) await world.pull(connector);
    await world.settle();
    expect(world.writes()).toBe(before);
  });
});
