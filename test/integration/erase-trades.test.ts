import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actOn, placesWith, receiptsOf, recordIdOf } from '../support/erasure.ts';
import { openThingsWorld, type ThingsWorld } from '../support/things-world.ts';

let world: ThingsWorld;
const shop = 'shop-1';
const email = 'gina@people.example';
const street = '7 Unmistakable Row';
let step = 0;
const at = (): string => new Date(Date.UTC(2026, 4, 1, 0, 0, (step += 1))).toISOString();

const order = (id: string, data: object) => ({
  id, at: at(), data: { number: id, status: 'paid', placedAt: '2026-05-01T00:00:00.000Z', currency: 'EUR', totalCents: 900, shippingAddress: { line1: street }, lines: [], ...data },
});
const checkout = (id: string, data: object) => ({ id, at: at(), data: { status: 'started', startedAt: '2026-05-01T00:00:00.000Z', currency: 'EUR', totalCents: 900, lines: [], ...data } });
const db = () => world.pipeline.deps.db;
const livingOrders = async () => (await db().selectFrom('source_record').select('external_id').where('data_type', 'in', ['orders', 'checkouts']).orderBy('external_id').execute()).map((row) => row.external_id);

beforeAll(async () => {
  world = await openThingsWorld();
  await world.add(shop, 'e-commerce-with-marketing-automation');
  await world.add('mail-1', 'marketing-automation');
});
afterAll(() => world.close());

describe('erasing a customer', () => {
  it('takes their orders and checkouts along, leaves those of others, and takes in no new ones', async () => {
    await world.push(shop, 'contacts', [{ id: 'C1', at: at(), data: { email } }, { id: 'C2', at: at(), data: { email: 'other@people.example' } }]);
    await world.push(shop, 'orders', [order('O1', { contactExternalId: 'C1' }), order('O2', { email }), order('C1', { contactExternalId: 'C2', shippingAddress: { line1: 'elsewhere' } })]);
    await world.push(shop, 'checkouts', [checkout('K1', { contactExternalId: 'C1' })]);
    const recordId = await recordIdOf(db(), email);
    await actOn(world, 'erase', recordId);
    expect((await receiptsOf(world, recordId))[0]).toMatchObject({ counts: { trades: 3 } });
    await world.push(shop, 'orders', [order('O3', { contactExternalId: 'C1' }), order('O4', { email }), order('C1', { contactExternalId: 'C2', shippingAddress: { line1: 'moved' } })]);
    await world.push(shop, 'checkouts', [checkout('K2', { email })]);
    expect(await livingOrders()).toEqual(['C1']);
    expect(await placesWith(db(), [email, street])).toEqual([]);
    const excluded = await db().selectFrom('excluded_row').select(['external_id', 'reason']).orderBy('external_id').execute();
    expect(excluded.map((row) => row.external_id)).toEqual(['K2', 'O3', 'O4']);
  });
});
