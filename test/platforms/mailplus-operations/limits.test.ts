import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startRawMailplus, type RawMailplus } from './call.ts';
import { at, later } from './wire-case.ts';

let mailplus: RawMailplus;
beforeAll(async () => {
  mailplus = await startRawMailplus();
});
afterAll(() => mailplus.server.close());
beforeEach(() => void mailplus.server.seen.splice(0));

const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `c${index}`);
const contacts = (count: number) => ({ body: { contacts: many(count).map((externalId) => ({ externalId })) } });
const members = (count: number) => ({ externalId: 'a1', body: { contacts: many(count) } });
const long = 'x'.repeat(256);
const product = { externalId: '1', name: 'Mug', link: 'https://shop.example/m', price: 1295, imageUrl: 'https://shop.example/i', imageLargeUrl: 'https://shop.example/l' };
const order = { externalId: '1', externalContactId: '1', date: at.given, value: 4590, externalProductIds: ['1'] };
const window = { fromDate: later.given, toDate: at.given };

const refused: readonly (readonly [name: string, input: object, field: string, words: RegExp])[] = [
  ['contact.insert-list', contacts(101), 'body.contacts', /more than 100 contacts/],
  ['contact.insert-list', contacts(0), 'body.contacts', /is empty/],
  ['contact.insert-list', { body: { contacts: [{ externalId: '1' }, { properties: {} }] } }, 'body.contacts.1.externalId', /has to be given/],
  ['contact.insert', {}, 'body', /has to be given/],
  ['contact.get', {}, 'externalId', /has to be given/],
  ['contact.get', { externalId: true }, 'externalId', /must be string or number/],
  ['contact.insert', { body: { update: 'yes', contact: { externalId: '1' } } }, 'body.update', /must be boolean/],
  ['contact.get', { externalId: ' ' }, 'externalId', /blank/],
  ['contact.get', { externalId: '1', colour: 'red' }, 'colour', /not known here/],
  ['contact.updates', window, 'toDate', /before fromDate/],
  ['contact.updates', { fromDate: at.given, toDate: 'tomorrow' }, 'toDate', /no date/],
  ['contact.updates', { fromDate: at.given, toDate: later.given, pageSize: 10_001 }, 'pageSize', /10000 or less/],
  ['contact.bounces', { fromDate: at.given, toDate: later.given, after: -1 }, 'after', /below 0/],
  ['contact.mailings', { externalId: '1', pageSize: 50 }, 'pageSize', /not known here/],
  ['contact.search', { MPSearchQuery: {} }, 'MPSearchQuery', /names no property/],
  ['templist.create', { body: { externalTemporaryListId: 'l1', name: '' } }, 'body.name', /blank/],
  ['audience.add-contacts', members(2_501), 'body.contacts', /more than 2500 contacts/],
  ['audience.remove-contacts', members(2_501), 'body.contacts', /more than 2500 contacts/],
  ['audience.remove-contacts', members(0), 'body.contacts', /is empty/],
  ['audience.remove-contacts', { externalId: 'a1' }, 'body', /has to be given/],
  ['audience.create', { body: { externalId: long, name: 'Regulars' } }, 'body.externalId', /255/],
  ['audience.create', { body: { externalId: 'a1', name: long } }, 'body.name', /255/],
  ['audience.update', { externalId: 'a1', body: { externalId: 'a2', name: 'Regulars' } }, 'body.externalId', /another id/],
  ['subscription.subscribe', { body: { properties: { permissions: [{ bit: 1, enabled: true }] } } }, 'body.properties.email', /has to be given/],
  ['subscription.subscribe', { body: { properties: { email: 'ann@example.com' } } }, 'body.properties.permissions', /has to be given/],
  ['campaign.trigger', { encryptedTriggerId: 't', body: { externalContactId: '1', campaignFields: [{ name: 'productlist', type: 'PRODUCTLIST' }] } }, 'body.campaignFields.0.values', /external ids of the products/],
  ['automation.trigger', { triggerCode: 't', body: { externalContactId: '1', automationFields: [{ name: 'a' }, { name: 'a' }] } }, 'body.automationFields', /twice/],
  ['automation.trigger', { triggerCode: 't', body: { externalContactId: '1', automationFields: [{ name: 'a b' }] } }, 'body.automationFields.0.name', /spaces/],
  ['automation.stop', { automationId: 'a', body: {} }, 'body.automationContactId', /or externalContactId/],
  ['form.results', { formId: 1, completed: false }, 'completed', /only be true/],
  ['form.results', { formId: 1, startDate: '20261301' }, 'startDate', /no date/],
  ['form.results', { formId: 1, startDate: later.given, endDate: at.given }, 'endDate', /before startDate/],
  ['product.insert', { body: { product: { ...product, price: '12.95' } } }, 'body.product.price', /whole cents/],
  ['product.insert', { body: { product: { ...product, customProperties: { colour: long } } } }, 'body.product.customProperties.colour', /255/],
  ['product.insert', { body: { product: { ...product, customProperties: { colour: null } } } }, 'body.product.customProperties.colour', /leave out/],
  ['order.insert', { body: { order: { ...order, externalProductIds: [] } } }, 'body.order.externalProductIds', /is empty/],
  ['order.insert', { body: { order: { ...order, value: 45.9 } } }, 'body.order.value', /whole cents/],
  ['order.insert', { body: { order: { ...order, date: '20260501' } } }, 'body.order.date', /no date/],
  ['order.insert', { body: { order: { ...order, date: 'soon' } } }, 'body.order.date', /no date/],
  ['conversion.insert', { body: { mailplusId: 'm', type: 'BUY', interactionDate: at.given } }, 'body.type', /CREATE_SHOPPINGCART, or CONVERT_SHOPPINGCART/],
  ['mailing.list', window, 'toDate', /before fromDate/],
  ['mailing-interaction.sent', { fromChangeDate: later.given, toChangeDate: at.given }, 'toChangeDate', /before fromChangeDate/],
];

describe('a limit of Mail+', () => {
  it.each(refused)('is found in %s before anything is sent (%#)', async (name, input, field, words) => {
    const error = await mailplus.failure(name, input);
    expect([error.code, error.recovery, error.facts.field]).toEqual(['REQUEST_INVALID', 'refused', field]);
    expect(error.message).toMatch(words);
    expect(error.fix).toContain(field);
    expect(mailplus.server.seen).toEqual([]);
  });

  it('is not passed by the most that it allows', async () => {
    mailplus.answer = (response, { method, url }) => (url.startsWith('/contact/list') ? response.end('[]') : response.writeHead(method === 'POST' ? 204 : 200).end());
    await mailplus.call('contact.insert-list', contacts(100));
    await mailplus.call('audience.add-contacts', members(2_500));
    await mailplus.call('product.insert', { body: { product: { ...product, customProperties: { colour: long.slice(1) } } } });
    expect(mailplus.server.seen).toHaveLength(3);
  });

  it('reads a date without an offset in the zone of the connector', async () => {
    mailplus.answer = (response) => response.end('[]');
    await mailplus.call('mailing.list', { fromDate: '2026-05-01', toDate: '2026-05-01T12:00' }, { settings: { timeZone: 'Asia/Kolkata' } });
    expect(mailplus.server.seen.at(-1)?.url).toBe('/mailing?fromDate=2026-04-30T18%3A30%3A00.000%2B00%3A00&toDate=2026-05-01T06%3A30%3A00.000%2B00%3A00');
  });
});
