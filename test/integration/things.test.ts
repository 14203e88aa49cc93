import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fromRecordFields } from '../../domain/model/record-fields.ts';
import { openThingsWorld, type PushedThing, type ThingsWorld } from '../support/things-world.ts';

let world: ThingsWorld;
let step = 0;
const shop = 'shop-1';
const mail = 'mail-1';
const warehouse = 'warehouse-1';

const at = (): string => new Date(Date.UTC(2026, 4, 1, 0, 0, (step += 1))).toISOString();
const product = (id: string, data: object = {}): PushedThing => ({ id, at: at(), data: { sku: `SKU-${id}`, name: `Mug ${id}`, priceCents: 450, currency: 'EUR', ...data } });
const contact = (id: string, data: object = {}): PushedThing => ({ id, at: at(), data: { email: `${id.toLowerCase()}@people.example`, ...data } });
const order = (id: string, data: object = {}): PushedThing => ({
  id, at: at(), data: { number: id, status: 'paid', placedAt: '2026-05-01T00:00:00.000Z', currency: 'EUR', totalCents: 900, contactExternalId: 'C1', lines: [{ productExternalId: 'P1', quantity: 2, unitPriceCents: 450 }], ...data },
});

const callsOf = (connectorId: string) => world.brought.filter((one) => one.connectorId === connectorId).map(({ dataType, item }) => `${dataType} ${item.externalId}`);
const deliveries = (connectorId: string) => world.pipeline.deps.db.selectFrom('delivery').select(['data_type', 'state', 'code', 'reason']).where('connector_id', '=', connectorId).orderBy('record_id').execute();
const records = (dataType: string) => world.pipeline.deps.db.selectFrom('record').select(['id', 'canonical', 'deleted']).where('data_type', '=', dataType).where('merged_into', 'is', null).orderBy('id').execute();

