import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { listFailed } from '../../db/repositories/failed/list-failed.ts';
import { retryFailed, skipFailed } from '../../db/repositories/failed/settle-failed.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { consent, emailBit, openWorld, type CardFacts, type HubWorld } from '../support/hub-world.ts';
import { newContact } from '../platforms/mailplus-account.ts';
import { mailplusContext } from '../platforms/mailplus-context.ts';

const externalIdField = 'hubId';
const shop = { key: 'shop-key', secret: 'shop-secret' };
let world: HubWorld;
let scene = 0;

beforeAll(async () => {
  world = await openWorld({ mailplus: { mergeRules: ['email', 'externalId'], credentials: [{ key: 'sandbox-key', secret: 'sandbox-secret', externalIdField }, { ...shop, externalIdField }] } });
});
afterAll(() => world.close());
beforeEach(() => { scene += 1; });

const db = () => world.pipeline.deps.db;
const mail = (name: string) => `${name}@${scene}.example.test`;
const person = (name: string, more: Partial<CardFacts> = {}): CardFacts => ({ prospectId: `${name}-${scene}`, email: mail(name.toLowerCase()), forename: name, ...more });
const annOf = () => person('Ann', { consents: consent(true, '2026-01-05T00:00:00Z') });
const cardOf = (name: string) => [...world.coinsOf('coins-1').state.cards.all()].find(({ prospectId }) => prospectId === `${name}-${scene}`);

/** All cards at Mail+, and read back from there. */
async function deliverAll(...cards: readonly CardFacts[]): Promise<void> {
  await world.sync('coins-1', cards, { listId: 'L' });
  await world.settle();
  await world.pull('mailplus-1');
  await world.settle();
}

const idOf = (name: string): string => world.contact(mail(name))?.externalIds?.[externalIdField] ?? '';
const nameOf = (name: string) => world.contact(mail(name))?.properties['firstName'];
const isOn = (name: string) => world.contact(mail(name))?.permissions.includes(emailBit);
const failed = async () => (await listFailed(db(), { limit: 20, offset: 0 })).items.filter(({ code }) => code === 'CONTACT_SWITCHED');
const recordOf = async (name: string) => (await db().selectFrom('source_record').select('record_id').where('connector_id', '=', 'coins-1').where('external_id', '=', `${name}-${scene}`).executeTakeFirstOrThrow()).record_id;

/** Another system writes the field of our ids: the contact with the address gets this id. */
const giveTo = (id: string, name: string) => mailplus.deliver(mailplusContext(world.mail.url, { credentials: shop }), 'contacts', [newContact(id, { email: mail(name) })]);

async function retry(ids: readonly string[]): Promise<void> {
  await db().transaction().execute((trx) => retryFailed(trx, 'mailplus-1', { ids: [...ids] }));
  await world.pipeline.drain('mailplus-1');
  await world.settle();
}

