import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fields } from '../../domain/model/fields.ts';
import { orderedJson } from '../../domain/model/record-fields.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import type { DeliveryItem, DeliveryOutcome, DesiredRecord, Projection } from '../../platforms/platform.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { mailplusContext } from './mailplus-context.ts';

const mug: Fields = {
  sku: 'MUG-1', gtin: '8712345678906', name: 'Mug', description: 'A blue mug', brand: 'Oak', categories: '["Home","Kitchen"]', language: 'nl', url: 'https://shop.example/mug',
  imageUrl: 'https://shop.example/mug.jpg', priceCents: 1295, oldPriceCents: 1495, currency: 'EUR', visible: true, 'extra.colour': 'blue', 'extra.shelf': 'A3',
};
const order: Fields = {
  number: '1001', status: 'paid', placedAt: '2026-05-01T08:00:00.000Z', currency: 'EUR', totalCents: 4590, contactExternalId: 'C-1',
  lines: orderedJson([{ productExternalId: 'P-1', quantity: 2, unitPriceCents: 1295 }, { productExternalId: 'P-2', quantity: 1, unitPriceCents: 2000 }]),
};
const linked = { 'contacts/C-1': '5', 'products/P-1': 'hub-1', 'products/P-2': 'hub-2' };

let sandbox: MailplusSandbox;
beforeEach(async () => {
  sandbox = await startMailplusSandbox();
});
afterEach(() => sandbox.close());

const record = (canonical: Fields, more: Partial<DesiredRecord> = {}): DesiredRecord => ({ canonical, provenance: {}, consent: {}, ...more });
const project = (dataType: 'products' | 'orders', desired: DesiredRecord): Projection => mailplus.project({ ...mailplusContext(sandbox.url) }, dataType, desired);

/** An item as the sender makes it: all that differs, and the whole. */
function item(dataType: 'products' | 'orders', externalId: string, desired: DesiredRecord, held: Fields | null = null): DeliveryItem {
  const { fields } = project(dataType, desired);
  const changes = Object.fromEntries(Object.entries(fields).filter(([key, value]) => (held === null ? value !== null : (held[key] ?? null) !== value)));
  return { externalId, isNew: held === null, changes, whole: fields, identity: {}, permissionDates: {} };
}

const deliver = (dataType: 'products' | 'orders', items: readonly DeliveryItem[], url = sandbox.url): Promise<readonly DeliveryOutcome[]> => mailplus.deliver(mailplusContext(url), dataType, items);
const stored: DeliveryOutcome = { kind: 'stored' };
const callsTo = (operation: string) => sandbox.state.counters()[operation]?.calls ?? 0;
const allCalls = () => Object.values(sandbox.state.counters()).reduce((sum, { calls }) => sum + calls, 0);

async function haveProducts(): Promise<void> {
  await deliver('products', [item('products', 'hub-1', record(mug)), item('products', 'hub-2', record({ ...mug, sku: 'MUG-2' }))]);
  sandbox.state.seedContacts([{ externalId: '5', properties: { email: 'ann@example.com' } }]);
}

describe.each(['integrationservice', 'integrationservice-1.1.0'])('products at the base %s', (base) => {
  const url = () => sandbox.url.replace(/integrationservice$/, base);

  it('are made with all that Mail+ has a place for, and those of their own properties that the account has', async () => {
    await expect(deliver('products', [item('products', 'hub-1', record(mug))], url())).resolves.toEqual([stored]);
    expect(sandbox.state.shop.products()).toMatchObject([{ externalId: 'hub-1', content: {
      name: 'Mug', link: 'https://shop.example/mug', priceCents: 1295, oldPriceCents: 1495, imageUrl: 'https://shop.example/mug.jpg', imageLargeUrl: 'https://shop.example/mug.jpg',
      texts: { category: 'Home/Kitchen', brand: 'Oak', sku: 'MUG-1', gtin: '8712345678906', language: 'nl', description: 'A blue mug' }, visible: true, deleted: false,
      customProperties: { colour: 'blue' },
    } }]);
    expect(callsTo('POST /product')).toBe(1);
  });

  it('are marked as deleted when they are gone at the source, and live again when they are back', async () => {
    await deliver('products', [item('products', 'hub-1', record(mug))], url());
    await expect(deliver('products', [item('products', 'hub-1', record(mug, { deleted: true }), project('products', record(mug)).fields)], url())).resolves.toEqual([stored]);
    expect(sandbox.state.shop.products()[0]?.content).toMatchObject({ deleted: true, name: 'Mug' });
    await deliver('products', [item('products', 'hub-1', record(mug), { ...project('products', record(mug)).fields, deleted: true })], url());
    expect(sandbox.state.shop.products()[0]?.content).toMatchObject({ deleted: false, name: 'Mug', priceCents: 1295 });
    expect(callsTo('DELETE /product/{externalProductId}')).toBe(1);
  });

  it('can go twice, as after an outcome that is not known', async () => {
    const one = item('products', 'hub-1', record(mug));
    await deliver('products', [one], url());
    await deliver('products', [one], url());
    const gone = item('products', 'hub-1', record(mug, { deleted: true }), {});
    await expect(deliver('products', [gone], url())).resolves.toEqual([stored]);
    await expect(deliver('products', [gone], url())).resolves.toEqual([stored]);
    expect(sandbox.state.shop.products()).toHaveLength(1);
  });
});

