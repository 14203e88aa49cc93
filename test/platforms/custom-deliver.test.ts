import { describe, expect, it } from '@jest/globals';
import { toRecordFields } from '../../domain/model/record-fields.ts';
import { planDelivery } from '../../domain/delivery/plan.ts';
import { emptyMemory, type LinkMemory } from '../../domain/model/link-memory.ts';
import { act } from '../../platforms/custom/act.ts';
import { deliver } from '../../platforms/custom/deliver.ts';
import { projectRecord } from '../../platforms/custom/project.ts';
import type { DeliveryItem, DesiredRecord } from '../../platforms/platform.ts';
import { customContext } from './custom-context.ts';

const order = toRecordFields('orders', {
  number: '1001', status: 'open', placedAt: '2026-11-20T09:00:00.000Z', currency: 'EUR', totalCents: 2500, contactExternalId: 'C-1', organisationExternalId: 'ORG-1',
  lines: [{ productExternalId: 'P-1', quantity: 1, unitPriceCents: 1000, name: 'Lamp' }, { productExternalId: 'P-2', quantity: 3, unitPriceCents: 500 }], extra: { gift: true },
});
const desired = (canonical: DesiredRecord['canonical'], more: Partial<DesiredRecord> = {}): DesiredRecord => ({ canonical, provenance: {}, consent: {}, ...more });
const item = (more: Partial<DeliveryItem>): DeliveryItem => ({ externalId: 'X-1', isNew: false, changes: {}, permissionDates: {}, identity: {}, cause: '7.1', ...more });

describe('the projection for a custom system', () => {
  it('names things by the system\'s own ids, and none that it does not have', () => {
    const { fields } = projectRecord('orders', desired(order, { linked: { 'contacts/C-1': 'hub-12', 'products/P-2': 'SKU-2' } }));
    expect(fields).toMatchObject({ number: '1001', contactExternalId: 'hub-12', organisationExternalId: null, 'extra.gift': true });
    expect(JSON.parse(String(fields['lines']))).toEqual([
      { productExternalId: null, quantity: 1, unitPriceCents: 1000, name: 'Lamp' }, { productExternalId: 'SKU-2', quantity: 3, unitPriceCents: 500 },
    ]);
  });

  it('leaves a name that was never said unsaid', () => {
    const { contactExternalId: _none, ...guest } = order;
    expect(projectRecord('orders', desired(guest)).fields).not.toHaveProperty('contactExternalId');
  });

  it.each([
    ['stock', { productExternalId: 'P-1', freeQuantity: 4 }, 'productExternalId', { 'products/P-1': 'A' }],
    ['shipments', { orderExternalId: 'O-1', status: 'shipped', lines: [] }, 'orderExternalId', { 'orders/O-1': 'A' }],
    ['checkouts', { status: 'open', startedAt: '2026-11-20T09:00:00.000Z', currency: 'EUR', totalCents: 1, contactExternalId: 'C-1', lines: [] }, 'contactExternalId', { 'contacts/C-1': 'A' }],
  ] as const)('translates what %s name', (dataType, canonical, field, linked) => {
    const fields = toRecordFields(dataType, canonical);
    expect(projectRecord(dataType, desired(fields, { linked })).fields[field]).toBe('A');
    expect(projectRecord(dataType, desired(fields)).fields[field]).toBeNull();
  });

  it('says of a thing that is gone only that, and of one that came back that it is not gone', () => {
    const fields = { name: 'Lamp', sku: 'L-1' };
    const held = { ...emptyMemory, held: { ...fields, deleted: true } };
    const planFor = (record: DesiredRecord, memory: LinkMemory = held) => planDelivery({ projection: projectRecord('products', record), consent: {}, permissionKeys: {}, optInStrategy: 'both', memory, isNew: false, urgency: 'live' });
    expect(planFor(desired(fields, { deleted: true }))).toMatchObject({ kind: 'nothing' });
    expect(planFor(desired(fields))).toMatchObject({ kind: 'send', changes: { deleted: null } });
    expect(planFor(desired(fields), { ...emptyMemory, held: fields })).toMatchObject({ kind: 'nothing' });
    expect(planFor(desired(fields, { deleted: true }), { ...emptyMemory, held: fields })).toMatchObject({ kind: 'send', changes: { deleted: true } });
  });
});

