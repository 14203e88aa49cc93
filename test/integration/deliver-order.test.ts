import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { consent } from '../support/hub-world.ts';
import { openDeliverWorld, type DeliverWorld } from '../support/deliver-world.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
let world: DeliverWorld;
let scenes = 0;

beforeAll(async () => { world = await openDeliverWorld(); });
afterAll(() => world.close());
afterEach(async () => {
  world.calm();
  await world.settle();
});

const db = () => world.pipeline.deps.db;

/** Cards of one test, all with consent. */
function scene(count: number) {
  scenes += 1;
  const number = scenes;
  return Array.from({ length: count }, (_, i) => ({ prospectId: `P${number}-${i}`, email: `p${i}.${number}@example.test`, forename: 'Old', consents: consent(true, at(1)) }));
}

/** The contacts of each call, by address of the record, in the order of the calls. */
function watchCalls(during: (call: number) => Promise<void>): string[][] {
  const calls: string[][] = [];
  world.hooks.beforeDeliver = async (_, items) => {
    const rows = await db().selectFrom('link').innerJoin('record', 'record.id', 'link.record_id').select(['link.external_id', 'record.email']).where('link.external_id', 'in', items.map((item) => item.externalId)).execute();
    const emails = new Map(rows.map((row) => [row.external_id, row.email ?? '']));
    calls.push(items.map((item) => emails.get(item.externalId) ?? ''));
    await during(calls.length);
  };
  return calls;
}

async function setLane(lane: number): Promise<void> {
  await db().updateTable('delivery').set({ lane }).where('state', '=', 'pending').execute();
}

describe('lanes', () => {
  it.each([['a bulk delivery', 2], ['live changes', 1]])('let a withdrawal out after the current call of %s', async (_, lane) => {
    const cards = scene(350);
    const [person] = cards;
    if (person === undefined) throw new Error('a person');
    await world.sync('coins-1', [person]);
    await world.settle();
    await world.sync('coins-1', cards.slice(1));
    await setLane(lane);
    const calls = watchCalls(async (call) => {
      if (call !== 2) return;
      world.coinsOf('coins-1').state.edit(person.prospectId, { consents: consent(false, at(2)) });
      await world.pull('coins-1');
    });
    await world.pipeline.deliver('mailplus-1');
    expect(calls.findIndex((emails) => emails.includes(person.email))).toBe(2);
    expect(calls.flat()).toHaveLength(350);
    expect(world.contact(person.email)?.permissions).toEqual([]);
  });

  it('keep the order of time within', async () => {
    const cards = scene(250).toReversed();
    for (let first = 0; first < cards.length; first += 25) await world.sync('coins-1', cards.slice(first, first + 25));
    const calls = watchCalls(() => Promise.resolve());
    await world.pipeline.deliver('mailplus-1');
    const byTime = await db().selectFrom('delivery').innerJoin('record', 'record.id', 'delivery.record_id').select('record.email').where('delivery.connector_id', '=', 'mailplus-1')
      .where('record.email', 'in', cards.map((card) => card.email)).orderBy('pending_since').orderBy('record_id').execute();
    expect(calls.flat()).toEqual(byTime.map((row) => row.email));
  });

  it('send two deliveries for one contact one after the other, and not twice the same', async () => {
    const [card] = scene(1);
    if (card === undefined) throw new Error('a card');
    await world.sync('coins-1', [card]);
    await world.settle();
    world.coinsOf('coins-1').state.edit(card.prospectId, { forename: 'New' });
    await world.pull('coins-1');
    await db().updateTable('delivery').set({ state: 'pending' }).where('connector_id', '=', 'mailplus-1').where('state', '=', 'delivered')
      .where('record_id', 'in', db().selectFrom('record').select('id').where('email', '=', card.email)).execute();
    await db().insertInto('delivery').columns(['account_id', 'connector_id', 'data_type', 'record_id', 'target', 'lane', 'wanted', 'delivered', 'failures', 'state'])
      .expression(db().selectFrom('record').select(({ val, ref }) => [val('default').as('a'), val('mailplus-1').as('c'), val('contacts').as('t'), ref('id').as('r'), val('').as('g'), val(1).as('l'), val(1).as('w'), val(0).as('d'), val(0).as('f'), val('pending' as const).as('s')]).where('email', '=', card.email)).execute();
    const calls = watchCalls(() => Promise.resolve());
    await world.pipeline.deliver('mailplus-1');
    expect(calls).toEqual([[card.email]]);
    expect(world.contact(card.email)).toMatchObject({ changingUpserts: 2, identicalUpserts: 0, properties: { firstName: 'New' } });
  });
});

describe('a contact that Mail+ has twice for one person', () => {
  it('gets withdrawals at both, and all else at the primary one only', async () => {
    const [left, right] = scene(2);
    if (left === undefined || right === undefined) throw new Error('two cards');
    await world.sync('coins-1', [left, right]);
    await world.settle();
    world.coinsOf('coins-1').state.edit(right.prospectId, { email: left.email, forename: 'Merged' });
    await world.pull('coins-1');
    await world.settle();
    const links = await db().selectFrom('link').innerJoin('record', 'record.id', 'link.record_id').select(['link.external_id', 'link.is_primary', 'record.email'])
      .where('link.connector_id', '=', 'mailplus-1').where('record.email', 'in', [left.email, right.email]).execute();
    expect(links.filter((link) => link.is_primary)).toHaveLength(new Set(links.map((link) => link.email)).size);
    const contacts = () => [left.email, right.email].map((email) => world.contact(email));
    world.coinsOf('coins-1').state.edit(left.prospectId, { forename: 'Later', consents: consent(false, at(5)) });
    await world.pull('coins-1');
    await world.settle();
    expect(world.contact(left.email)?.properties['firstName']).toBe('Later');
    const secondary = links.filter((link) => !link.is_primary && link.email === left.email);
    expect(secondary).toHaveLength(1);
    expect(contacts().map((contact) => [contact?.permissions, contact?.properties['firstName']])).toEqual([[[], 'Later'], [[], 'Old']]);
  });
});