describe('a contact whose id was given to another one in Mail+', () => {
  it('is told from one who changes the address on a profile page', async () => {
    const ann = annOf();
    await deliverAll(ann);
    world.mail.state.editContact({ contact: { email: mail('ann') }, properties: { email: mail('ann.new') } });
    await world.pull('mailplus-1');
    await world.settle();
    expect(await failed()).toEqual([]);
    expect(cardOf('Ann')?.email).toBe(mail('ann.new'));
  });

  it('gets nothing of the other one, is sent nothing, and waits with a sentence that names the records', async () => {
    world.mail.state.seedContacts([{ properties: { email: mail('zoe'), firstName: 'Zoe' } }]);
    const ann = annOf();
    await deliverAll(ann);
    await world.pull('mailplus-1');
    const id = idOf('ann');
    await giveTo(id, 'zoe');
    expect([idOf('zoe'), idOf('ann')]).toEqual([id, '']);
    await world.pull('mailplus-1');
    await world.settle();
    const zoe = await db().selectFrom('record').select('id').where('email', '=', mail('zoe')).executeTakeFirstOrThrow();
    expect(await failed()).toMatchObject([{
      kind: 'delivery', recordId: await recordOf('Ann'), externalId: id, message: expect.stringMatching(new RegExp(`contact of record ${await recordOf('Ann')}, belongs to the contact of record ${zoe.id} there`)),
    }]);
    expect(cardOf('Ann')).toMatchObject({ email: mail('ann'), forename: 'Ann' });
    const writes = world.writes();
    await world.sync('coins-1', [{ ...ann, forename: 'Anna', consents: consent(false, '2026-02-05T00:00:00Z'), lastModified: '2026-02-05T00:00:00.000Z' }], { listId: 'L' });
    await world.settle();
    expect(world.writes()).toBe(writes);
    expect([nameOf('zoe'), isOn('zoe'), await failed()]).toEqual(['Zoe', false, [expect.objectContaining({ externalId: id })]]);
    await retry((await failed()).map((one) => one.id));
    expect([nameOf('ann'), isOn('ann'), nameOf('zoe'), await failed()]).toEqual(['Anna', false, 'Zoe', []]);
    expect(idOf('zoe')).toBe(id);
    expect(idOf('ann')).toMatch(new RegExp(`^${await recordOf('Ann')}-`));
  });

  it('is no part of a retry of everything, and is left alone until it changes when it is skipped', async () => {
    world.mail.state.seedContacts([{ properties: { email: mail('zoe') } }]);
    const ann = annOf();
    await deliverAll(ann);
    await giveTo(idOf('ann'), 'zoe');
    await world.pull('mailplus-1');
    await db().transaction().execute((trx) => retryFailed(trx, 'mailplus-1', {}));
    await world.settle();
    expect(await failed()).toHaveLength(1);
    const ids = (await failed()).map((one) => one.id);
    expect(await db().transaction().execute((trx) => skipFailed(trx, 'mailplus-1', { ids }))).toMatchObject({ delivery: 1 });
    expect(await failed()).toEqual([]);
    await world.sync('coins-1', [{ ...ann, forename: 'Anna', lastModified: '2026-02-05T00:00:00.000Z' }], { listId: 'L' });
    await world.settle();
    expect(await failed()).toHaveLength(1);
    await retry(ids);
    expect([await failed(), nameOf('ann')]).toEqual([[], 'Anna']);
  });

  it('goes on by itself when the id is given back', async () => {
    world.mail.state.seedContacts([{ properties: { email: mail('zoe') } }]);
    const ann = annOf();
    await deliverAll(ann);
    const id = idOf('ann');
    await giveTo(id, 'zoe');
    await world.pull('mailplus-1');
    await world.sync('coins-1', [{ ...ann, forename: 'Anna', lastModified: '2026-02-05T00:00:00.000Z' }], { listId: 'L' });
    await world.settle();
    expect(await failed()).toHaveLength(1);
    await giveTo(id, 'ann');
    await world.pull('mailplus-1');
    await world.settle();
    expect([await failed(), nameOf('ann'), idOf('ann')]).toEqual([[], 'Anna', id]);
  });

  it('keeps its own when two of ours were swapped, whatever comes first', async () => {
    const [ann, ben] = [annOf(), person('Ben')];
    await deliverAll(ann, ben);
    const [a, b] = [idOf('ann'), idOf('ben')];
    await giveTo('in-between', 'ann');
    await giveTo(a, 'ben');
    await giveTo(b, 'ann');
    await world.pull('mailplus-1');
    await world.settle();
    expect(new Set((await failed()).map(({ externalId }) => externalId))).toEqual(new Set([a, b]));
    expect(['Ann', 'Ben'].map((name) => cardOf(name)?.forename)).toEqual(['Ann', 'Ben']);
    await retry((await failed()).map((one) => one.id));
    expect(await failed()).toEqual([]);
    await world.sync('coins-1', [ann, ben].map((card) => ({ ...card, forename: `${card.forename ?? ''} II`, lastModified: '2026-02-05T00:00:00.000Z' })), { listId: 'L' });
    await world.settle();
    expect([nameOf('ann'), nameOf('ben'), isOn('ann'), isOn('ben')]).toEqual(['Ann II', 'Ben II', true, false]);
  });

  it('is not one that our own call moved, since it has the address that was sent', async () => {
    const ann = annOf();
    await deliverAll(ann);
    const id = idOf('ann');
    world.mail.state.seedContacts([{ properties: { email: mail('ann.home') } }]);
    await world.sync('coins-1', [{ ...ann, email: mail('ann.home'), lastModified: '2026-02-05T00:00:00.000Z' }], { listId: 'L' });
    await world.settle();
    expect(idOf('ann.home')).toBe(id);
    await world.pull('mailplus-1');
    await world.settle();
    expect(await failed()).toEqual([]);
  });
});
