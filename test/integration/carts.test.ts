import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadApplyContext } from '../../activities/apply-context.ts';
import { loadConnector } from '../../activities/connector-context.ts';
import { applyPage } from '../../db/repositories/apply/apply-page.ts';
import { findRecordOfThing } from '../../db/repositories/record-lookup.ts';
import { rowOf, type PushedThing } from '../support/things-world.ts';
import { customer, nextMoment, openShopWorld, order, product, type ShopWorld } from '../support/shop-world.ts';

const trigger = '11111111-2222-4333-8444-555555555555';
let world: ShopWorld;
let mpid: string;

/** A world whose Mail+ has an automation for carts, and has mailed C1, who went to the shop. */
async function openWorld(settings: object): Promise<void> {
  world = await openShopWorld(settings);
  const { state } = world.sandbox;
  state.starts.addAutomation({ name: 'Cart', triggerCodes: [trigger] });
  await world.push('shop-1', 'products', [product('P1'), product('P2')]);
  await world.push('shop-1', 'contacts', [customer('C1')]);
  await deliver();
  const mailing = state.sendMailing({ name: 'May', recipients: { emails: ['c1@people.example'] }, links: [{ id: 1, name: 'shop', url: 'https://shop.example' }] });
  mpid = state.reports.mpid(mailing.encryptedId, { contact: { email: 'c1@people.example' } });
}
beforeEach(() => openWorld({ cartAutomation: { trigger } }));
afterEach(() => world.close());

const deliver = () => world.pipeline.deliver('mailplus-1');
const cart = (id: string, data: object = {}): PushedThing => ({
  id, at: nextMoment(), data: {
    status: 'open', startedAt: '2026-05-01T09:00:00.000Z', currency: 'EUR', totalCents: 900, contactExternalId: 'C1', url: `https://shop.example/cart/${id}`,
    lines: [{ productExternalId: 'P1', quantity: 2, unitPriceCents: 450 }], ...data,
  },
});
const fromMailing = (id: string, data: object = {}) => cart(id, { extra: { mpid }, ...data });
const actions = () => world.pipeline.deps.db.selectFrom('action').select(['kind', 'state', 'reason']).where('connector_id', '=', 'mailplus-1').orderBy('id').execute();
const started = () => world.sandbox.state.starts.started().map(({ kind, detail }) => ({ kind, detail }));
const productId = async (sku: string) => (await world.pipeline.deps.db.selectFrom('record').select(['id', 'canonical']).where('data_type', '=', 'products').execute())
  .flatMap(({ id, canonical }) => (canonical['sku'] === sku ? [`hub-${id}`] : []))[0];