describe('a product on its way to Mail+', () => {
  it.each([['name', 'name'], ['url', 'url'], ['priceCents', 'priceCents'], ['imageUrl', 'imageUrl']])('stays out for want of %s, and the reason names it', (field, named) => {
    expect(project('products', record({ ...mug, [field]: null })).excluded).toContain(`(field ${named})`);
  });

  it('goes without an old price that is no reduction, without a number that is none, and with a large image of its own', () => {
    const { fields, withheld } = project('products', record({ ...mug, oldPriceCents: 1295, gtin: 'none', 'extra.imageLargeUrl': 'https://shop.example/large.jpg' }));
    expect(fields).toMatchObject({ oldPrice: null, gtin: null, imageLargeUrl: 'https://shop.example/large.jpg' });
    expect(withheld).toEqual([{ key: 'gtin', reason: expect.any(String) }]);
  });

  it('empties what its source has emptied', async () => {
    await deliver('products', [item('products', 'hub-1', record(mug))]);
    await deliver('products', [item('products', 'hub-1', record({ ...mug, brand: null, oldPriceCents: null }), project('products', record(mug)).fields)]);
    expect(sandbox.state.shop.products()[0]?.content).toMatchObject({ texts: expect.not.objectContaining({ brand: 'Oak' }), oldPriceCents: undefined });
  });

  it('makes no call for an extra field that the account has no property for', async () => {
    await deliver('products', [item('products', 'hub-1', record(mug))]);
    const before = allCalls();
    await expect(deliver('products', [item('products', 'hub-1', record({ ...mug, 'extra.shelf': 'B7' }), project('products', record(mug)).fields)])).resolves.toEqual([stored]);
    expect(allCalls()).toBe(before);
  });

  it('is never made when it is gone before it was sent', () => {
    expect(project('products', record(mug, { deleted: true }))).toMatchObject({ fields: { deleted: true }, onlyTakesAway: expect.stringContaining('never sent') });
  });

  it('costs one call for each record, also for many', async () => {
    const many = Array.from({ length: 30 }, (_, index) => item('products', `hub-${index}`, record({ ...mug, sku: `S-${index}` })));
    await expect(deliver('products', many)).resolves.toEqual(many.map(() => stored));
    expect(callsTo('POST /product')).toBe(30);
    expect(callsTo('GET /product/custom-properties/list')).toBeLessThanOrEqual(1);
  });
});

describe.each(['integrationservice', 'integrationservice-1.1.0'])('orders at the base %s', (base) => {
  const url = () => sandbox.url.replace(/integrationservice$/, base);

  it('are stored with their contact and products by their ids in Mail+, in cents, with what was paid back taken off', async () => {
    await haveProducts();
    await expect(deliver('orders', [item('orders', 'hub-9', record({ ...order, 'extra.refundedCents': 590 }, { linked }))], url())).resolves.toEqual([stored]);
    expect(sandbox.state.shop.orders()).toMatchObject([{ externalId: 'hub-9', date: '2026-05-01T08:00:00.000Z', valueCents: 4000, externalProductIds: ['hub-1', 'hub-2'], email: 'ann@example.com' }]);
  });

  it('are taken away when they are cancelled, and come back when they are not', async () => {
    await haveProducts();
    await deliver('orders', [item('orders', 'hub-9', record(order, { linked }))], url());
    const cancelled = item('orders', 'hub-9', record({ ...order, status: 'cancelled' }, { linked }), project('orders', record(order, { linked })).fields);
    await expect(deliver('orders', [cancelled], url())).resolves.toEqual([stored]);
    await expect(deliver('orders', [cancelled], url())).resolves.toEqual([stored]);
    expect(sandbox.state.shop.orders()).toEqual([]);
    await deliver('orders', [item('orders', 'hub-9', record(order, { linked }), { deleted: true })], url());
    expect(sandbox.state.shop.orders()).toHaveLength(1);
  });
});

