import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { customer, openShopWorld, order, product, type ShopWorld } from '../support/shop-world.ts';

let world: ShopWorld;
beforeEach(async () => {
  world = await openShopWorld();
  await world.push('shop-1', 'products', [product('P1')]);
});
afterEach(() => world.close());

const deliver = () => world.pipeline.deliver('mailplus-1');
const db = () => world.pipeline.deps.db;
const day = (text: string): string => `${text}T00:00:00.000Z`;
const placed = (id: string, date: string, data: object = {}) => order(id, { placedAt: day(date), ...data });
const newCustomer = (data: object = {}) => customer('C1', { createdAt: day('2026-02-01'), data });
const oldCustomer = (data: object = {}) => customer('C1', { createdAt: day('2019-02-01'), data });

/** The dates that Mail+ holds, as instants. */
function dates(email = 'c1@people.example'): { first: string | null; last: string | null } {
  const instant = (value: unknown) => (typeof value === 'string' && value !== '' ? new Date(value).toISOString() : null);
  const properties = world.properties(email) ?? {};
  return { first: instant(properties['firstPurchaseDate']), last: instant(properties['lastPurchaseDate']) };
}

describe('purchase dates in Mail+', () => {
  it('come from the orders of a customer who is new: the first is set once, the last moves with each order', async () => {
    await world.push('shop-1', 'contacts', [newCustomer()]);
    await deliver();
    expect(dates()).toEqual({ first: null, last: null });
    expect((await world.push('shop-1', 'orders', [placed('O1', '2026-03-01')])).raisedFor).toContain('mailplus-1');
    await deliver();
    expect(dates()).toEqual({ first: day('2026-03-01'), last: day('2026-03-01') });
    await world.push('shop-1', 'orders', [placed('O2', '2026-04-01')]);
    await deliver();
    await world.push('shop-1', 'orders', [placed('O3', '2026-03-15'), placed('O4', '2026-02-15')]);
    await deliver();
    expect(dates()).toEqual({ first: day('2026-03-01'), last: day('2026-04-01') });
  });

  it('an old customer gets no first date out of the last days', async () => {
    await world.push('shop-1', 'contacts', [oldCustomer()]);
    await world.push('shop-1', 'orders', [placed('O1', '2026-03-01')]);
    await deliver();
    expect(dates()).toEqual({ first: null, last: day('2026-03-01') });
  });

  it('an old customer gets one when the orders were imported as far back, or when the shop calls an order the first', async () => {
    await world.push('shop-1', 'contacts', [oldCustomer(), customer('C2')]);
    await db().insertInto('backfill_run').values({
      account_id: 'default', connector_id: 'shop-1', data_type: 'orders', from_at: day('2015-01-01'), to_at: day('2026-06-01'), state: 'done', is_first: false, workflow_id: 'by-hand',
    }).execute();
    await world.push('shop-1', 'orders', [placed('O1', '2026-03-01'), placed('O2', '2026-03-02', { contactExternalId: 'C2', extra: { firstOrder: true } })]);
    await deliver();
    expect(dates()).toEqual({ first: day('2026-03-01'), last: day('2026-03-01') });
    expect(dates('c2@people.example')).toEqual({ first: day('2026-03-02'), last: day('2026-03-02') });
  });

  it('an order that arrives cancelled is ignored, one that is cancelled later changes neither date', async () => {
    await world.push('shop-1', 'contacts', [newCustomer()]);
    await world.push('shop-1', 'orders', [placed('O1', '2026-03-01', { status: 'cancelled' }), placed('O2', '2026-03-05')]);
    await deliver();
    expect(dates()).toEqual({ first: day('2026-03-05'), last: day('2026-03-05') });
    await world.push('shop-1', 'orders', [placed('O2', '2026-03-05', { status: 'cancelled' })]);
    await world.push('shop-1', 'contacts', [newCustomer({ name: { firstName: 'Ann' } })]);
    await deliver();
    expect(dates()).toEqual({ first: day('2026-03-05'), last: day('2026-03-05') });
  });

  it('are the shop\'s own where it has them', async () => {
    await world.push('shop-1', 'contacts', [newCustomer({ firstPurchaseAt: day('2026-02-02'), lastPurchaseAt: day('2026-02-20') })]);
    await world.push('shop-1', 'orders', [placed('O1', '2026-03-01')]);
    await deliver();
    expect(dates()).toEqual({ first: day('2026-02-02'), last: day('2026-02-20') });
  });

  it('keep what Mail+ holds, apart from a later last one', async () => {
    world.sandbox.state.seedContacts([{ externalId: '77', properties: { email: 'c1@people.example', firstPurchaseDate: '2018-01-01T00:00:00+00:00', lastPurchaseDate: '2018-05-01T00:00:00+00:00' } }]);
    await world.pipeline.read('mailplus-1', 'contacts', { from: '2010-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' });
    await world.push('shop-1', 'contacts', [newCustomer()]);
    await world.push('shop-1', 'orders', [placed('O1', '2026-03-01')]);
    await deliver();
    expect(dates()).toEqual({ first: day('2018-01-01'), last: day('2026-03-01') });
    await world.pipeline.read('mailplus-1', 'contacts', { from: '2010-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' });
    await world.push('shop-1', 'contacts', [newCustomer({ name: { firstName: 'Ann' } })]);
    await deliver();
    expect(dates()).toEqual({ first: day('2018-01-01'), last: day('2026-03-01') });
  });

  it('come with orders that were there before their customer, and before this shop told of a contact who was known', async () => {
    await world.add('shop-2', 'e-commerce-with-marketing-automation');
    await world.push('shop-2', 'contacts', [customer('X1', { createdAt: day('2026-02-01'), data: { email: 'c1@people.example' } })]);
    await deliver();
    await world.push('shop-1', 'orders', [placed('O1', '2026-03-01')]);
    await deliver();
    expect(dates()).toEqual({ first: null, last: null });
    expect((await world.push('shop-1', 'contacts', [newCustomer()])).raisedFor).toContain('mailplus-1');
    await deliver();
    expect(dates()).toEqual({ first: day('2026-03-01'), last: day('2026-03-01') });
  });

  it('no first date while another shop may know an earlier order; an order of a guest moves the last one', async () => {
    await world.add('shop-2', 'e-commerce-with-marketing-automation');
    await world.push('shop-2', 'contacts', [customer('X1', { createdAt: day('2015-02-01'), data: { email: 'c1@people.example' } })]);
    await world.push('shop-1', 'contacts', [newCustomer()]);
    await world.push('shop-1', 'orders', [placed('O1', '2026-03-01')]);
    await world.push('shop-2', 'products', [product('P1')]);
    await world.push('shop-2', 'orders', [placed('G1', '2026-04-01', { contactExternalId: null, email: 'c1@people.example' })]);
    await deliver();
    expect(dates()).toEqual({ first: null, last: day('2026-04-01') });
  });

  it('are the same whatever comes first, and cost one call for a contact that is new', async () => {
    await world.push('shop-1', 'orders', [placed('O2', '2026-04-01')]);
    await world.push('shop-1', 'orders', [placed('O1', '2026-03-01')]);
    await world.push('shop-1', 'contacts', [newCustomer()]);
    await deliver();
    expect(dates()).toEqual({ first: day('2026-03-01'), last: day('2026-04-01') });
    expect(world.sandbox.state.counters()['POST /contact/list']?.calls).toBe(1);
  });
});
