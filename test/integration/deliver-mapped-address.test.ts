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

  it('takes over a contact that is left over there, by the address in that property', async () => {
    const { db } = world.pipeline.deps;
    await db.updateTable('account').set({ settings: JSON.stringify({ matching: 'phone' }) }).where('id', '=', 'default').execute();
    const [first, second, third] = ['+447700900011', '+447700900012', '+447700900013'];
    const eve = { prospectId: 'E', email: 'eve@example.test', lastModified: '2026-01-01T00:09:00.000Z' };
    await world.sync('coins-1', [{ ...eve, mobile: first }, { prospectId: 'F', email: 'fay@example.test', mobile: second, forename: 'Fay' }]);
    await world.settle();
    await world.sync('coins-1', [{ prospectId: 'F', email: 'fay@example.test', mobile: first, forename: 'Fay', lastModified: '2026-01-01T00:02:00.000Z' }]);
    await world.settle();
    const contactOf = (address: string) => [...world.mail.state.contacts()].find(({ properties }) => properties['emailaddress'] === address);
    const before = contactOf('fay@example.test');
    await world.sync('coins-1', [{ prospectId: 'G', email: 'fay@example.test', mobile: third, forename: 'Gil' }]);
    await world.settle();
    expect(contactOf('fay@example.test')).toMatchObject({ encryptedId: before?.encryptedId, externalIds: before?.externalIds, properties: { firstName: 'Gil' } });
    await world.sync('coins-1', [{ prospectId: 'F', email: 'fay@example.test', mobile: '+447700900015', forename: 'Fay', lastModified: '2026-01-02T00:00:00.000Z' }]);
    await world.sync('coins-1', [{ prospectId: 'G', email: 'gil@example.test', mobile: third, forename: 'Gil', lastModified: '2026-01-02T00:00:00.000Z' }]);
    await world.settle();
    expect([contactOf('gil@example.test')?.externalIds, contactOf('fay@example.test')?.properties['firstName']]).toEqual([before?.externalIds, 'Fay']);
  });
});