describe('an order on its way to Mail+', () => {
  it('is never sent when it is cancelled before', () => {
    expect(project('orders', record({ ...order, status: 'cancelled' }))).toMatchObject({ fields: { deleted: true }, onlyTakesAway: expect.stringContaining('cancelled') });
    expect(project('orders', record({}, { deleted: true }))).toMatchObject({ fields: { deleted: true }, onlyTakesAway: expect.stringContaining('gone') });
  });

  it.each([
    ['no customer', { ...order, contactExternalId: null }, {}, 'names no customer'],
    ['a guest whom nobody knows', { ...order, contactExternalId: null, email: 'eve@example.com' }, {}, 'guest'],
    ['a customer who stays at a marketplace', order, { 'products/P-1': 'hub-1' }, 'marketplace'],
    ['no products', { ...order, lines: '[]' }, { 'contacts/C-1': '5' }, 'no products'],
  ])('stays out with %s', (_, canonical: Fields, links, reason) => {
    expect(project('orders', record(canonical, { linked: links })).excluded).toContain(reason);
  });

  it('of a guest goes to the contact with the same address', () => {
    expect(project('orders', record({ ...order, contactExternalId: null, email: 'ann@example.com' }, { linked: { ...linked, 'contacts/': '5' } })).fields).toMatchObject({ contact: '5' });
  });

  it.each([
    ['a product', { ...linked, 'products/P-2': 'hub-404' }, 'PRODUCT_NOTFOUND', 'product of this order'],
    ['the contact', { ...linked, 'contacts/C-1': '404' }, 'CONTACT_NOT_FOUND', 'contact of this order'],
  ])('is refused alone, with what to do, when %s is not there any more', async (_, links, platformCode, fix) => {
    await haveProducts();
    const outcomes = await deliver('orders', [item('orders', 'hub-9', record(order, { linked: links })), item('orders', 'hub-10', record({ ...order, number: '1002' }, { linked }))]);
    expect(outcomes).toEqual([{ kind: 'refused', code: 'RECORD_REFUSED', platformCode, message: expect.stringContaining(fix) }, stored]);
  });
});

describe('an account without Spotler eCommerce', () => {
  it('is asked once for a batch, and each record says why it stays', async () => {
    sandbox.state.shop.setLicensed(false);
    const many = Array.from({ length: 5 }, (_, index) => item('products', `hub-${index}`, record(mug)));
    await expect(deliver('products', many)).resolves.toEqual(many.map(() => ({ kind: 'refused', code: 'PLATFORM_NOT_LICENSED', message: expect.stringContaining('eCommerce') })));
    expect(callsTo('POST /product')).toBe(1);
  });

  it('is told from a key that Mail+ accepts for nothing', async () => {
    const refusing = await startMailplusSandbox({ authRefusalStatus: 403, credentials: [{ key: 'sandbox-key', secret: 'another', externalIdField: 'externalId' }] });
    try {
      await expect(deliver('orders', [item('orders', 'hub-9', record(order, { linked }))], refusing.url)).rejects.toMatchObject({ code: 'PLATFORM_LOGIN_REFUSED' });
    } finally {
      await refusing.close();
    }
  });
});

describe('a connection that breaks among products', () => {
  it('ends the batch with the error, and all that was under way has ended by then', async () => {
    sandbox.state.addFault({ action: 'reset', when: 'before', path: '/product', skip: 3, count: 1 });
    const many = Array.from({ length: 20 }, (_, index) => item('products', `hub-${index}`, record({ ...mug, sku: `S-${index}` })));
    await expect(deliver('products', many)).rejects.toMatchObject({ code: expect.stringMatching(/^PLATFORM_(RESET|UNREACHABLE)$/) });
    const after = allCalls();
    await expect(deliver('products', many)).resolves.toHaveLength(20);
    expect(allCalls() - after).toBe(20);
    expect(sandbox.state.shop.products()).toHaveLength(20);
  });
});
