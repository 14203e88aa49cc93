import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { releaseUnlicensed } from '../../db/repositories/deliver/unlicensed.ts';
import { customer, nextMoment, openShopWorld, order, product, type ShopWorld } from '../support/shop-world.ts';

let world: ShopWorld;
beforeEach(async () => {
  world = await openShopWorld();
});
afterEach(() => world.close());

const deliver = () => world.pipeline.deliver('mailplus-1');
const calls = () => Object.fromEntries(Object.entries(world.sandbox.state.counters()).filter(([name]) => /product|order/.test(name)).map(([name, { calls: count }]) => [name, count]));
const db = () => world.pipeline.deps.db;
const recordIds = async (dataType: string) => (await db().selectFrom('record').select('id').where('data_type', '=', dataType).orderBy('id').execute()).map(({ id }) => id);

describe('products and orders of a shop in Mail+', () => {
  it('arrive under ids of the hub, the order with its contact and products, one call each', async () => {
    await world.push('shop-1', 'orders', [order('O1', { lines: [{ productExternalId: 'P1', quantity: 2, unitPriceCents: 450 }, { productExternalId: 'P2', quantity: 1, unitPriceCents: 100 }] })]);
    await world.push('shop-1', 'contacts', [customer('C1')]);
    await world.push('shop-1', 'products', [product('P1'), product('P2')]);
    await deliver();
    const [p1, p2] = await recordIds('products');
    const [o1] = await recordIds('orders');
    expect(world.sandbox.state.shop.orders()).toMatchObject([{ externalId: `hub-${o1}`, valueCents: 900, externalProductIds: [`hub-${p1}`, `hub-${p2}`], email: 'c1@people.example' }]);
    expect(calls()).toEqual({ 'POST /product': 2, 'POST /order': 1 });
    const held = await db().selectFrom('link').select('held').where('connector_id', '=', 'mailplus-1').where('data_type', '<>', 'contacts').execute();
    expect(JSON.stringify(held)).not.toContain('permissions');
    await world.push('shop-1', 'orders', [order('O1', { totalCents: 900, lines: [{ productExternalId: 'P1', quantity: 5, unitPriceCents: 450 }, { productExternalId: 'P2', quantity: 1, unitPriceCents: 100 }] })]);
    await deliver();
    expect(calls()).toEqual({ 'POST /product': 2, 'POST /order': 1 });
  });

  it('that are cancelled are taken away, also while something that they name is missing, and never made when they were not there', async () => {
    await world.push('shop-1', 'products', [product('P1')]);
    await world.push('shop-1', 'contacts', [customer('C1')]);
    await world.push('shop-1', 'orders', [order('O1')]);
    await deliver();
    await world.push('shop-1', 'orders', [order('O1', { status: 'cancelled', lines: [{ productExternalId: 'P9', quantity: 1, unitPriceCents: 1 }] }), order('O2', { status: 'cancelled', contactExternalId: 'C9' })]);
    await deliver();
    expect(world.sandbox.state.shop.orders()).toEqual([]);
    expect(await world.deliveries('orders')).toMatchObject([{ state: 'delivered' }, { state: 'excluded', reason: 'it was cancelled before it was sent' }]);
    expect(calls()).toMatchObject({ 'POST /order': 1, 'DELETE /order/{externalOrderId}': 1 });
    await world.push('shop-1', 'orders', [order('O1')]);
    await deliver();
    expect(world.sandbox.state.shop.orders()).toHaveLength(1);
  });

  it('a deleted product is marked as deleted, and lives again when the shop has it again', async () => {
    await world.push('shop-1', 'products', [product('P1')]);
    await deliver();
    await world.push('shop-1', 'products', [{ id: 'P1', at: nextMoment(), deleted: true }]);
    await deliver();
    expect(world.sandbox.state.shop.products()).toMatchObject([{ content: { deleted: true } }]);
    await world.push('shop-1', 'products', [product('P1')]);
    await deliver();
    expect(world.sandbox.state.shop.products()).toMatchObject([{ content: { deleted: false, name: 'Mug P1' } }]);
  });

  it('what was sent with an unknown outcome is taken away when it is gone meanwhile', async () => {
    world.sandbox.state.addFault({ action: 'reset', when: 'after', path: '/product', skip: 0, count: 1 });
    await world.push('shop-1', 'products', [product('P1')]);
    await expect(deliver()).rejects.toMatchObject({ code: 'PLATFORM_RESET' });
    await world.push('shop-1', 'products', [{ id: 'P1', at: nextMoment(), deleted: true }]);
    await deliver();
    expect(world.sandbox.state.shop.products()).toMatchObject([{ content: { deleted: true } }]);
  });

  it('a product without an image stays out with the field\'s name, and its order waits until it has one', async () => {
    await world.push('shop-1', 'products', [product('P1', { imageUrl: null })]);
    await world.push('shop-1', 'contacts', [customer('C1')]);
    await world.push('shop-1', 'orders', [order('O1')]);
    await deliver();
    expect(await world.deliveries('products')).toMatchObject([{ state: 'excluded', reason: expect.stringContaining('imageUrl') }]);
    expect(await world.deliveries('orders')).toMatchObject([{ state: 'parked', code: 'REFERENCE_WAITS' }]);
    await world.push('shop-1', 'products', [product('P1')]);
    await deliver();
    expect(await world.deliveries('orders')).toMatchObject([{ state: 'delivered' }]);
  });
});

