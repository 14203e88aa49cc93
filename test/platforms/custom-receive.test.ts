import { describe, expect, it } from '@jest/globals';
import { canonicalSchemas } from '../../domain/model/canonical-schemas.ts';
import { fromRecordFields } from '../../domain/model/record-fields.ts';
import { HubError } from '../../domain/errors.ts';
import { dataTypes, type DataType } from '../../domain/presets/data-types.ts';
import { custom } from '../../platforms/custom/index.ts';
import type { InboundEvent, InboundRequest, PlatformContext } from '../../platforms/platform.ts';
import { customContext, customRequest, receivedAt } from '../support/custom-requests.ts';

const context = customContext();
const line = { productExternalId: 'P-1', quantity: 2, unitPriceCents: 1995 };

/** One right record of each type. */
const examples: Readonly<Record<DataType, Readonly<Record<string, unknown>>>> = {
  contacts: { email: 'Ann@People.Example ', name: { firstName: 'Ann', lastName: 'Hill' }, address: { city: 'Leeds', country: 'GB' }, mobile: '07700 900123', language: 'en-GB', loyalty: 'gold' },
  products: { sku: 'SKU-1', name: 'Kettle', priceCents: 1995, currency: 'EUR', categories: ['Kitchen', 'Kettles'], visible: true, colour: 'red' },
  orders: { number: '2026-1', status: 'paid', placedAt: '2026-11-20T10:00:00+01:00', currency: 'EUR', totalCents: 3990, lines: [line], contactExternalId: 'C-1', billingAddress: { city: 'Leeds' } },
  stock: { productExternalId: 'P-1', freeQuantity: 12 },
  organisations: { name: 'Acme', vatNumber: 'NL001', phone: '+441632960000', address: { city: 'Leeds', floor: 3 } },
  shipments: { orderExternalId: 'O-1', status: 'shipped', shippedAt: '2026-11-20T10:00:00', lines: [{ productExternalId: 'P-1', quantity: 2 }] },
  checkouts: { status: 'open', startedAt: '2026-11-20T10:00:00Z', currency: 'EUR', totalCents: 1995, lines: [{ ...line, gift: true }] },
  activities: { type: 'page.viewed', at: '2026-11-20T10:00:00Z', contactExternalId: 'C-1', description: 'Kettles' },
};

function receive(request: InboundRequest, over: PlatformContext = context): InboundEvent {
  if (custom.receive === undefined) throw new Error('a custom system sends');
  return custom.receive(over, request);
}

function read({ kind, payload }: InboundEvent, over: PlatformContext = context) {
  if (custom.readInbox === undefined) throw new Error('a custom system sends');
  return custom.readInbox(over, kind, JSON.parse(JSON.stringify(payload)), receivedAt);
}

