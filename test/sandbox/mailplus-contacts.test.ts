import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox } from '../../sandbox/mailplus/index.ts';
import type { MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { call, contactBody, control } from './mailplus-caller.ts';
import type { CallOptions } from './mailplus-caller.ts';

let sandbox: MailplusSandbox;
beforeEach(async () => {
  sandbox = await startMailplusSandbox({
    credentials: [
      { key: 'sandbox-key', secret: 'sandbox-secret', externalIdField: 'crmId' },
      { key: 'shop-key', secret: 'shop-secret', externalIdField: 'shopId' },
    ],
  });
});
afterEach(() => sandbox.close());

const shop: CallOptions = { key: 'shop-key', secret: 'shop-secret' };

type Fields = Readonly<Record<string, unknown>>;

async function post(externalId: string, properties: Fields, flags: Fields = {}, options: CallOptions = {}) {
  const { status, body } = await call(sandbox, 'POST', '/contact', { ...options, body: contactBody(externalId, properties, flags) });
  return body === undefined ? [status] : [status, (body as { errorType: string }).errorType];
}

async function get(externalId: string, options: CallOptions = {}) {
  return (await call(sandbox, 'GET', `/contact/${encodeURIComponent(externalId)}`, options)).body as {
    externalId: string; encryptedId: string; lastChanged: string; properties: Record<string, unknown>; channels: unknown;
  };
}

describe('writing a contact', () => {
  it('creates it with 204 and an empty body, and shows only what has data', async () => {
    const written = await call(sandbox, 'POST', '/contact/', {
      body: contactBody('P/1 ü', { email: 'Ann@Example.com', firstName: 'Ann', city: '', permissions: [{ bit: 2, enabled: true }] }),
    });
    expect([written.status, written.text, written.headers.get('content-type')]).toEqual([204, '', null]);
    expect(await get('P/1 ü')).toEqual({
      externalId: 'P/1 ü',
      created: expect.stringMatching(/^\d{4}-.*Z$/),
      lastChanged: expect.stringMatching(/^\d{4}-.*Z$/),
      encryptedId: expect.stringMatching(/^[0-9A-Za-z]{15}$/),
      testGroup: false,
      temporary: false,
      properties: {
        email: 'Ann@Example.com',
        firstName: 'Ann',
        permissions: [
          { bit: 1, description: 'Newsletter', enabled: false },
          { bit: 2, description: 'Consent to Receive Email Marketing', enabled: true },
          { bit: 4, description: 'Consent to Receive SMS Marketing', enabled: false },
        ],
      },
      channels: [{ name: 'EMAIL', value: true }, { name: 'SMS', value: false }],
    });
  });

  it('refuses a known external id without update, and changes it with update', async () => {
    await post('1', { email: 'a@example.com' }, { update: false });
    expect(await post('1', { email: 'a@example.com' }, { update: false })).toEqual([400, 'CONTACT_ALREADY_EXISTS']);
    expect(await post('1', { firstName: 'A' })).toEqual([204]);
    expect((await get('1')).properties).toEqual({ email: 'a@example.com', firstName: 'A' });
  });

  it('merges into the contact with the same address, whatever its capitals, which takes over the new id', async () => {
    await post('1', { email: 'a@example.com', firstName: 'A' });
    const first = await get('1');
    expect(await post('2', { email: 'A@EXAMPLE.com', lastName: 'B' }, { update: false })).toEqual([204]);
    const merged = await get('2');
    expect(merged).toMatchObject({ encryptedId: first.encryptedId, properties: { email: 'A@EXAMPLE.com', firstName: 'A', lastName: 'B' } });
    expect((await call(sandbox, 'GET', '/contact/1')).status).toBe(404);
  });

  it('keeps one external id per credential', async () => {
    await post('1', { email: 'a@example.com' });
    await post('77', { email: 'a@example.com' }, {}, shop);
    expect((await get('1')).encryptedId).toBe((await get('77', shop)).encryptedId);
    expect((await call(sandbox, 'GET', '/contact/1', shop)).body).toMatchObject({ errorType: 'CONTACT_NOT_FOUND' });
  });

  it('refuses an address that another contact has', async () => {
    await post('1', { email: 'a@example.com' });
    await post('2', { email: 'b@example.com' });
    expect(await post('2', { email: 'a@example.com', firstName: 'never' })).toEqual([400, 'INVALID_PROPERTY']);
    expect((await get('2')).properties).toEqual({ email: 'b@example.com' });
  });

  it('merges set properties bit by bit, and purge clears what is not named', async () => {
    await post('1', { email: 'a@example.com', firstName: 'A', permissions: [{ bit: 1, enabled: true }, { bit: 2, enabled: true }] });
    await post('1', { permissions: [{ bit: 2, enabled: false }, { bit: 4, enabled: true }] });
    expect(sandbox.state.contact({ externalId: '1' }).permissions).toEqual([1, 4]);
    await post('1', { email: 'a@example.com', permissions: [{ bit: 2, enabled: true }] }, { purge: true });
    expect(sandbox.state.contact({ externalId: '1' }).properties).toEqual({ email: 'a@example.com', permissions: [2] });
    await post('1', { email: 'a@example.com' }, { purge: true });
    expect((await get('1')).properties).toEqual({ email: 'a@example.com' });
  });

  it.each([
    ['an unknown property', { shoeSize: 42 }],
    ['an address without a domain', { email: 'ann@' }],
    ['an address with spaces', { email: ' ann@example.com' }],
    ['an empty address', { email: '' }],
    ['a British postcode', { postalCode: 'SW1A 1AA' }],
    ['a gender in words', { gender: 'FEMALE' }],
    ['a birthday that does not exist', { birthday: '2023-02-29' }],
    ['a birthday with a time', { birthday: '2023-02-28T00:00:00Z' }],
    ['a moment without an offset', { firstPurchaseDate: '2024-05-01T10:00:00' }],
    ['a number in words', { freeField1: '7' }],
    ['a fraction', { freeField1: 1.5 }],
    ['text that is a number', { firstName: 7 }],
    ['a mobile number with letters', { mobileNumber: 'call me' }],
    ['a bit that the account does not have', { permissions: [{ bit: 3, enabled: true }] }],
    ['a bit without a state', { permissions: [{ bit: 1 }] }],
    ['a set that is a number', { permissions: 1 }],
  ])('refuses %s and stores nothing', async (_what, properties) => {
    expect(await post('1', { lastName: 'B', ...properties })).toEqual([400, 'INVALID_PROPERTY']);
    expect((await call(sandbox, 'GET', '/contact/1')).status).toBe(404);
  });

  it('accepts a value of every type and gives moments back in UTC', async () => {
    const values = {
      email: 'ann.o-neill+x@mail.example.com', gender: 'F', birthday: '2000-02-29', postalCode: '1234 ab', mobileNumber: '+44 7700 900123',
      freeField1: -7, firstName: 'Zoë 🦊',
    };
    expect(await post('1', { ...values, lastPurchaseDate: '2024-05-01T10:00:00+02:00' })).toEqual([204]);
    expect((await get('1')).properties).toEqual({ ...values, lastPurchaseDate: '2024-05-01T08:00:00.000Z' });
  });

  it('clears a property with null', async () => {
    await post('1', { email: 'a@example.com', firstName: 'A' });
    await post('1', { firstName: null });
    expect((await get('1')).properties).toEqual({ email: 'a@example.com' });
  });

  it('updates only a known contact by PUT, and refuses another id in the body', async () => {
    const put = (id: string, body: unknown) => call(sandbox, 'PUT', `/contact/${id}`, { body });
    expect((await put('1', contactBody('1', {}))).body).toMatchObject({ errorType: 'CONTACT_NOT_FOUND' });
    await post('1', { email: 'a@example.com' });
    expect((await put('1', { purge: false, contact: { properties: { city: 'Utrecht' } } })).status).toBe(204);
    expect((await put('1', contactBody('2', {}))).status).toBe(400);
    expect((await get('1')).properties).toEqual({ email: 'a@example.com', city: 'Utrecht' });
  });

  it('moves lastChanged only when something is different', async () => {
    await post('1', { email: 'a@example.com' });
    const before = await get('1');
    await control(sandbox, 'PUT', '/clock', { offsetMs: 60_000 });
    await post('1', { email: 'a@example.com' });
    expect(await get('1')).toEqual(before);
    await post('1', { city: 'Breda' });
    expect(Date.parse((await get('1')).lastChanged) - Date.parse(before.lastChanged)).toBeGreaterThanOrEqual(60_000);
  });
});

describe('the batch insert', () => {
  const batch = (contacts: unknown[], flags: Record<string, unknown> = { update: true }) =>
    call(sandbox, 'POST', '/contact/list', { body: { ...flags, contacts } });

  it('answers 200 with a code for each contact', async () => {
    await post('old', { email: 'old@example.com' });
    await post('out', { email: 'out@example.com' });
    await call(sandbox, 'PUT', '/contact/inactivate/out');
    await post('elsewhere', { email: 'out2@example.com' }, {}, shop);
    sandbox.state.inactivate({ contact: { email: 'out2@example.com' } });
    const { status, body } = await batch([
      { externalId: '1', properties: { email: 'a@example.com' } },
      { externalId: 'old', properties: { city: 'Breda' } },
      { externalId: '2', properties: { email: 'nowhere' } },
      { externalId: 'out', properties: { city: 'Breda' } },
      { externalId: '3', properties: { email: 'out2@example.com' } },
    ], {});
    expect(status).toBe(200);
    expect((body as { externalId: string; code: string }[]).map(({ externalId, code }) => [externalId, code])).toEqual([
      ['1', 'OK'], ['old', 'CONTACT_ALREADY_EXISTS'], ['2', 'PROPERTY_INVALID'], ['out', 'CONTACT_ALREADY_EXISTS'],
      ['3', 'CONTACT_OPTOUT'],
    ]);
    const again = await batch([{ externalId: 'out', properties: { city: 'Breda' } }]);
    expect(again.body).toMatchObject([{ externalId: 'out', code: 'CONTACT_OPTOUT' }]);
  });

  it('takes 100 contacts, and refuses 101 and a contact without an id as a whole', async () => {
    const contacts = Array.from({ length: 101 }, (_, index) => ({ externalId: `${index}`, properties: { email: `p${index}@example.com` } }));
    expect((await batch(contacts)).body).toMatchObject({ errorType: 'INVALID_PARAMS' });
    expect((await batch([contacts[0], { properties: {} }])).status).toBe(400);
    expect(sandbox.state.summary().contacts).toBe(0);
    expect((await batch(contacts.slice(0, 100))).status).toBe(200);
    expect(sandbox.state.summary().contacts).toBe(100);
  });
});

describe('inactive and anonymised contacts', () => {
  it('keeps an inactive contact readable, closes its channels and refuses writes to it and to its address', async () => {
    await post('1', { email: 'a@example.com', mobileNumber: '+447700900123' });
    expect((await call(sandbox, 'PUT', '/contact/inactivate/1')).status).toBe(204);
    expect((await get('1')).channels).toEqual([{ name: 'EMAIL', value: false }, { name: 'SMS', value: false }]);
    expect(await post('1', { city: 'Breda' })).toEqual([400, 'CONTACT_OPTOUT']);
    expect(await post('2', { email: 'A@example.com' })).toEqual([400, 'CONTACT_OPTOUT']);
    expect((await call(sandbox, 'PUT', '/contact/inactivate/nobody')).status).toBe(404);
  });

  it('forgets an anonymised contact altogether', async () => {
    await post('1', { email: 'a@example.com' });
    expect((await call(sandbox, 'PUT', '/contact/anonymize/1')).status).toBe(204);
    expect((await call(sandbox, 'GET', '/contact/1')).body).toMatchObject({ errorType: 'CONTACT_NOT_FOUND' });
    expect((await call(sandbox, 'PUT', '/contact/anonymize/1')).status).toBe(404);
    const found = await call(sandbox, 'GET', '/contact/search', { query: { MPSearchQuery: 'email=a@example.com', pageSize: '1' } });
    expect(found.body).toEqual({ paging: {}, contacts: [] });
    expect([...sandbox.state.contacts()]).toMatchObject([{ properties: {}, externalIds: {}, inactive: 'anonymised' }]);
  });
});

describe('the search', () => {
  it('finds by address and by several properties, whatever the capitals', async () => {
    await post('1', { email: 'a@example.com', city: 'Breda', lastName: 'Berg' });
    await post('2', { email: 'b@example.com', city: 'Breda', lastName: 'Dal' });
    const find = async (MPSearchQuery: string) => {
      const { body } = await call(sandbox, 'GET', '/contact/search', { query: { MPSearchQuery, pageSize: '10' } });
      return (body as { contacts: { externalId: string }[] }).contacts.map(({ externalId }) => externalId);
    };
    expect(await find('email=A@Example.com')).toEqual(['1']);
    expect(await find('city=breda')).toEqual(['1', '2']);
    expect(await find('city=Breda&lastName=Dal')).toEqual(['2']);
    expect(await find('city=Delft')).toEqual([]);
    expect((await call(sandbox, 'GET', '/contact/search', { query: { MPSearchQuery: 'shoe=1', pageSize: '1' } })).body)
      .toMatchObject({ errorType: 'INVALID_PROPERTY' });
    expect((await call(sandbox, 'GET', '/contact/search', { query: { MPSearchQuery: 'city=Breda' } })).status).toBe(400);
  });
});
