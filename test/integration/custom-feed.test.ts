import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { actOn, placesWith, recordIdOf } from '../support/erasure.ts';
import { emailPermission } from '../support/hub-world.ts';
import { completeImports, openCustomWorld, readFeed } from '../support/custom-world.ts';
import type { PushedThing, ThingsWorld } from '../support/things-world.ts';

let world: ThingsWorld;
let step = 0;
/** Entries of earlier tests, by connector. */
let seen: Readonly<Record<string, number>> = {};
/** The ids of one test. */
let [p1, p2, c1, c2, o1] = ['', '', '', '', ''];
const [shop, crm, mail, warehouse] = ['shop-1', 'crm-1', 'mail-1', 'warehouse-1'] as const;

const at = (): string => new Date(Date.UTC(2026, 4, 1, 0, 0, (step += 1))).toISOString();
const thing = (id: string, data: object): PushedThing => ({ id, at: at(), data });
const product = (id: string, data: object = {}) => thing(id, { sku: `SKU-${id}`, name: `Mug ${id}`, priceCents: 450, currency: 'EUR', ...data });
const contact = (id: string, data: object = {}) => thing(id, { email: `${id.toLowerCase()}@people.example`, name: { firstName: 'Ann' }, ...data });
const order = (id: string, data: object = {}) => thing(id, {
  number: id, status: 'paid', placedAt: '2026-05-01T00:00:00.000Z', currency: 'EUR', totalCents: 900, contactExternalId: c1, lines: [{ productExternalId: p1, quantity: 2, unitPriceCents: 450 }], ...data,
});

const allOf = (connectorId: string) => readFeed(world.pipeline.deps.db, connectorId);
const feedOf = async (connectorId: string) => (await allOf(connectorId)).slice(seen[connectorId] ?? 0);
const told = async (connectorId: string) => (await feedOf(connectorId)).map(({ dataType, kind, externalId }) => `${dataType} ${kind} ${externalId.replace(/^hub-\d+/, 'hub-n')}`);
const deliverAll = async (): Promise<void> => {
  for (const id of [shop, crm, mail, warehouse]) await world.pipeline.deliver(id);
};

beforeAll(async () => {
  world = await openCustomWorld();
  await world.add(shop, 'e-commerce-with-e-fulfilment');
  await world.add(crm, 'crm');
  await world.add(mail, 'marketing-automation');
  await world.add(warehouse, 'fulfilment');
  for (const id of [shop, crm, mail, warehouse]) await completeImports(world.pipeline.deps.db, id);
});
afterAll(() => world.close());
beforeEach(async () => {
  step += 1;
  [p1, p2, c1, c2, o1] = [`P${step}1`, `P${step}2`, `C${step}1`, `C${step}2`, `O${step}1`];
  seen = Object.fromEntries(await Promise.all([shop, crm, mail, warehouse].map(async (id) => [id, (await allOf(id)).length])));
});

/** The permission of the tests, linked at the systems that have it. */
async function linkPermissions(): Promise<void> {
  for (const id of [shop, mail]) {
    await world.pipeline.deps.db.insertInto('permission_link').values({ account_id: 'default', connector_id: id, permission: emailPermission, platform_key: 'consent:x' }).onConflict((conflict) => conflict.doNothing()).execute();
  }
}

/** A system says of a person, known by the address of `c1`, whether mail may be sent. */
async function say(connectorId: string, externalId: string, granted: boolean, when: string): Promise<void> {
  const email = `${c1.toLowerCase()}@people.example`;
  await world.pushContent(connectorId, { rows: [{
    dataType: 'contacts', externalId, sourceTime: at(), payload: {}, canonical: { email }, held: { email, 'consent:x': granted }, heldKeyOf: { email: 'email' },
    consents: [{ permission: emailPermission, granted, at: when, evidence: 'form', heldKey: 'consent:x' }],
  }] });
}

/** The process ends at a named point while it sends to a system: nothing that comes behind it happens. */
async function killedAt(connectorId: string, point: string): Promise<void> {
  const { deps } = world.pipeline;
  const own = deps.faultPoint;
  Object.assign(deps, { faultPoint: (name: string) => (name === point ? Promise.reject(new Error('killed')) : Promise.resolve()) });
  await expect(world.pipeline.deliver(connectorId)).rejects.toThrow('killed');
  Object.assign(deps, { faultPoint: own });
}