describe('a cart that came of a mailing', () => {
  it('tells the mailing that it was started, and when its order comes that it was bought, each once', async () => {
    await world.push('shop-1', 'checkouts', [fromMailing('K1')]);
    await deliver();
    await world.push('shop-1', 'checkouts', [fromMailing('K1', { totalCents: 950 })]);
    await world.push('shop-1', 'checkouts', [fromMailing('K1', { status: 'completed', orderExternalId: 'O1' })]);
    await world.push('shop-1', 'orders', [order('O1', { extra: { refundedCents: 100 } })]);
    await deliver();
    await world.push('shop-1', 'orders', [order('O1', { status: 'shipped', extra: { refundedCents: 100 } })]);
    await deliver();
    expect(started()).toEqual([
      { kind: 'cartCreated', detail: expect.objectContaining({ interactionMs: Date.parse('2026-05-01T09:00:00Z') }) },
      { kind: 'cartConverted', detail: expect.objectContaining({ valueCents: 800, products: [await productId('SKU-P1')], interactionMs: Date.parse('2026-05-01T10:00:00Z') }) },
    ]);
    expect(await world.deliveries('checkouts')).toMatchObject([{ state: 'delivered', reason: expect.stringContaining('mailing') }]);
    const [cartShown, orderShown] = await Promise.all([['checkouts', 'K1'] as const, ['orders', 'O1'] as const].map(([type, id]) => findRecordOfThing(world.pipeline.deps.db, 'shop-1', type, id)));
    expect([cartShown?.actions, orderShown?.actions]).toMatchObject([[{ kind: 'conversion.post', state: 'done' }], [{ kind: 'conversion.post', state: 'done' }]]);
  });

  it.each([
    ['the checkout names the order', { orderExternalId: 'O1' }, {}],
    ['the order names the checkout', {}, { extra: { checkoutId: 'K1' } }],
    ['the order has the mpid itself', {}, 'own' as const],
  ])('is bought whichever comes first, when %s', async (_, ofCheckout, ofOrder) => {
    const bought = order('O1', ofOrder === 'own' ? { extra: { mpid } } : ofOrder);
    await world.push('shop-1', 'orders', [bought]);
    await world.push('shop-1', 'checkouts', [fromMailing('K1', ofCheckout)]);
    await world.push('shop-1', 'orders', [bought]);
    await deliver();
    expect(started().map(({ kind }) => kind).toSorted()).toEqual(['cartConverted', 'cartCreated']);
    expect((await actions()).every(({ state }) => state === 'done')).toBe(true);
  });

  it('is bought also when checkout and order are applied at the same moment', async () => {
    const { deps } = world.pipeline;
    const connector = await loadConnector(deps, 'shop-1');
    const contexts = { checkouts: await loadApplyContext(deps, connector, 'checkouts'), orders: await loadApplyContext(deps, connector, 'orders') };
    const now = new Date().toISOString();
    const apply = (dataType: 'checkouts' | 'orders', thing: PushedThing) => applyPage(deps.db, {
      ...contexts[dataType], rows: [rowOf(dataType, thing)], readAt: now, receivedAt: now, isPushed: true, mayCreate: true, urgency: 'live', cause: { kind: 'test' },
    });
    const carts = Array.from({ length: 24 }, (_, index) => index);
    await Promise.all(carts.flatMap((n) => [apply('checkouts', fromMailing(`K${n}`, { orderExternalId: `O${n}` })), apply('orders', order(`O${n}`))]));
    const kinds = await deps.db.selectFrom('action').select('cause').where('cause', 'like', 'cart/order-%').execute();
    expect(kinds).toHaveLength(carts.length);
  });

  it('that is bought waits for the products of its order', async () => {
    await world.push('shop-1', 'orders', [order('O1', { extra: { mpid }, lines: [{ productExternalId: 'P7', quantity: 1, unitPriceCents: 450 }] })]);
    await deliver();
    expect(await actions()).toEqual([{ kind: 'conversion.post', state: 'pending', reason: 'waiting for products of the cart' }]);
    await world.push('shop-1', 'products', [product('P7')]);
    await deliver();
    expect(started()).toEqual([{ kind: 'cartConverted', detail: expect.objectContaining({ products: [await productId('SKU-P7')] }) }]);
  });

  it('is not bought by an order that arrives cancelled, nor by one of before the connector was there', async () => {
    await world.push('shop-1', 'orders', [order('O1', { status: 'cancelled', extra: { mpid } }), order('O2', { placedAt: '2025-12-01T00:00:00.000Z', extra: { mpid } })]);
    await deliver();
    expect(started()).toEqual([]);
    expect(await actions()).toEqual([{ kind: 'conversion.post', state: 'done', reason: 'it was bought before this connector was added' }]);
  });

  it('leaves nothing of the person in the queue, and is not told of when it is gone from the hub by then', async () => {
    await world.push('shop-1', 'checkouts', [fromMailing('K1')]);
    await world.push('shop-1', 'orders', [order('O1', { extra: { checkoutId: 'K1' } })]);
    const { db } = world.pipeline.deps;
    expect(JSON.stringify(await db.selectFrom('action').selectAll().execute())).not.toContain(mpid);
    await db.updateTable('record').set({ canonical: '{}', deleted: true }).where('data_type', 'in', ['checkouts', 'orders']).execute();
    await deliver();
    expect(started()).toEqual([]);
    expect((await actions()).map(({ state }) => state)).toEqual(['done', 'done']);
  });

  it('is never told of twice when the answer is lost', async () => {
    world.sandbox.state.addFault({ action: 'reset', when: 'after', path: '/conversion', skip: 0, count: 1 });
    await world.push('shop-1', 'checkouts', [fromMailing('K1')]);
    await deliver();
    await deliver();
    expect(started()).toHaveLength(1);
    expect(await actions()).toMatchObject([{ kind: 'conversion.post', state: 'parked' }]);
  });
});