describe('what a custom system is told', () => {
  it('names what differs, and has the whole thing in its canonical shape', async () => {
    const context = customContext();
    const whole = projectRecord('orders', desired(order, { linked: { 'contacts/C-1': 'C-9' } })).fields;
    const outcomes = await deliver(context, 'orders', [item({ externalId: 'hub-3', isNew: true, changes: { totalCents: 2500, 'extra.gift': true }, whole })]);
    expect(outcomes).toEqual([{ kind: 'stored' }]);
    expect(context.published).toEqual([{
      key: expect.stringMatching(/^[\w-]{24}$/), dataType: 'orders', kind: 'upserted', externalId: 'hub-3', changes: ['extra.gift', 'totalCents'],
      data: {
        number: '1001', status: 'open', placedAt: '2026-11-20T09:00:00.000Z', currency: 'EUR', totalCents: 2500, contactExternalId: 'C-9', organisationExternalId: null,
        lines: [{ productExternalId: null, quantity: 1, unitPriceCents: 1000, name: 'Lamp' }, { productExternalId: null, quantity: 3, unitPriceCents: 500 }], extra: { gift: true },
      },
    }]);
  });

  it('has the permissions of a contact by their names, with their dates, and its name and address in parts', async () => {
    const context = customContext();
    await deliver(context, 'contacts', [item({
      changes: { email: 'ann@people.example', firstName: 'Ann', city: null, language: 'Shop - Dutch', 'extra.tier': 'gold', 'consent:Newsletter': false, 'consent:Offers': true },
      permissionDates: { 'consent:Newsletter': null, 'consent:Offers': '2026-11-01T10:00:00.000Z' },
    })]);
    expect(context.published[0]).toMatchObject({ changes: ['city', 'consents', 'email', 'extra.tier', 'firstName', 'language'], data: {
      email: 'ann@people.example', name: { firstName: 'Ann' }, address: { city: null }, language: 'Shop - Dutch', extra: { tier: 'gold' },
      consents: [{ permission: 'Newsletter', granted: false, at: null }, { permission: 'Offers', granted: true, at: '2026-11-01T10:00:00.000Z' }],
    } });
    expect(JSON.stringify(context.published[0])).not.toContain('consent:');
  });

  it('is that a thing is gone, unless it never heard of it', async () => {
    const context = customContext();
    const outcomes = await deliver(context, 'products', [item({ changes: { deleted: true } }), item({ externalId: 'hub-2', isNew: true, changes: { deleted: true } })]);
    expect(outcomes).toEqual([{ kind: 'stored' }, { kind: 'stored' }]);
    expect(context.published).toEqual([expect.objectContaining({ kind: 'deleted', externalId: 'X-1', changes: [], data: {} })]);
  });

  it('has the same key when it is planned again, and another one for each change, also back to what it was', async () => {
    const context = customContext();
    const [a, b] = [{ changes: { name: 'A' }, whole: { name: 'A' } }, { changes: { name: 'B' }, whole: { name: 'B' } }];
    await deliver(context, 'products', [item(a), item({ ...a, whole: { name: 'A' } }), item({ ...b, cause: '7.2' }), item({ ...a, cause: '7.3' }), item({ ...a, externalId: 'X-2' })]);
    const keys = context.published.map(({ key }) => key);
    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(4);
  });

  it('is an activity of a contact, and a list with the ids of its members, each under its cause', async () => {
    const context = customContext();
    const action = (kind: string, target: string, payload: object) => act(context, { id: 1, kind, target, cause: `${kind}/1`, payload });
    const activity = { externalId: 'mailplus-1/77', type: 'email.clicked', at: '2026-11-20T09:00:00.000Z', description: 'Spring', listId: 'L-5' };
    expect(await action('activity.create', 'C-1', activity)).toEqual({ kind: 'done' });
    await action('list.replace', 'L-5', { listId: 'coins-1.L-5', syncId: 'LS-1', name: 'Spring – 2026-11-20', memberExternalIds: ['C-1', 'hub-2'] });
    await action('list.remove', 'L-5', { listId: 'coins-1.L-5' });
    expect(context.published).toEqual([
      { key: 'activity.create/1', dataType: 'activities', kind: 'happened', externalId: 'mailplus-1/77', changes: [], data: { ...activity, contactExternalId: 'C-1' }, about: { dataType: 'contacts', externalId: 'C-1' } },
      { key: 'list.replace/1', dataType: 'lists', kind: 'upserted', externalId: 'coins-1.L-5', changes: [], data: { name: 'Spring – 2026-11-20', members: ['C-1', 'hub-2'] } },
      { key: 'list.remove/1', dataType: 'lists', kind: 'deleted', externalId: 'coins-1.L-5', changes: [], data: {} },
    ]);
    await expect(action('task.create', 'C-1', {})).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(action('activity.create', 'C-1', { ...activity, type: 'unknown' })).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