describe('the change feed of a custom system', () => {
  it('has what the presets export, from every other system, and nothing of what a system said itself', async () => {
    await world.push(shop, 'products', [product(p1)]);
    await world.push(shop, 'contacts', [contact(c1)]);
    await world.push(shop, 'orders', [order(o1)]);
    await world.push(shop, 'checkouts', [thing('K1', { status: 'open', startedAt: '2026-05-01T00:00:00.000Z', currency: 'EUR', totalCents: 450, contactExternalId: c1, lines: [] })]);
    await world.push(crm, 'organisations', [thing('ORG-1', { name: 'Hill & Son', vatNumber: 'NL123456789B01' })]);
    await world.push(warehouse, 'products', [product('W1', { sku: `SKU-${p1}` })]);
    await world.push(warehouse, 'stock', [thing('S1', { productExternalId: 'W1', freeQuantity: 7 })]);
    await world.push(warehouse, 'shipments', [thing('Z1', { orderExternalId: o1, status: 'shipped', lines: [{ productExternalId: 'W1', quantity: 2 }] })]);
    await deliverAll();
    expect(await told(mail)).toEqual(['products upserted hub-n', 'contacts upserted hub-n', 'orders upserted hub-n', 'checkouts upserted hub-n']);
    expect(await told(crm)).toEqual(['contacts upserted hub-n']);
    expect(await told(shop)).toEqual(['stock upserted hub-n', 'shipments upserted hub-n']);
    expect((await feedOf(shop)).map(({ data }) => data)).toMatchObject([
      { productExternalId: p1, freeQuantity: 7 }, { orderExternalId: o1, status: 'shipped', lines: [{ productExternalId: p1, quantity: 2 }] },
    ]);
    expect((await feedOf(mail))[2]?.data).toMatchObject({ contactExternalId: expect.stringMatching(/^hub-/), lines: [{ productExternalId: expect.stringMatching(/^hub-/), quantity: 2, unitPriceCents: 450 }] });
  });

  it('tells a change once with the whole beside it, back to what it was too, and nothing when nothing differs', async () => {
    await world.push(shop, 'products', [product(p1)]);
    await deliverAll();
    await world.push(shop, 'products', [product(p1, { priceCents: 500 })]);
    await deliverAll();
    await world.push(shop, 'products', [product(p1)]);
    await deliverAll();
    await world.push(shop, 'products', [product(p1)]);
    await deliverAll();
    const entries = await feedOf(mail);
    expect(entries.map(({ changes }) => changes)).toEqual([['currency', 'name', 'priceCents', 'sku'], ['priceCents'], ['priceCents']]);
    expect(entries.map(({ data }) => data)).toEqual([450, 500, 450].map((priceCents) => ({ sku: `SKU-${p1}`, name: `Mug ${p1}`, priceCents, currency: 'EUR' })));
  });

  it.each(['intent-before-call', 'call-before-outcome'])('has each change once although the hub was killed: %s', async (point) => {
    await world.push(shop, 'products', [product(p1), product(p2)]);
    await killedAt(mail, point);
    await deliverAll();
    expect(await told(mail)).toEqual(['products upserted hub-n', 'products upserted hub-n']);
  });

  it('tells that a thing is gone, and that it came back', async () => {
    const first = product(p1);
    await world.push(shop, 'products', [first]);
    await deliverAll();
    await world.push(shop, 'products', [{ id: p1, at: at(), deleted: true }]);
    await deliverAll();
    await world.push(shop, 'products', [product(p1)]);
    await deliverAll();
    expect(await told(mail)).toEqual(['products upserted hub-n', 'products deleted hub-n', 'products upserted hub-n']);
    expect((await feedOf(mail))[2]?.data).toMatchObject({ sku: `SKU-${p1}`, priceCents: 450 });
    expect(new Set((await feedOf(mail)).map(({ externalId }) => externalId)).size).toBe(1);
  });

  it('says nothing of a deletion to the one who deleted', async () => {
    await world.push(shop, 'contacts', [contact(c1)]);
    await deliverAll();
    await world.push(shop, 'contacts', [{ id: c1, at: at(), deleted: true }]);
    await deliverAll();
    expect([await told(shop), await told(mail)]).toEqual([[], ['contacts upserted hub-n', 'contacts deleted hub-n']]);
  });

  it('has the permissions of a contact with their dates, and only those that changed', async () => {
    await linkPermissions();
    await say(shop, c1, true, '2026-05-01T10:00:00.000Z');
    await deliverAll();
    await say(shop, c1, false, '2026-05-02T10:00:00.000Z');
    await deliverAll();
    const entries = await feedOf(mail);
    expect(entries.map(({ changes, data }) => [changes, (data as { consents: unknown }).consents])).toEqual([
      [['consents', 'email'], [{ permission: emailPermission, granted: true, at: '2026-05-01T10:00:00.000Z' }]], [['consents'], [{ permission: emailPermission, granted: false, at: '2026-05-02T10:00:00.000Z' }]],
    ]);
    expect(entries[1]?.data).toMatchObject({ email: `${c1.toLowerCase()}@people.example` });
    expect(await told(shop)).toEqual([]);
  });

  it('has a withdrawal for every contact that a system has of one person, and nothing else for those beside the first', async () => {
    await linkPermissions();
    for (const id of [c1, c2]) await say(shop, id, true, '2026-05-01T10:00:00.000Z');
    await deliverAll();
    await say(mail, `M-${c1}`, false, '2026-05-03T10:00:00.000Z');
    await deliverAll();
    const consents = [{ permission: emailPermission, granted: false, at: '2026-05-03T10:00:00.000Z' }];
    expect((await feedOf(shop)).map(({ externalId, data }) => [externalId, data]).toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))).toEqual([[c1, { email: `${c1.toLowerCase()}@people.example`, consents }], [c2, { consents }]]);
  });

  it.each(['', 'intent-before-call', 'call-before-outcome'])('has an activity that came before its contact was told, once (killed: %s)', async (point) => {
    await world.push(shop, 'contacts', [contact(c1)]);
    await world.push(mail, 'contacts', [contact(c2, { email: `${c1.toLowerCase()}@people.example` })]);
    await world.pushContent(mail, { activities: [{ externalId: `A-${step}`, type: 'email.clicked', at: '2026-05-03T10:00:00.000Z', contactExternalId: c2, description: 'Spring' }] });
    if (point !== '') await killedAt(crm, point);
    await deliverAll();
    await deliverAll();
    expect((await told(crm)).map((one) => one.replace(/A-.*/, 'A'))).toEqual(['contacts upserted hub-n', 'activities happened mail-1/A']);
  });

  it('has activities of a contact that is there, and lists with the members that are, to all but where they come from', async () => {
    await world.push(shop, 'contacts', [contact(c1), contact(c2)]);
    await deliverAll();
    await world.pushContent(mail, { activities: [{ externalId: 'A-1', type: 'email.clicked', at: '2026-05-03T10:00:00.000Z', contactExternalId: (await feedOf(mail))[0]?.externalId ?? '', description: 'Spring' }] });
    await world.pushContent(shop, { listPage: { syncId: 'LS-1', page: 1, pageCount: 1, list: { externalId: 'L-1', name: 'Customers', description: '' }, memberIds: [c1, c2, 'C9'] } });
    await deliverAll();
    const activities = (await feedOf(crm)).filter(({ dataType }) => dataType === 'activities');
    const [ann] = await feedOf(crm);
    expect(activities).toMatchObject([{ kind: 'happened', externalId: 'mail-1/A-1', data: { type: 'email.clicked', at: '2026-05-03T10:00:00.000Z', contactExternalId: ann?.externalId, description: 'Spring' } }]);
    const lists = (await feedOf(mail)).filter(({ dataType }) => dataType === 'lists');
    expect(lists).toMatchObject([{ kind: 'upserted', externalId: 'shop-1.L-1', data: { name: expect.stringContaining('Customers'), members: (await feedOf(mail)).slice(0, 2).map(({ externalId }) => externalId).sort() } }]);
    expect((await told(shop)).filter((one) => one.startsWith('lists'))).toEqual([]);
    expect((await told(warehouse)).filter((one) => one.startsWith('lists'))).toEqual([]);
    await world.pushContent(shop, { removedListId: 'L-1' });
    await deliverAll();
    expect((await told(mail)).at(-1)).toBe('lists deleted shop-1.L-1');
    const { db } = world.pipeline.deps;
    const owners = await db.selectFrom('change_feed').select(['data_type', 'record_id']).where('connector_id', '=', crm).execute();
    expect(new Set(owners.filter(({ data_type: type }) => type !== 'lists').map((row) => row.record_id === null))).toEqual(new Set([false]));
  });

  it('forgets a person who is erased, with their orders and activities, and tells the systems to erase them', async () => {
    const email = `${c1.toLowerCase()}@people.example`;
    await world.push(shop, 'products', [product(p1)]);
    await world.push(shop, 'contacts', [contact(c1), contact(c2)]);
    await world.push(shop, 'orders', [order(o1, { email })]);
    await deliverAll();
    await world.pushContent(shop, { activities: [{ externalId: `A-${step}`, type: 'form.submitted', at: '2026-05-03T10:00:00.000Z', contactExternalId: c1, description: 'Form sent' }] });
    await deliverAll();
    expect(await placesWith(world.pipeline.deps.db, [email])).toContain(`change_feed.data: ${email}`);
    await actOn(world, 'erase', await recordIdOf(world.pipeline.deps.db, email));
    expect(await placesWith(world.pipeline.deps.db, [email])).toEqual([]);
    await deliverAll();
    const { db } = world.pipeline.deps;
    const left = await db.selectFrom('change_feed').select(['data_type', 'kind', 'data']).where('connector_id', '=', mail).orderBy('seq', 'desc').limit(3).execute();
    expect(left.map(({ data_type: type, kind }) => `${type} ${kind}`)).toEqual(['contacts deleted', 'contacts upserted', 'products upserted']);
    expect(left.map(({ data }) => data)).toEqual([{ erase: true }, expect.objectContaining({ email: `${c2.toLowerCase()}@people.example` }), expect.objectContaining({ sku: `SKU-${p1}` })]);
    expect((await allOf(shop)).at(-1)).toMatchObject({ dataType: 'contacts', kind: 'deleted', externalId: c1, data: { erase: true } });
  });
});