describe('records of every data type', () => {
  beforeEach(async () => {
    world = await openThingsWorld();
    await world.add(shop, 'e-commerce-with-marketing-automation');
    await world.add(mail, 'marketing-automation');
    await world.pipeline.deps.db.insertInto('backfill_run').values({
      account_id: 'default', connector_id: mail, data_type: 'contacts', from_at: '2016-01-01T00:00:00Z', to_at: '2026-01-01T00:00:00Z', state: 'done', is_first: true, workflow_id: 'test',
    }).execute();
  });
  afterEach(() => world.close());

  it('go to those whose presets take them, products and contacts before the order that names them', async () => {
    await world.push(shop, 'products', [product('P1')]);
    await world.push(shop, 'contacts', [contact('C1')]);
    await world.push(shop, 'orders', [order('O1')]);
    await world.pipeline.deliver(mail);
    expect(callsOf(mail)).toEqual([expect.stringMatching(/^products hub-/), expect.stringMatching(/^contacts hub-/), expect.stringMatching(/^orders hub-/)]);
    expect(callsOf(shop)).toEqual([]);
  });

  it('an order that comes first waits for its product and its contact, with the reason, and goes on by itself', async () => {
    await world.push(shop, 'orders', [order('O1')]);
    await world.pipeline.deliver(mail);
    expect(await deliveries(mail)).toEqual([{ data_type: 'orders', state: 'parked', code: 'REFERENCE_MISSING', reason: 'waits for a contact that shop-1 has not sent yet' }]);
    expect((await world.push(shop, 'contacts', [contact('C1')])).raisedFor).toContain(mail);
    await world.pipeline.deliver(mail);
    expect((await deliveries(mail))[0]).toMatchObject({ state: 'parked', reason: 'waits for a product that shop-1 has not sent yet' });
    await world.push(shop, 'products', [product('P1')]);
    await world.pipeline.deliver(mail);
    expect(callsOf(mail).map((call) => call.split(' ')[0])).toEqual(['contacts', 'products', 'orders']);
    const [brought] = world.brought.filter(({ dataType }) => dataType === 'orders');
    const [{ id: contactId } = { id: 0 }] = await records('contacts');
    expect(JSON.parse(String(brought?.item.whole?.['links']))).toMatchObject({ 'contacts/C1': `hub-${contactId}` });
  });

  it('an order waits for a product that the destination refused, and goes when it took it', async () => {
    world.answer = ({ dataType }) => (dataType === 'products' ? { kind: 'refused', code: 'RECORD_REFUSED', message: 'has no picture' } : { kind: 'stored' });
    await world.push(shop, 'products', [product('P1')]);
    await world.push(shop, 'contacts', [contact('C1')]);
    await world.push(shop, 'orders', [order('O1')]);
    await world.pipeline.deliver(mail);
    expect((await deliveries(mail)).map(({ data_type: type, state }) => `${type} ${state}`)).toEqual(['products failed', 'contacts delivered', 'orders parked']);
    expect((await deliveries(mail))[2]).toMatchObject({ code: 'REFERENCE_WAITS', reason: 'waits until Thing has a product that it names' });
    world.answer = () => ({ kind: 'stored' });
    await world.push(shop, 'products', [product('P1', { imageUrl: 'https://shop.example/p1.png' })]);
    await world.pipeline.deliver(mail);
    expect((await deliveries(mail)).map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('versions that come late or twice change nothing, and a change sends what differs with the whole beside it', async () => {
    const first = product('P1');
    const second = product('P1', { priceCents: 500 });
    await world.push(shop, 'products', [second]);
    await world.pipeline.deliver(mail);
    await world.push(shop, 'products', [first]);
    await world.push(shop, 'products', [second]);
    await world.pipeline.deliver(mail);
    expect(world.brought).toHaveLength(1);
    await world.push(shop, 'products', [product('P1', { priceCents: 600 })]);
    await world.pipeline.deliver(mail);
    expect(world.brought[1]?.item).toMatchObject({ changes: { priceCents: 600 }, whole: { name: 'Mug P1', priceCents: 600 } });
    expect(fromRecordFields('products', (await records('products'))[0]?.canonical ?? {})).toMatchObject({ sku: 'SKU-P1', priceCents: 600 });
  });

  it('products with one SKU are one record, and the warehouse has the first word on it', async () => {
    await world.add(warehouse, 'fulfilment');
    await world.push(warehouse, 'products', [product('W9', { sku: 'SKU-P1', name: 'Mug, boxed' })]);
    await world.push(shop, 'products', [product('P1', { name: 'Mug of the shop', url: 'https://shop.example/p1' })]);
    const [only, ...more] = await records('products');
    expect(more).toEqual([]);
    expect(only?.canonical).toMatchObject({ name: 'Mug, boxed', url: 'https://shop.example/p1' });
  });

  it('stock goes to the shop under the shop\'s own product, and waits until the shop has it', async () => {
    await world.pipeline.deps.db.updateTable('connector').set({ preset: 'e-commerce-with-e-fulfilment' }).where('id', '=', shop).execute();
    await world.add(warehouse, 'fulfilment');
    await world.push(warehouse, 'products', [product('W9', { sku: 'SKU-P1' })]);
    await world.push(warehouse, 'stock', [{ id: 'S9', at: at(), data: { productExternalId: 'W9', freeQuantity: 7 } }]);
    await world.pipeline.deliver(shop);
    expect((await deliveries(shop)).map(({ data_type: type, reason }) => `${type} ${reason}`)).toEqual(['stock waits until Thing has a product that it names']);
    await world.push(shop, 'products', [product('P1')]);
    await world.pipeline.deliver(shop);
    const [brought] = world.brought.filter(({ connectorId }) => connectorId === shop);
    expect(brought?.item.whole).toMatchObject({ freeQuantity: 7, links: '{"products/W9":"P1"}' });
  });

  it('a shipment names an order by the id that a shop gave it', async () => {
    await world.pipeline.deps.db.updateTable('connector').set({ preset: 'e-commerce-with-e-fulfilment' }).where('id', '=', shop).execute();
    await world.add(warehouse, 'fulfilment');
    await world.push(warehouse, 'shipments', [{ id: 'Z1', at: at(), data: { orderExternalId: 'O1', status: 'shipped', lines: [] } }]);
    await world.pipeline.deliver(shop);
    expect((await deliveries(shop))[0]).toMatchObject({ state: 'parked', reason: 'waits for an order that the shops have not sent yet' });
    await world.push(shop, 'orders', [order('O1')]);
    await world.pipeline.deliver(shop);
    expect(callsOf(shop)).toEqual([expect.stringMatching(/^shipments hub-/)]);
  });

  it('a deletion goes to who has the thing, and one that nobody got is not sent at all', async () => {
    await world.push(shop, 'products', [product('P1')]);
    await world.pipeline.deliver(mail);
    await world.push(shop, 'products', [{ id: 'P1', at: at(), deleted: true }, product('P2')]);
    await world.push(shop, 'products', [{ id: 'P2', at: at(), deleted: true }]);
    await world.pipeline.deliver(mail);
    expect(world.brought.slice(1).map(({ item }) => item.changes)).toEqual([{ removed: true }]);
    expect((await deliveries(mail))[1]).toMatchObject({ state: 'excluded', reason: 'it was gone before it was sent' });
  });

  it('things that came while a delivery was being parked are not missed', async () => {
    await world.push(shop, 'contacts', [contact('C1')]);
    await world.pipeline.deliver(mail);
    const delivering = async (): Promise<void> => {
      for (let round = 0; round < 4; round += 1) await world.pipeline.deliver(mail);
    };
    await Promise.all([
      ...[1, 2, 3, 4].map((i) => world.push(shop, 'orders', [order(`O${i}`, { lines: [{ productExternalId: `P${i}`, quantity: 1, unitPriceCents: 1 }] })])),
      ...[1, 2, 3, 4].map((i) => world.push(shop, 'products', [product(`P${i}`)])),
      delivering(),
    ]);
    for (let round = 0; round < 3; round += 1) await world.pipeline.deliver(mail);
    expect((await deliveries(mail)).filter(({ state }) => state !== 'delivered')).toEqual([]);
  });
});
