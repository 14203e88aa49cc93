import { afterEach, describe, expect, it } from '@jest/globals';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { accountFields, always, streamOf } from './mailplus-account.ts';
import { mailplusContext, type ContextChanges } from './mailplus-context.ts';
import { sendJson, startRawServer, type RawServer, type SeenRequest } from './raw-server.ts';

const servers: RawServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A Mail+ that gives these answers, by path. */
async function answering(answer: (request: SeenRequest) => unknown): Promise<RawServer> {
  const server = await startRawServer((request, response) => sendJson(response, 200, answer(request)));
  servers.push(server);
  return server;
}

const contacts = streamOf('contacts');
const read = async (body: unknown, changes: ContextChanges = {}) => {
  const server = await answering(() => body);
  return mailplus.readPage(mailplusContext(server.url, { fields: accountFields, ...changes }), contacts, always, undefined);
};
const readOne = async (contact: object, changes: ContextChanges = {}) => {
  const { rows: [row] } = await read({ contacts: [{ externalId: '1', ...contact }] }, changes);
  if (row === undefined) throw new Error('no row');
  return row;
};

describe('reading contacts of Mail+', () => {
  it('asks for a window in UTC with its offset, a second early, and signs it', async () => {
    const server = await answering(() => ({ contacts: [] }));
    const window = { from: '2026-11-21T10:00:00.000Z', to: '2026-11-21T11:00:00.000Z' };
    await mailplus.readPage(mailplusContext(server.url, { fields: accountFields }), contacts, window, undefined);
    expect(server.seen[0]?.url).toBe('/contact/updates/list?fromDate=2026-11-21T09%3A59%3A59.000%2B00%3A00&toDate=2026-11-21T11%3A00%3A00.000%2B00%3A00&after=0&pageSize=1000');
    expect(server.seen[0]?.headers.authorization).toMatch(/^OAuth .*oauth_signature="/);
  });

  it('gives canonical fields, what is held, and where each came from', async () => {
    const row = await readOne({
      encryptedId: 'hT3k', created: 1_646_650_000_000, lastChanged: '2026-11-20T10:00:00+01:00', temporary: false, unheardOf: { deep: true },
      properties: {
        email: 'Ann@Example.com', firstName: 'Ann', taal: 'NL', freeField1: '7', newField: 'x',
        permissions: [{ bit: 2, enabled: true, description: 'Offers' }], list1: [{ bit: 1, enabled: true }],
      },
    });
    expect(row).toMatchObject({
      dataType: 'contacts', externalId: '1', alternateId: 'hT3k', sourceTime: '2026-11-20T09:00:00.000Z', createdTime: '2022-03-07T10:46:40.000Z',
      consents: [], observedPermissions: { 'Consent to Receive Email Marketing': 'permissions:2' },
    });
    expect(row.canonical).toEqual({ email: 'ann@example.com', firstName: 'Ann', language: 'nl', 'extra.freeField1': 7, 'extra.newField': 'x', 'extra.list1:1': true });
    expect(row.held).toEqual({
      email: 'ann@example.com', firstName: 'Ann', taal: 'nl', freeField1: 7, newField: 'x',
      'permissions:1': false, 'permissions:2': true, 'permissions:4': false, 'list1:1': true, 'list1:2': false,
    });
    for (const name of Object.keys(row.canonical)) expect(row.held).toHaveProperty([row.heldKeyOf[name] ?? 'nowhere']);
    expect(row.heldKeyOf).not.toHaveProperty(['extra.permissions:2']);
    expect(row.payload).toMatchObject({ unheardOf: { deep: true } });
  });

  it('takes permissions that are not listed any more for switched off', async () => {
    expect((await readOne({ properties: { email: 'a@example.com' } })).held).toMatchObject({ 'permissions:1': false, 'permissions:2': false });
  });

  it('knows a contact without an external id by its encrypted id', async () => {
    const row = await readOne({ externalId: null, encryptedId: 'hT3k' });
    expect(row).toMatchObject({ externalId: 'enc:hT3k', alternateId: 'hT3k' });
    expect((await readOne({ externalId: 12 })).externalId).toBe('12');
  });

  it('says no time when Mail+ does not', async () => {
    const row = await readOne({ lastChanged: null });
    expect(row.sourceTime).toBeNull();
    expect(row).not.toHaveProperty('createdTime');
  });

  it('keeps an e-mail address that is none apart, without taking it for one', async () => {
    const row = await readOne({ properties: { email: 'no address', mobileNumber: 'ask' } });
    expect(row.canonical).toEqual({ 'extra.email': 'no address', 'extra.mobileNumber': 'ask' });
    expect(row.heldKeyOf).toMatchObject({ 'extra.email': 'email' });
  });

  it('takes the postcode of a contact abroad from the property that was set aside for it', async () => {
    const row = await readOne({ properties: { foreignCode: 'SW1A 1AA' } }, { settings: { foreignPostcodeProperty: 'foreignCode' } });
    expect(row.canonical['postalCode']).toBe('SW1A 1AA');
    expect(row.heldKeyOf['postalCode']).toBe('foreignCode');
  });

  it('follows the mapping of the settings', async () => {
    const settings = { properties: JSON.stringify({ 'extra.levelOfInterest': 'freeField1', city: null, 'extra.golf': 'list1:2' }) };
    const row = await readOne({ properties: { freeField1: 3, city: 'Utrecht', list1: [{ bit: 2, enabled: true }] } }, { settings });
    expect(row.canonical).toEqual({ 'extra.levelOfInterest': 3, 'extra.city': 'Utrecht', 'extra.golf': true });
  });

  it('rejects what it cannot take, and takes the rest of the page', async () => {
    const page = await read({ contacts: [
      { externalId: 'good', properties: { email: 'a@example.com', city: { nested: true }, list1: 'no list', permissions: [null, { bit: 'x' }, { bit: 2, enabled: 'true' }] } },
      { externalId: 'bad-date', lastChanged: 'yesterday' }, { externalId: 'bad-type', temporary: 'maybe' }, {}, null, 'text', 7,
      { externalId: 'for-now', temporary: true },
    ] });
    expect(page.rows.map((row) => row.externalId)).toEqual(['good']);
    expect(page.rows[0]?.held).toMatchObject({ email: 'a@example.com', 'permissions:2': true });
    expect(page.rejected.map((row) => [row.externalId, row.path])).toEqual([
      ['bad-date', 'lastChanged'], ['', 'temporary'], ['', 'externalId'], ['', ''], ['', ''], ['', ''], ['for-now', 'temporary'],
    ]);
  });

  it.each([[[{ externalId: '1' }]], [{ contacts: [{ externalId: '1' }], paging: null }], [{ contacts: [{ externalId: '1' }], paging: { next: null, after: 0 } }]])(
    'reads the last page %j', async (body) => {
      const page = await read(body);
      expect(page.rows).toHaveLength(1);
      expect(page.nextPageToken).toBeUndefined();
    });

  it.each([['text'], [7], [{ contacts: 'none' }], [{ paging: [] }], [null]])('refuses the page %j', async (body) => {
    await expect(read(body)).rejects.toMatchObject({ code: 'PLATFORM_ANSWER_INVALID' });
  });

  it('goes on over an empty page when Mail+ says that there is more', async () => {
    const server = await answering(({ url }) => {
      const after = Number(new URL(url, 'http://x').searchParams.get('after'));
      if (after === 0) return { paging: { next: 'https://x/?pageSize=1000&after=1000', after: 1000 }, contacts: [] };
      return { paging: {}, contacts: [{ externalId: `at-${after}` }] };
    });
    const context = mailplusContext(server.url, { fields: accountFields });
    const first = await mailplus.readPage(context, contacts, always, undefined);
    const second = await mailplus.readPage(context, contacts, always, first.nextPageToken);
    expect([first.rows, second.rows.map((row) => row.externalId), second.nextPageToken]).toEqual([[], ['at-1000'], undefined]);
  });

  it('stops when Mail+ sends it back to where it was', async () => {
    await expect(read({ paging: { next: 'https://x/?after=0' }, contacts: [{ externalId: '1' }] })).rejects.toMatchObject({ code: 'PAGING_LOOP' });
  });

  it('reads single contacts, and knows one that is gone from a wrong address', async () => {
    const server = await startRawServer(({ url }, response) => {
      if (url.endsWith('/known')) sendJson(response, 200, { externalId: 'known', properties: {} });
      else if (url.endsWith('/gone')) sendJson(response, 400, { errorType: 'CONTACT_NOT_FOUND', message: 'Contact not found' });
      else response.writeHead(404).end('<html>');
    });
    servers.push(server);
    const context = mailplusContext(server.url, { fields: accountFields });
    const page = await mailplus.readRecords(context, 'contacts', ['known', 'gone', 'enc:hT3k', 'known']);
    expect(page.rows.map((row) => [row.externalId, row.deleted ?? false])).toEqual([['known', false], ['gone', true]]);
    expect(server.seen).toHaveLength(2);
    await expect(mailplus.readRecords(context, 'contacts', ['a/b?c'])).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID', facts: { field: 'baseUrl' } });
    expect(server.seen.at(-1)?.url).toBe('/contact/a%2Fb%3Fc');
    await expect(mailplus.readRecords(context, 'contacts', ['..'])).rejects.toMatchObject({ code: 'RECORD_INVALID' });
  });

  it('asks for a token of the bucket before each call', async () => {
    const server = await answering(() => ({ contacts: [] }));
    const acquired: number[] = [];
    const context = mailplusContext(server.url, { acquire: (cost) => { acquired.push(cost); return Promise.resolve(); }, fields: accountFields });
    await mailplus.readPage(context, contacts, always, undefined);
    expect(acquired).toEqual([1]);
  });

  it('knows no other stream', async () => {
    await expect(mailplus.readPage(mailplusContext('http://127.0.0.1:1'), { ...contacts, name: 'orders' }, always, undefined)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
