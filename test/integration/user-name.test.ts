import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { flowCounts } from '../../db/repositories/status.ts';
import { openWorld, type HubWorld } from '../support/hub-world.ts';

let world: HubWorld;

beforeAll(async () => {
  world = await openWorld({ coins: 2 });
  const { settings } = await db().selectFrom('connector').select('settings').where('id', '=', 'coins-1').executeTakeFirstOrThrow();
  await db().updateTable('connector').set({ settings: JSON.stringify({ ...settings, emailIsUserName: true }) }).where('id', '=', 'coins-1').execute();
});
afterAll(() => world.close());

const db = () => world.pipeline.deps.db;
const cardOf = (connectorId: string) => world.coinsOf(connectorId).state.cards.require('A');
const heldBack = async () => (await flowCounts(db())).filter(({ code }) => code === 'FIELD_WITHHELD').map(({ connectorId, state, reason, count }) => ({ connectorId, state, reason, count }));

describe('an e-mail address that is the user name in one of the systems', () => {
  it('is not overwritten there while all other fields go, is shown as held back, and no more once the system has it', async () => {
    await world.sync('coins-1', [{ prospectId: 'A', email: 'ann@example.test', forename: 'Ann' }]);
    await world.sync('coins-2', [{ prospectId: 'A', email: 'ann@example.test', forename: 'Ann' }]);
    await world.settle();
    await world.pull('mailplus-1');
    world.mail.state.editContact({ contact: { email: 'ann@example.test' }, properties: { email: 'ann.new@example.test', firstName: 'Anna' } });
    await world.pull('mailplus-1');
    await world.settle();
    expect(cardOf('coins-1')).toMatchObject({ email: 'ann@example.test', forename: 'Anna' });
    expect(cardOf('coins-2')).toMatchObject({ email: 'ann.new@example.test', forename: 'Anna' });
    const shown = { connectorId: 'coins-1', state: 'delivered', count: 1, reason: '«email» is held back: the e-mail address is the user name there (setting emailIsUserName)' };
    expect(await heldBack()).toEqual([shown]);
    world.mail.state.editContact({ contact: { email: 'ann.new@example.test' }, properties: { firstName: 'Annie' } });
    await world.pull('mailplus-1');
    await world.settle();
    expect([await heldBack(), cardOf('coins-1').email, cardOf('coins-1').forename]).toEqual([[shown], 'ann@example.test', 'Annie']);
    world.coinsOf('coins-1').state.edit('A', { email: 'ann.new@example.test' });
    await world.pull('coins-1');
    world.mail.state.editContact({ contact: { email: 'ann.new@example.test' }, properties: { firstName: 'Ann' } });
    await world.pull('mailplus-1');
    await world.settle();
    expect([await heldBack(), cardOf('coins-1').forename]).toEqual([[], 'Ann']);
  });
});