describe('a cart that came of no mailing', () => {
  it('starts the automation for its customer once, with its products and the link to it', async () => {
    await world.push('shop-1', 'checkouts', [cart('K1')]);
    await world.push('shop-1', 'checkouts', [cart('K1', { status: 'abandoned' })]);
    await deliver();
    await world.push('shop-1', 'checkouts', [cart('K1', { status: 'abandoned', totalCents: 901 })]);
    await deliver();
    expect(world.sandbox.state.starts.counts()).toMatchObject({ total: 1, repeated: [], perContact: [{ kind: 'automation', email: 'c1@people.example' }] });
    expect(JSON.stringify(started())).toContain(String(await productId('SKU-P1')));
    expect(JSON.stringify(started())).toContain('https://shop.example/cart/K1');
    expect(await world.deliveries('checkouts')).toMatchObject([{ state: 'delivered', reason: expect.stringContaining('automation') }]);
  });

  it('goes by the address of a guest, and waits for the customer who is on the way', async () => {
    await world.push('shop-1', 'checkouts', [cart('K1', { contactExternalId: null, email: 'C2@people.example' })]);
    await deliver();
    expect(await actions()).toMatchObject([{ state: 'pending', reason: 'waiting for the customer of the cart' }]);
    await world.push('shop-1', 'contacts', [customer('C2')]);
    await deliver();
    expect(world.sandbox.state.starts.counts().perContact).toMatchObject([{ email: 'c2@people.example', count: 1 }]);
  });

  it('reminds nobody of what is bought by then', async () => {
    await world.push('shop-1', 'checkouts', [cart('K1')]);
    await world.push('shop-1', 'orders', [order('O1', { extra: { checkoutId: 'K1' } })]);
    await deliver();
    expect(started()).toEqual([]);
    expect(await actions()).toMatchObject([{ state: 'done', reason: expect.stringContaining('bought') }]);
  });

  it('starts nothing for what was begun before the connector was there, nor for products that do not go to Mail+', async () => {
    await world.push('shop-1', 'products', [product('P8', { imageUrl: null })]);
    await world.push('shop-1', 'checkouts', [cart('K1', { startedAt: '2025-12-01T00:00:00.000Z' }), cart('K2', { lines: [{ productExternalId: 'P8', quantity: 1, unitPriceCents: 1 }] })]);
    await deliver();
    expect(started()).toEqual([]);
    expect(await actions()).toMatchObject([{ state: 'done', reason: 'it was started before this connector was added' }, { state: 'failed', reason: expect.stringContaining('products') }]);
  });

  it('stays out with the reason where no automation is set', async () => {
    await world.close();
    await openWorld({});
    await world.push('shop-1', 'checkouts', [cart('K1')]);
    await deliver();
    expect(await actions()).toEqual([]);
    expect(await world.deliveries('checkouts')).toMatchObject([{ state: 'excluded', reason: expect.stringContaining('cartAutomation') }]);
  });
});

/** Actions that are carried out beside each other. */
const atOnce = 4;

it('an account without Spotler eCommerce is asked once a day, and the others say why', async () => {
  world.sandbox.state.shop.setLicensed(false);
  await world.push('shop-1', 'checkouts', Array.from({ length: 20 }, (_, index) => fromMailing(`K${index}`)));
  await deliver();
  expect(new Set((await actions()).map(({ state }) => state))).toEqual(new Set(['skipped']));
  expect(world.sandbox.state.counters()['POST /conversion']?.calls).toBeLessThanOrEqual(atOnce);
});
