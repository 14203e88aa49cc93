import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox } from '../../sandbox/mailplus/index.ts';
import type { MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { call, control, olderBase, refusal } from './mailplus-caller.ts';

let sandbox: MailplusSandbox;
beforeEach(async () => {
  sandbox = await startMailplusSandbox();
  sandbox.state.seedContacts([{ externalId: 'P1', properties: { email: 'p1@example.com' } }]);
});
afterEach(() => sandbox.close());

type Fields = Readonly<Record<string, unknown>>;
const mug: Fields = {
  externalId: '1-42', sku: '1-ABC', name: 'Mug', category: 'Home/Kitchen', price: 1295, oldPrice: '1495', link: 'https://shop.example/mug',
  imageUrl: 'https://shop.example/i/n', imageLargeUrl: 'https://shop.example/i/l', addToCartLink: '', visible: 'true',
  specifications: [{ description: 'Colour', value: 'Red', rank: 1 }], customProperties: { colour: 'red' },
};
const insert = (fields: Fields = {}, flags: Fields = {}) => call(sandbox, 'POST', '/product/', { body: { ...flags, product: { ...mug, ...fields } } });
const show = async (id = '1-42') => (await call(sandbox, 'GET', `/product/${id}`)).body as Fields;

describe('products', () => {
  it('are taken with numbers and texts alike, and shown as texts', async () => {
    const written = await insert();
    expect([written.status, written.text]).toEqual([204, '']);
    expect(await show()).toEqual({
      ...mug, price: '1295', oldPrice: '1495', visible: true, stock: 'UNKNOWN', deleted: false,
      specifications: [{ description: 'Colour', value: 'Red', rank: '1' }],
      creationDate: expect.stringMatching(/Z$/), changeDate: expect.stringMatching(/Z$/),
    });
    const { body } = await call(sandbox, 'GET', '/product/1-42', { base: olderBase(sandbox) });
    expect(body).toMatchObject({ creationDate: expect.any(Number), changeDate: expect.any(Number) });
  });

  it('are unique by id unless update says otherwise, and replaced by what a write gives', async () => {
    await insert();
    expect(refusal(await insert())).toEqual([400, 'ID_NOTUNIQUE']);
    expect((await insert({ price: 1195, oldPrice: undefined, stock: 'LIMITED' }, { update: true })).status).toBe(204);
    expect(await show()).toMatchObject({ price: '1195', stock: 'LIMITED' });
    expect(await show()).not.toHaveProperty('oldPrice');
    const { externalId: _id, ...rest } = mug;
    expect((await call(sandbox, 'PUT', '/product/1-42', { body: { product: { ...rest, name: 'Big mug' } } })).status).toBe(204);
    expect(await show()).toMatchObject({ externalId: '1-42', name: 'Big mug', price: '1295' });
    expect(sandbox.state.effects().totals).toMatchObject({ productsCreated: 1, productsChanged: 2 });
  });

  it('know whether a write changed anything', async () => {
    await insert();
    await insert({}, { update: true });
    expect(sandbox.state.journal().map(({ changed }) => changed)).toEqual([true, false]);
  });

  it.each([
    ['no id', { externalId: '' }, 'INVALID_PARAMS'],
    ['no name', { name: null }, 'INVALID_PARAMS'],
    ['no link', { link: '' }, 'INVALID_PARAMS'],
    ['no price', { price: null }, 'INVALID_PARAMS'],
    ['a price in euros', { price: '12.95' }, 'INVALID_PARAMS'],
    ['no image', { imageUrl: '' }, 'INVALID_PARAMS'],
    ['no large image', { imageLargeUrl: undefined }, 'INVALID_PARAMS'],
    ['an unknown stock level', { stock: 'PLENTY' }, 'INVALID_PARAMS'],
    ['visible in words', { visible: 'yes' }, 'INVALID_PARAMS'],
    ['a name that is an object', { name: {} }, 'INVALID_PARAMS'],
    ['a specification without a value', { specifications: [{ description: 'Colour' }] }, 'INVALID_PARAMS'],
    ['an unknown custom property', { customProperties: { size: 'L' } }, 'INVALID_PROPERTY'],
    ['an empty custom property', { customProperties: { colour: null } }, 'INVALID_PROPERTY'],
    ['a custom property of 256 characters', { customProperties: { colour: 'x'.repeat(256) } }, 'INVALID_PROPERTY'],
  ])('are refused with %s', async (_what, fields, errorType) => {
    expect(refusal(await insert(fields))).toEqual([400, errorType]);
    await insert({ externalId: '1-42' });
    const { status } = await call(sandbox, 'PUT', '/product/1-42', { body: { product: { ...mug, ...fields } } });
    expect(status).toBe(400);
    expect(sandbox.state.shop.products()).toMatchObject([{ content: { name: 'Mug' } }]);
  });

  it('take a custom property of 255 characters, and list what there is', async () => {
    await control(sandbox, 'POST', '/product-properties', { name: 'size' });
    expect((await insert({ customProperties: { size: 'x'.repeat(255) } })).status).toBe(204);
    expect((await call(sandbox, 'GET', '/product/custom-properties/list')).body).toEqual([{ name: 'colour' }, { name: 'material' }, { name: 'size' }]);
  });

  it('are deleted softly: still there, marked, and back by a write', async () => {
    await insert();
    expect((await call(sandbox, 'DELETE', '/product/1-42')).status).toBe(204);
    expect(await show()).toMatchObject({ deleted: true, name: 'Mug' });
    expect((await call(sandbox, 'DELETE', '/product/1-42')).status).toBe(204);
    expect(sandbox.state.effects().totals).toMatchObject({ productsDeleted: 1 });
    expect(refusal(await insert())).toEqual([400, 'ID_NOTUNIQUE']);
    await insert({}, { update: true });
    expect(await show()).toMatchObject({ deleted: false });
  });

  it.each(['GET', 'PUT', 'DELETE'])('are 404 for a %s of an unknown one', async (method) => {
    const body = method === 'PUT' ? { body: { product: mug } } : {};
    expect(refusal(await call(sandbox, method, '/product/nope', body))).toEqual([404, 'PRODUCT_NOTFOUND']);
  });

  it('are found by their fields and custom properties, page by page, as a bare array', async () => {
    for (const number of [1, 2, 3]) await insert({ externalId: `M${number}`, name: `Mug ${number}`, brand: 'Potter' });
    await insert({ externalId: 'T1', name: 'Tea', customProperties: {} });
    const search = async (MPSearchQuery: string, query: Record<string, string> = {}) => {
      const { body } = await call(sandbox, 'GET', '/product/search', { query: { MPSearchQuery, ...query } });
      return (body as Fields[]).map(({ externalId }) => externalId);
    };
    expect(await search('name=mug 2')).toEqual(['M2']);
    expect(await search('colour=red&brand=potter')).toEqual(['M1', 'M2', 'M3']);
    expect(await search('price=1295', { after: '1', pageSize: '2' })).toEqual(['M2', 'M3']);
    expect(await search('name=nothing')).toEqual([]);
    const bad = (query: Record<string, string>) => call(sandbox, 'GET', '/product/search', { query });
    expect(refusal(await bad({}))).toEqual([400, 'INVALID_PARAMS']);
    expect(refusal(await bad({ MPSearchQuery: 'shoeSize=42' }))).toEqual([400, 'INVALID_PROPERTY']);
  });
});

describe('orders', () => {
  const order: Fields = { externalId: '1001', date: '2024-05-01T10:00:00+02:00', externalContactId: 'P1', externalProductIds: ['1-42'], value: 4590 };
  const place = (fields: Fields = {}, flags: Fields = {}) => call(sandbox, 'POST', '/order/', { body: { ...flags, order: { ...order, ...fields } } });
  const put = (fields: Fields = {}) => call(sandbox, 'PUT', '/order/1001', { body: { order: { ...order, ...fields } } });
  beforeEach(() => insert());

  it('are placed, changed and taken back', async () => {
    const placed = await place();
    expect([placed.status, placed.text]).toEqual([204, '']);
    expect(sandbox.state.shop.orders()).toEqual([{
      externalId: '1001', date: '2024-05-01T08:00:00.000Z', valueCents: 4590, externalProductIds: ['1-42'],
      email: 'p1@example.com', externalIds: { externalId: 'P1' },
    }]);
    expect(refusal(await place())).toEqual([400, 'ID_NOTUNIQUE']);
    expect((await place({ value: '4000' }, { update: 'true' })).status).toBe(204);
    expect((await put({ value: 3500 })).status).toBe(204);
    expect((await control(sandbox, 'GET', '/state/orders')).body).toMatchObject([{ valueCents: 3500 }]);
    expect((await call(sandbox, 'DELETE', '/order/1001')).status).toBe(204);
    expect(refusal(await call(sandbox, 'DELETE', '/order/1001'))).toEqual([404, 'ORDER_NOTFOUND']);
    expect(refusal(await put())).toEqual([404, 'ORDER_NOTFOUND']);
    expect(sandbox.state.effects().totals).toMatchObject({ ordersCreated: 1, ordersChanged: 2, ordersDeleted: 1 });
  });

  it.each([
    ['no id', { externalId: '' }, 'INVALID_PARAMS'],
    ['no contact', { externalContactId: null }, 'INVALID_PARAMS'],
    ['an unknown contact', { externalContactId: 'nobody' }, 'CONTACT_NOT_FOUND'],
    ['no products', { externalProductIds: [] }, 'INVALID_PARAMS'],
    ['an empty product id', { externalProductIds: ['1-42', ''] }, 'INVALID_PARAMS'],
    ['an unknown product', { externalProductIds: ['1-42', '1-43'] }, 'PRODUCT_NOTFOUND'],
    ['no date', { date: undefined }, 'INVALID_PARAMS'],
    ['an impossible date', { date: '2024-02-30' }, 'INVALID_PARAMS'],
    ['no value', { value: null }, 'INVALID_PARAMS'],
    ['a value in euros', { value: 45.9 }, 'INVALID_PARAMS'],
    ['a value below zero', { value: -1 }, 'INVALID_PARAMS'],
  ])('are refused with %s', async (_what, fields, errorType) => {
    expect(refusal(await place(fields))).toEqual([400, errorType]);
    expect(sandbox.state.shop.orders()).toEqual([]);
    await place();
    expect(refusal(await put(fields))).toEqual([400, errorType]);
    expect(sandbox.state.shop.orders()).toMatchObject([{ valueCents: 4590 }]);
  });

  it('may hold a product that was deleted since, and not another key\'s contact id', async () => {
    await call(sandbox, 'DELETE', '/product/1-42');
    expect((await place()).status).toBe(204);
    sandbox.state.addCredential({ key: 'other', secret: 'other', externalIdField: 'otherId' });
    const asOther = await call(sandbox, 'POST', '/order', { key: 'other', secret: 'other', body: { order: { ...order, externalId: '2' } } });
    expect(refusal(asOther)).toEqual([400, 'CONTACT_NOT_FOUND']);
  });
});