describe('orders of guests', () => {
  const guest = (address: string) => order('O1', { contactExternalId: null, email: address });

  it('go to the contact with the address, however it is written', async () => {
    await world.push('shop-1', 'products', [product('P1')]);
    await world.push('shop-1', 'contacts', [customer('C1')]);
    await world.push('shop-1', 'orders', [guest(' C1@People.Example ')]);
    await deliver();
    expect(world.sandbox.state.shop.orders()).toMatchObject([{ email: 'c1@people.example' }]);
  });

  it('stay out with the reason while nobody has the address, and go on by themselves when somebody has', async () => {
    await world.push('shop-1', 'products', [product('P1')]);
    await world.push('shop-1', 'orders', [guest('c2@people.example')]);
    await deliver();
    expect(await world.deliveries('orders')).toMatchObject([{ state: 'excluded', reason: expect.stringContaining('guest') }]);
    expect((await world.push('shop-1', 'contacts', [customer('C2')])).raisedFor).toContain('mailplus-1');
    await deliver();
    expect(world.sandbox.state.shop.orders()).toMatchObject([{ email: 'c2@people.example' }]);
  });

  it('go on when a contact gets the address who was in Mail+ already', async () => {
    await world.push('shop-1', 'products', [product('P1')]);
    await world.push('shop-1', 'contacts', [customer('C3')]);
    await world.push('shop-1', 'orders', [guest('new@people.example')]);
    await deliver();
    expect(world.sandbox.state.shop.orders()).toEqual([]);
    await world.push('shop-1', 'contacts', [customer('C3', { data: { email: 'new@people.example' } })]);
    await deliver();
    expect(world.sandbox.state.shop.orders()).toMatchObject([{ email: 'new@people.example' }]);
  });
});

it('buyers of a marketplace never reach Mail+, not even by an address that is known there', async () => {
  await world.add('market-1', 'marketplace');
  await world.push('shop-1', 'contacts', [customer('C1')]);
  await world.push('market-1', 'products', [product('P1')]);
  await world.push('market-1', 'orders', [order('O1'), order('O2', { contactExternalId: null, email: 'c1@people.example' })]);
  await deliver();
  expect((await world.deliveries('orders')).map(({ state }) => state)).toEqual(['excluded', 'excluded']);
  expect(world.sandbox.state.shop.orders()).toEqual([]);
});

describe('an account without Spotler eCommerce', () => {
  it('is asked once a day and data type; what waits says why, contacts go on, and all of it goes when the licence has come', async () => {
    world.sandbox.state.shop.setLicensed(false);
    await world.push('shop-1', 'products', Array.from({ length: 90 }, (_, index) => product(`P${index}`)));
    await world.push('shop-1', 'contacts', [customer('C1')]);
    await deliver();
    expect(calls()).toEqual({ 'POST /product': 1 });
    const states = await world.deliveries('products');
    expect(states).toHaveLength(90);
    expect(new Set(states.map(({ state, code }) => `${state} ${code}`))).toEqual(new Set(['parked PLATFORM_NOT_LICENSED']));
    expect(states.every(({ reason }) => reason?.includes('eCommerce') === true)).toBe(true);
    expect(world.properties('c1@people.example')).toBeDefined();
    await world.push('shop-1', 'products', [product('P100')]);
    await deliver();
    expect(calls()).toEqual({ 'POST /product': 1 });
    expect(await db().selectFrom('call_attempt').select('id').execute()).toEqual([]);
  });

  it('asks again with one record on the next day, and sends the others when that was taken', async () => {
    world.sandbox.state.shop.setLicensed(false);
    await world.push('shop-1', 'products', [product('P1'), product('P2'), product('P3')]);
    await deliver();
    const now = new Date().toISOString();
    expect(await releaseUnlicensed(db(), now)).toEqual([]);
    await db().updateTable('delivery').set({ settled_at: new Date(Date.now() - 25 * 3_600_000).toISOString() }).where('state', '=', 'parked').execute();
    expect(await releaseUnlicensed(db(), now)).toEqual(['mailplus-1']);
    await deliver();
    expect(calls()).toEqual({ 'POST /product': 2 });
    world.sandbox.state.shop.setLicensed(true);
    await db().updateTable('delivery').set({ settled_at: new Date(Date.now() - 25 * 3_600_000).toISOString() }).where('state', '=', 'parked').execute();
    await releaseUnlicensed(db(), now);
    await deliver();
    expect(world.sandbox.state.shop.products()).toHaveLength(1);
    expect(await releaseUnlicensed(db(), now)).toEqual(['mailplus-1']);
    await deliver();
    expect(world.sandbox.state.shop.products()).toHaveLength(3);
  });
});