function refusal(request: InboundRequest, over?: PlatformContext): HubError {
  try {
    receive(request, over);
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
  throw new Error('the request was taken');
}

const canonicalOf = (body: object, settings: object = {}, type: DataType = 'contacts') => {
  const over = customContext({ ...settings });
  return read(receive(customRequest(`/${type}/X-1`, body), over), over).rows[0]?.canonical;
};

describe('A record of a custom system', () => {
  it.each(dataTypes)('of %s is read into the canonical shape', (type) => {
    const event = receive(customRequest(`/${type}/X-1`, examples[type]));
    expect(event.answer).toEqual({ status: 202, body: { accepted: 1, rejected: [] } });
    const { rows, activities, mayCreate } = read(event);
    expect(mayCreate).toBe(true);
    if (type === 'activities') expect(canonicalSchemas.activities.parse(activities?.[0])).toMatchObject({ externalId: 'X-1', at: '2026-11-20T10:00:00.000Z' });
    else {
      expect(rows).toMatchObject([{ dataType: type, externalId: 'X-1', sourceTime: null }]);
      expect(() => fromRecordFields(type, rows[0]?.canonical ?? {})).not.toThrow();
    }
  });

  it('has no field of the model under a name of the envelope', () => {
    const envelope = ['externalId', 'sourceTime', 'createdTime', 'deleted', 'consents', 'shopStructure'];
    for (const type of dataTypes) expect(Object.keys(canonicalSchemas[type].shape).filter((name) => envelope.includes(name))).toEqual(type === 'activities' ? ['externalId'] : []);
  });

  it('keeps what the model does not know as extra fields, also of its parts', () => {
    expect(canonicalOf(examples.contacts)).toMatchObject({ 'extra.loyalty': 'gold' });
    expect(canonicalOf(examples.organisations, {}, 'organisations')).toMatchObject({ address: '{"city":"Leeds"}', 'extra.address.floor': 3 });
    expect(canonicalOf({ ...examples.products, sizes: [{ b: 2, a: 1 }], extra: { vat: 21 } }, {}, 'products')).toMatchObject({ 'extra.sizes': '[{"a":1,"b":2}]', 'extra.vat': 21, 'extra.colour': 'red' });
    expect(canonicalOf(examples.checkouts, {}, 'checkouts')?.['lines']).toBe('[{"productExternalId":"P-1","quantity":2,"unitPriceCents":1995}]');
  });

  it('takes the parts of a name and an address at the top as well', () => {
    expect(canonicalOf({ email: 'a@people.example', firstName: ' Ann ', city: 'Leeds', country: 'GB' })).toEqual({ email: 'a@people.example', firstName: 'Ann', city: 'Leeds', country: 'GB' });
  });

  it('has addresses, numbers and times in the one form in which they are compared', () => {
    expect(canonicalOf(examples.contacts)).toMatchObject({ email: 'ann@people.example', firstName: 'Ann' });
    expect(canonicalOf(examples.contacts, { defaultCountry: 'GB' })).toMatchObject({ mobile: '+447700900123' });
    expect(canonicalOf(examples.orders, {}, 'orders')).toMatchObject({ placedAt: '2026-11-20T09:00:00.000Z', totalCents: 3990 });
    expect(canonicalOf(examples.shipments, { timeZone: 'America/New_York' }, 'shipments')).toMatchObject({ shippedAt: '2026-11-20T15:00:00.000Z' });
    expect(canonicalOf({ email: 'none', phone: '+441632960000' })).toEqual({ email: null, phone: '+441632960000', 'extra.emailRaw': 'none' });
  });

  it('says with an empty text that a field is empty, also where the model wants a form', () => {
    expect(canonicalOf({ email: 'a@people.example', lastName: '', birthDate: '', address: { country: '', city: ' ' } })).toEqual({ email: 'a@people.example', lastName: null, birthDate: null, country: null, city: null });
  });

  it('dates what it says by its own time, read in the time zone of the connector', () => {
    const over = customContext({ timeZone: 'Europe/London' });
    const body = { ...examples.products, sourceTime: '2026-07-01T12:00:00', createdTime: '2020-01-01T00:00:00Z' };
    expect(read(receive(customRequest('/products/P-1', body), over), over).rows[0]).toMatchObject({ sourceTime: '2026-07-01T11:00:00.000Z', createdTime: '2020-01-01T00:00:00.000Z' });
  });

  it('states consents by the hub\'s names of permissions, with their dates', () => {
    const over = customContext({ permissions: ['Newsletter', 'SMS'] });
    const consents = [{ permission: ' newsletter', granted: true, at: '2026-11-01T10:00:00Z' }, { permission: 'SMS', granted: false }];
    const [row] = read(receive(customRequest('/contacts/C-1', { email: 'a@people.example', consents }), over), over).rows;
    expect(row?.consents).toMatchObject([{ permission: 'Newsletter', granted: true, at: '2026-11-01T10:00:00.000Z', heldKey: 'consent:Newsletter' }, { permission: 'SMS', granted: false, at: null }]);
    expect(row?.held).toMatchObject({ email: 'a@people.example', 'consent:Newsletter': true, 'consent:SMS': false });
    const wrong = receive(customRequest('/contacts/C-1', { email: 'a@people.example', consents: [{ permission: 'Post', granted: true }] }), over);
    expect(wrong.answer).toMatchObject({ status: 422, body: { error: { code: 'RECORD_INVALID', field: 'consents[0].permission', message: expect.stringContaining('Newsletter, SMS') } } });
  });

  it('puts the language, or all levels of the shop, into the language field, and nothing for want of both', () => {
    const levels = ['Acme', 'Acme Europe', 'Dutch'];
    const contact = { email: 'a@people.example', language: 'nl', shopStructure: levels };
    expect(canonicalOf(contact)).toMatchObject({ language: 'nl', 'extra.shopStructure': 'Acme - Acme Europe - Dutch' });
    expect(canonicalOf(contact, { languageFrom: 'structure' })).toMatchObject({ language: 'Acme - Acme Europe - Dutch', 'extra.language': 'nl' });
    expect(canonicalOf(contact, { languageFrom: 'structure', languageSeparator: ' / ' })).toMatchObject({ language: 'Acme / Acme Europe / Dutch' });
    expect(canonicalOf({ ...contact, shopStructure: [] }, { languageFrom: 'structure' })).toMatchObject({ language: 'nl' });
    expect(canonicalOf({ email: 'a@people.example', language: null })).toEqual({ email: 'a@people.example' });
    expect(canonicalOf({ email: 'a@people.example', language: '' })).toEqual({ email: 'a@people.example' });
  });

  it('that is gone is a tombstone, by DELETE and in a batch', () => {
    for (const event of [receive(customRequest('/orders/O-1', undefined, { method: 'DELETE' })), receive(customRequest('/orders', [{ externalId: 'O-1', deleted: true }], { method: 'POST' }))]) {
      expect(read(event).rows).toMatchObject([{ externalId: 'O-1', deleted: true, sourceTime: null, canonical: {}, held: {} }]);
    }
  });
});

describe('A field that is wrong', () => {
  it.each<[string, DataType, object, string]>([
    ['money with a fraction', 'orders', { totalCents: 39.9 }, 'totalCents must be a whole number of cents: 19.95 is 1995'],
    ['money as text', 'products', { priceCents: '1995' }, 'priceCents must be a whole number of cents: 19.95 is 1995'],
    ['a status that is none', 'orders', { status: 'new' }, 'status must be one of: pending, paid, processing, shipped, completed, cancelled, refunded'],
    ['a currency in small letters', 'orders', { currency: 'eur' }, 'currency must be a currency of three capitals, as EUR'],
    ['a time that is none', 'orders', { placedAt: 'yesterday' }, 'placedAt must be a time in ISO 8601, as 2026-11-20T09:12:00Z'],
    ['a field that is missing', 'stock', { freeQuantity: undefined }, 'freeQuantity is missing'],
    ['a number in the place of a text', 'contacts', { name: { firstName: 7 } }, 'name.firstName must be a text'],
    ['a line without a product', 'orders', { lines: [line, { quantity: 1, unitPriceCents: 5 }] }, 'lines[1].productExternalId is missing'],
    ['a list that is none', 'orders', { lines: {} }, 'lines must be a list'],
    ['a country in words', 'contacts', { address: { country: 'Britain' } }, 'address.country must be a country code of two capitals, as GB'],
    ['a language in words', 'contacts', { language: 'Dutch' }, 'language must be a language tag, as nl or en-GB'],
    ['a birthday with a time', 'contacts', { birthDate: '1984-02-29T10:00:00Z' }, 'birthDate must be a calendar date, as 1984-02-29'],
    ['a word for yes', 'products', { visible: 'yes' }, 'visible must be true or false'],
    ['an extra field that is no value', 'products', { extra: { a: {} } }, 'extra.a must be a text, a number, true, false or null'],
    ['an activity of no known type', 'activities', { type: 'party' }, 'type must be one of: conversation.concluded'],
    ['a time of change that is none', 'products', { sourceTime: 17 }, 'sourceTime must be a text'],
    ['nobody to find', 'contacts', { email: 'none', mobile: null }, 'no e-mail address and no phone number that can be read'],
  ])('is refused and named: %s', (_what, type, wrong, message) => {
    const { answer, rejected, payload } = receive(customRequest(`/${type}/X-1`, { ...examples[type], ...wrong }));
    expect(answer).toMatchObject({ status: 422, body: { error: { message: expect.stringContaining(message), fix: expect.stringMatching(/\w/) } } });
    expect(rejected).toMatchObject([{ dataType: type, externalId: 'X-1', reason: expect.stringContaining(message) }]);
    expect(payload).toMatchObject({ records: [] });
  });
});

describe('A record without any field', () => {
  it.each<DataType>(['products', 'organisations'])('is refused, for it would empty all that is known: %s', (type) => {
    for (const body of [{}, { sourceTime: '2026-11-20T10:00:00Z' }]) expect(receive(customRequest(`/${type}/X-1`, body))).toMatchObject({ answer: { status: 422 }, rejected: [{ externalId: 'X-1', reason: expect.stringContaining('the record has no field') }] });
  });
});

describe('A batch', () => {
  const post = (path: string, body: unknown, more: object = {}) => customRequest(path, body, { method: 'POST', ...more });
  const product = (externalId: string, more: object = {}) => ({ externalId, ...examples.products, ...more });

  it.each([
    ['a list', post('/products', [product('P-1'), product('P-2')])],
    ['an object', post('/products', { records: [product('P-1'), product('P-2')] })],
    ['lines', post('/products', undefined, { lines: `${JSON.stringify(product('P-1'))}\r\n\n${JSON.stringify(product('P-2'))}` })],
  ])('is read as %s', (_form, request) => {
    const event = receive(request);
    expect(event.answer).toEqual({ status: 202, body: { accepted: 2, rejected: [] } });
    expect(read(event).rows.map(({ externalId }) => externalId)).toEqual(['P-1', 'P-2']);
  });

  it('refuses single records, saying which and why, and takes the others', () => {
    const event = receive(post('/products', [product('P-1'), 42, product('P-2', { priceCents: 'free' }), { name: 'no id' }, product('a b')]));
    expect(event.answer.body).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 1, externalId: '', path: '', code: 'RECORD_INVALID', reason: 'records[1]: the record must be an object' },
        { index: 2, externalId: 'P-2', path: 'priceCents', reason: 'priceCents must be a whole number of cents: 19.95 is 1995', fix: expect.stringMatching(/\w/) },
        { index: 3, externalId: '', path: 'externalId', reason: 'records[3]: externalId is missing' },
        { index: 4, externalId: '', path: 'externalId', reason: expect.stringContaining('without spaces') },
      ],
    });
    expect(event.rejected).toHaveLength(4);
  });

  it('names the line that is no JSON', () => {
    const { answer } = receive(post('/products', undefined, { lines: `${JSON.stringify(product('P-1'))}\n{"externalId":` }));
    expect(answer.body).toMatchObject({ accepted: 1, rejected: [{ index: 1, reason: 'line 2 is no valid JSON' }] });
  });

  it('has at most 1,000 records, in either form, and at least one', () => {
    const many = Array.from({ length: 1_001 }, (_, index) => product(`P-${index}`));
    expect(receive(post('/products', many.slice(1))).answer.body).toMatchObject({ accepted: 1_000 });
    for (const request of [post('/products', many), post('/products', undefined, { lines: many.map((one) => JSON.stringify(one)).join('\n') })]) expect(refusal(request).code).toBe('REQUEST_TOO_LARGE');
    for (const request of [post('/products', []), post('/products', undefined, { lines: '\n\n' }), post('/products', { rows: [] })]) expect(refusal(request)).toMatchObject({ code: 'REQUEST_INVALID', facts: { field: 'records' } });
  });

  it('may hold a thing several times: the last one without a time counts, all with a time do', () => {
    const [first, second] = [product('P-1', { name: 'A' }), product('P-1', { name: 'B' })];
    const untimed = read(receive(post('/products', [first, second, first])));
    expect(untimed.rows.map(({ canonical }) => canonical['name'])).toEqual(['A']);
    const timed = read(receive(post('/products', [{ ...first, sourceTime: '2026-11-01T00:00:00Z' }, { ...second, sourceTime: '2026-11-02T00:00:00Z' }])));
    expect(timed.rows.map(({ canonical }) => canonical['name'])).toEqual(['A', 'B']);
  });

  it('that contradicts itself at one time loses the later record only', () => {
    const sourceTime = '2026-11-01T00:00:00Z';
    const event = receive(post('/products', [product('P-1', { sourceTime, name: 'A' }), product('P-1', { sourceTime: '2026-11-01T01:00:00+01:00', name: 'B' }), product('P-1', { sourceTime, name: 'A' })]));
    expect(event.answer.body).toMatchObject({ accepted: 2, rejected: [{ index: 1, externalId: 'P-1', path: 'sourceTime', code: 'IDEMPOTENCY_CONFLICT' }] });
    expect(event.stated?.versions).toHaveLength(2);
  });

  it('leaves out text that can not be stored', () => {
    const [row] = read(receive(post('/products', [product('P-1', { name: 'A\u0000b\ud800c' })]))).rows;
    expect(row?.canonical['name']).toBe('Ab\uFFFDc');
    const [line1] = read(receive(post('/products', undefined, { lines: JSON.stringify(product('P-1', { name: 'A\u0000b' })) }))).rows;
    expect(line1?.canonical['name']).toBe('Ab');
  });

  it('does not let a field change what objects are', () => {
    const lines = '{"externalId":"P-1","name":"A","__proto__":{"polluted":true},"extra":{"__proto__":"x"}}';
    const [row] = read(receive(post('/products', undefined, { lines }))).rows;
    expect(row?.canonical).toEqual({ name: 'A' });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('Requests of a custom system', () => {
  it('are told apart by their key, or else each by itself', () => {
    const at = (id: string, headers: Record<string, string> = {}) => receive(customRequest('/products/P-1', examples.products, { id, headers })).key;
    expect(at('r-1')).not.toBe(at('r-2'));
    expect(at('r-1', { 'idempotency-key': 'K-1' })).toBe(at('r-2', { 'idempotency-key': 'K-1' }));
  });

  it('say once for each type that all was sent', () => {
    const event = receive(customRequest('/orders/complete', undefined, { method: 'POST' }));
    expect([event.answer, event.brings]).toEqual([{ status: 202, body: { dataType: 'orders', complete: true } }, ['orders']]);
    expect(read(event)).toMatchObject({ rows: [], completes: 'orders' });
  });

  it('pass a selection whole or in pages, and take it back', () => {
    const list = { name: 'Spring', members: ['C-1', 'C-2', 'C-1'], campaign: { externalId: 'K-1', name: 'Spring 2027', startDate: '2027-03-01' } };
    const whole = receive(customRequest('/lists/L-1', list));
    expect(read(whole).listPage).toEqual({
      syncId: 'request-1', page: 1, pageCount: 1, list: { externalId: 'L-1', name: 'Spring', description: '' }, memberIds: ['C-1', 'C-2'],
      campaign: { externalId: 'K-1', name: 'Spring 2027', startDate: '2027-03-01', endDate: null },
    });
    const pages = [1, 2].map((page) => receive(customRequest('/lists/L-1', { ...list, syncId: 'S-1', page, pageCount: 2 }, { id: `r-${page}` })));
    expect(pages.map(({ key }) => key)).toEqual(['S-1:1', 'S-1:2']);
    expect(pages.map((page) => read(page).listPage?.pageCount)).toEqual([2, 2]);
    expect(read(receive(customRequest('/lists/L%2F1', undefined, { method: 'DELETE' })))).toMatchObject({ removedListId: 'L/1' });
    for (const wrong of [{ page: 2, pageCount: 1, syncId: 'S' }, { page: 1, pageCount: 2 }, { pageCount: 2, syncId: 'S' }]) expect(refusal(customRequest('/lists/L-1', { ...list, ...wrong })).facts.field).toBe('page');
    expect(refusal(customRequest('/lists/L-1', { ...list, members: ['a@people.example'] })).facts.field).toBe('members[0]');
  });

  it.each<[string, InboundRequest, string, string | undefined]>([
    ['an unknown data type', customRequest('/invoices/1', {}), 'NOT_FOUND', 'dataType'],
    ['too many parts', customRequest('/orders/1/lines', {}), 'NOT_FOUND', undefined],
    ['a batch by PUT', customRequest('/orders', []), 'REQUEST_INVALID', 'method'],
    ['one record by POST', customRequest('/orders/O-1', {}, { method: 'POST' }), 'REQUEST_INVALID', 'method'],
    ['a list of all lists', customRequest('/lists', {}), 'REQUEST_INVALID', 'method'],
    ['another id in the body', customRequest('/orders/O-1', { externalId: 'O-2' }), 'REQUEST_INVALID', 'externalId'],
    ['an address as an id', customRequest('/contacts/a%40people.example', {}), 'REQUEST_INVALID', 'externalId'],
    ['a broken escape', customRequest('/contacts/%E0%A4%A', {}), 'REQUEST_INVALID', 'externalId'],
    ['a list in the place of a record', customRequest('/contacts/C-1', []), 'REQUEST_INVALID', 'body'],
    ['lines for one record', customRequest('/contacts/C-1', undefined, { lines: '{}' }), 'REQUEST_INVALID', 'Content-Type'],
    ['an activity that is taken back', customRequest('/activities/A-1', undefined, { method: 'DELETE' }), 'REQUEST_INVALID', 'dataType'],
  ])('are refused with what is wrong: %s', (_what, request, code, field) => {
    const error = refusal(request);
    expect([error.code, error.facts.field]).toEqual([code, field]);
  });

  it('that were stored by something else are a mistake of the hub', () => {
    expect(() => custom.readInbox?.(context, 'list', {}, receivedAt)).toThrow(HubError);
  });
});
