import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWorld, type HubWorld } from '../support/hub-world.ts';
import { defaultProperties } from '../../sandbox/mailplus/default-properties.ts';

let world: HubWorld;

beforeAll(async () => {
  world = await openWorld({ mailplus: { properties: defaultProperties.map((property) => (property.name === 'email' ? { ...property, name: 'emailaddress' } : property)) } });
  const { db } = world.pipeline.deps;
  const { settings } = await db.selectFrom('connector').select('settings').where('id', '=', 'mailplus-1').executeTakeFirstOrThrow();
  await db.updateTable('connector').set({ settings: JSON.stringify({ ...settings, properties: { email: 'emailaddress' } }) }).where('id', '=', 'mailplus-1').execute();
});
afterAll(() => world.close());

const contacts = () => [...world.mail.state.contacts()].map(({ properties }) => properties);

describe('an account whose address property has another name', () => {
  it('keeps one contact for a person that it had, also when the address changes', async () => {
    world.mail.state.seedContacts([{ properties: { emailaddress: 'ann@example.test', city: 'Leeds' } }]);
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ prospectId: 'A', email: 'ann@example.test', forename: 'Ann' }]);
    await world.settle();
    expect(contacts()).toMatchObject([{ emailaddress: 'ann@example.test', city: 'Leeds', firstName: 'Ann' }]);
    world.mail.state.seedContacts([{ properties: { emailaddress: 'bob@example.test', city: 'York' } }]);
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ prospectId: 'B', email: 'bob@example.test' }]);
    world.coinsOf('coins-1').state.edit('B', { email: 'robert@example.test' });
    await world.pull('coins-1');
    await world.settle();
    expect(contacts().map((properties) => [properties['emailaddress'], properties['city']])).toEqual([['ann@example.test', 'Leeds'], ['robert@example.test', 'York']]);
  });
});
