import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox } from '../../sandbox/mailplus/index.ts';
import type { MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { call, contactBody } from './mailplus-caller.ts';

let sandbox: MailplusSandbox;
beforeEach(async () => {
  sandbox = await startMailplusSandbox();
});
afterEach(() => sandbox.close());

interface Feed {
  readonly paging: { readonly next?: string; readonly after?: number };
  readonly contacts: { readonly externalId?: string; readonly encryptedId: string; readonly lastChanged: string }[];
  readonly interactions: Record<string, unknown>[];
  readonly bounces: Record<string, unknown>[];
}

async function read(path: string, query: Record<string, string>): Promise<Feed> {
  const { status, body } = await call(sandbox, 'GET', path, { query });
  expect(status).toBe(200);
  return body as Feed;
}

const wide = { fromDate: '2000-01-01', toDate: '2100-01-01T00:00:00Z', pageSize: '100' };
const day = (number: number): string => `2024-03-${String(number).padStart(2, '0')}T12:00:00Z`;

function seedDays(count: number): void {
  sandbox.state.seedContacts(Array.from({ length: count }, (_, index) => ({
    externalId: `P${index + 1}`, properties: { email: `p${index + 1}@example.com` }, permissions: [2],
    created: '2020-01-01', lastChanged: day(index + 1),
  })));
}

describe('updated contacts', () => {
  it('gives those of [fromDate, toDate) in order of change, whatever the form of the dates', async () => {
    seedDays(5);
    const ids = async (fromDate: string, toDate: string) =>
      (await read('/contact/updates/list', { fromDate, toDate, pageSize: '10' })).contacts.map(({ externalId }) => externalId);
    expect(await ids(day(2), day(4))).toEqual(['P2', 'P3']);
    expect(await ids('2024-03-02T13:00:00+01:00', '2024-03-04T12:00:00.000+0000')).toEqual(['P2', 'P3']);
    expect(await ids('2024-03-02T13:00:01', '2024-03-05')).toEqual(['P3', 'P4']);
    expect(await ids('2024-03-01', '2024-03-01')).toEqual([]);
  });

  it('pages by offset, with next and after on every page but the last', async () => {
    seedDays(5);
    const first = await read('/contact/updates/list', { ...wide, pageSize: '2' });
    expect(first.paging.after).toBe(2);
    const next = new URL(first.paging.next ?? '');
    expect(Object.fromEntries(next.searchParams)).toEqual({ ...wide, pageSize: '2', after: '2' });
    const last = await read('/contact/updates/list', { ...wide, pageSize: '2', after: '4' });
    expect([last.contacts.map(({ externalId }) => externalId), last.paging]).toEqual([['P5'], {}]);
    expect((await read('/contact/updates/list', { ...wide, after: '50' })).contacts).toEqual([]);
  });

  it('shows own writes, profile edits and unsubscribes, and moves what changes to the end', async () => {
    seedDays(4);
    await call(sandbox, 'PUT', '/contact/P2', { body: contactBody('P2', { city: 'Breda' }) });
    sandbox.state.editContact({ contact: { externalId: 'P1' }, properties: { city: 'Delft' }, at: '2090-01-01' });
    sandbox.state.unsubscribe({ contact: { email: 'P3@example.com' }, bit: 2, at: '2091-01-01' });
    const { contacts } = await read('/contact/updates/list', wide);
    expect(contacts.map(({ externalId }) => externalId)).toEqual(['P4', 'P2', 'P1', 'P3']);
  });

  it('gives a contact without an id of this credential by its encrypted id only', async () => {
    sandbox.state.seedContacts([{ externalIds: { shopId: '7' }, properties: { email: 'shop@example.com' } }]);
    const [contact] = (await read('/contact/updates/list', wide)).contacts;
    expect(contact).not.toHaveProperty('externalId');
    expect(contact?.encryptedId).toBe(sandbox.state.contact({ email: 'shop@example.com' }).encryptedId);
  });

  it.each([
    ['fromDate', { toDate: '2100-01-01', pageSize: '5' }],
    ['toDate', { fromDate: '2000-01-01', toDate: 'yesterday', pageSize: '5' }],
    ['fromDate', { fromDate: '2023-02-29', toDate: '2100-01-01', pageSize: '5' }],
    ['pageSize', { fromDate: '2000-01-01', toDate: '2100-01-01' }],
    ['pageSize', { ...wide, pageSize: '10001' }],
    ['pageSize', { ...wide, pageSize: '0' }],
    ['after', { ...wide, after: '-1' }],
  ])('refuses a bad %s', async (name, query) => {
    const { status, body } = await call(sandbox, 'GET', '/contact/updates/list', { query });
    expect([status, body]).toEqual([400, { errorType: 'INVALID_PARAMS', message: expect.stringContaining(name) }]);
  });

  it('answers bare arrays with numeric dates on the older base', async () => {
    seedDays(2);
    const base = sandbox.url.replace('integrationservice', 'integrationservice-1.1.0');
    const { body } = await call(sandbox, 'GET', '/contact/updates/list', { base, query: { fromDate: wide.fromDate, toDate: wide.toDate } });
    expect(body).toMatchObject([{ externalId: 'P1', lastChanged: Date.parse(day(1)) }, { externalId: 'P2', created: expect.any(Number) }]);
  });
});

describe('mailings', () => {
  const send = () => sandbox.state.sendMailing({
    name: 'March', type: 'EMAIL', sentAt: day(20), changedAt: day(21), trendReportId: 9, recipients: { bit: 2 },
    bounced: { externalIds: ['P1'], type: 'HARD', at: day(20) },
    opened: { count: 2, at: day(22) },
    clicked: { externalIds: ['P3'], at: day(23) },
    links: [{ id: 1, name: 'Shop', url: 'https://shop.example/' }],
  });

  it('counts what was sent and shows the mailing with its details', async () => {
    seedDays(4);
    const sent = send();
    expect(sent).toMatchObject({ sent: 4, bounced: 1, opened: 2, clicked: 1 });
    const { body } = await call(sandbox, 'GET', '/mailing', { query: { fromDate: '2024-03-20', toDate: '2024-03-21' } });
    expect(body).toMatchObject([
      { encryptedId: sent.encryptedId, name: 'March', type: 'EMAIL', sentCount: 4, scheduledStartDate: '2024-03-20T12:00:00.000Z' },
    ]);
    expect((await call(sandbox, 'GET', `/mailing/${sent.encryptedId}/`)).body)
      .toMatchObject({ message: { name: 'March' }, links: [{ id: 1 }] });
    expect((await call(sandbox, 'GET', '/mailing/none')).body).toMatchObject({ errorType: 'MAILING_NOTFOUND' });
    expect((await call(sandbox, 'GET', '/mailing')).status).toBe(400);
  });

  it('feeds interactions by date and by change date', async () => {
    seedDays(4);
    const { encryptedId: encryptedMailingId } = send();
    const feed = async (kind: string, query: Record<string, string> = {}) =>
      (await read(`/mailing-interaction/${kind}`, query)).interactions;
    expect(await feed('sent')).toMatchObject([1, 2, 3, 4].map((number) => (
      { externalContactId: `P${number}`, encryptedMailingId, name: 'March', subject: 'March' }
    )));
    expect(await feed('clicked')).toEqual([{
      id: expect.any(Number), externalContactId: 'P3', encryptedMailingId, trendReportId: 9,
      date: '2024-03-23T12:00:00.000Z', changeDate: '2024-03-21T12:00:00.000Z',
    }]);
    expect(await feed('bounced')).toMatchObject([{ externalContactId: 'P1', bounceType: 'HARD' }]);
    expect(await feed('opened', { fromDate: day(22), toDate: day(23) })).toHaveLength(2);
    expect(await feed('opened', { fromChangeDate: day(22) })).toHaveLength(0);
    expect(await feed('opened', { fromChangeDate: day(21), toChangeDate: day(22), fromDate: day(23) })).toHaveLength(0);
    expect(await feed('sent', { trendReportIds: '8,9' })).toHaveLength(4);
    expect(await feed('sent', { trendReportIds: '8' })).toHaveLength(0);
  });

  it('pages a feed', async () => {
    seedDays(4);
    send();
    const first = await read('/mailing-interaction/sent', { pageSize: '3' });
    const rest = await read('/mailing-interaction/sent', { pageSize: '3', after: String(first.paging.after) });
    expect([first.interactions.length, rest.interactions.length, rest.paging]).toEqual([3, 1, {}]);
  });

  it('makes a contact inactive at a hard bounce and at the fourth soft one, and lists the bounces', async () => {
    seedDays(4);
    const { encryptedId } = send();
    const softDays = [25, 26, 27, 28];
    for (const number of softDays) sandbox.state.bounce({ contact: { externalId: 'P4' }, type: 'SOFTBOUNCE', at: day(number) });
    const { bounces } = await read('/contact/bounces/list', wide);
    expect(bounces).toMatchObject([
      {
        type: 'HARDBOUNCE', date: '2024-03-20T12:00:00.000Z', encryptedActId: encryptedId,
        contact: { externalId: 'P1', channels: [{ name: 'EMAIL', value: false }, {}] },
      },
      ...softDays.map((number) => (
        { type: 'SOFTBOUNCE', date: new Date(day(number)).toISOString(), contact: { externalId: 'P4' } }
      )),
    ]);
    const reasons = ['P1', 'P4'].map((externalId) => sandbox.state.contact({ externalId }).inactive);
    expect(reasons).toEqual(['hardBounce', 'softBounces']);
    expect(sandbox.state.sendMailing({ name: 'April', recipients: { bit: 2 } }).sent).toBe(2);
  });
});

describe('the older base', () => {
  it('answers bounces as a bare array, whole or by page, and writes its dates and those of lists as numbers', async () => {
    seedDays(3);
    const base = sandbox.url.replace('integrationservice', 'integrationservice-1.1.0');
    for (const number of [1, 2, 3]) sandbox.state.bounce({ contact: { externalId: `P${number}` }, type: 'HARDBOUNCE', at: day(number) });
    sandbox.state.addAccountList({ name: 'Imported' });
    const { fromDate, toDate } = wide;
    const bounces = async (query: Record<string, string>) =>
      (await call(sandbox, 'GET', '/contact/bounces/list', { base, query: { fromDate, toDate, ...query } })).body as { date: number }[];
    expect((await bounces({})).map(({ date }) => date)).toEqual([1, 2, 3].map((number) => Date.parse(day(number))));
    expect((await bounces({ pageSize: '1', after: '1' })).map(({ date }) => date)).toEqual([Date.parse(day(2))]);
    expect((await call(sandbox, 'GET', '/templist', { base })).body).toEqual([{ name: 'Imported', createdAt: expect.any(Number), type: 'IMPORT' }]);
  });
});

describe('temporary lists', () => {
  const create = async (externalTemporaryListId: string, name: string, contacts?: string[]) =>
    (await call(sandbox, 'POST', '/templist/', { body: { externalTemporaryListId, name, contacts } }));
  const errorOf = (answer: { readonly body: unknown }) => (answer.body as { errorType: string } | undefined)?.errorType;

  it('creates, fills, shows and deletes a list', async () => {
    seedDays(3);
    expect((await create('L1', 'March list', ['P1', 'P2'])).status).toBe(204);
    expect((await call(sandbox, 'POST', '/templist/L1', { body: { contacts: ['P2', 'P3'] } })).status).toBe(204);
    expect(sandbox.state.lists()[0]?.members.map(({ email }) => email)).toEqual(['p1@example.com', 'p2@example.com', 'p3@example.com']);
    expect(sandbox.state.effects().totals).toMatchObject({ listMembersAdded: 3, listMembersRepeated: 1 });
    expect((await call(sandbox, 'GET', '/templist')).body)
      .toEqual([{ externalTemporaryListId: 'L1', name: 'March list', createdAt: expect.any(String), type: 'API' }]);
    expect((await call(sandbox, 'DELETE', '/templist/L1')).status).toBe(204);
    expect(errorOf(await call(sandbox, 'DELETE', '/templist/L1'))).toBe('RESOURCE_NOT_FOUND');
  });

  it('does nothing at all when one contact is unknown', async () => {
    seedDays(1);
    expect(errorOf(await create('L1', 'A', ['P1', 'nobody']))).toBe('CONTACT_NOT_FOUND');
    expect(sandbox.state.lists()).toEqual([]);
    await create('L1', 'A');
    expect(errorOf(await call(sandbox, 'POST', '/templist/L1', { body: { contacts: ['P1', 'nobody'] } }))).toBe('CONTACT_NOT_FOUND');
    expect(sandbox.state.lists()[0]?.members).toEqual([]);
  });

  it('refuses a used id, a used name, and the thirty-first list', async () => {
    for (let number = 1; number <= 29; number += 1) await create(`L${number}`, `List ${number}`);
    sandbox.state.addAccountList({ name: 'Imported' });
    expect(errorOf(await create('L1', 'New'))).toBe('ID_NOTUNIQUE');
    expect(errorOf(await create('L30', 'List 1'))).toBe('NAME_ALREADY_IN_USE');
    expect(errorOf(await create('L30', 'List 30'))).toBe('INVALID_STATE');
    expect(sandbox.state.effects().listsCreated['List 1']).toBe(1);
  });

  it('lets a key delete only its own lists, and none that is in use', async () => {
    sandbox.state.addCredential({ key: 'other', secret: 'other', externalIdField: 'otherId' });
    await create('L1', 'Mine');
    const asOther = { key: 'other', secret: 'other' };
    expect((await call(sandbox, 'DELETE', '/templist/L1', asOther)).status).toBe(404);
    expect((await call(sandbox, 'GET', '/templist', asOther)).body).toEqual([{ name: 'Mine', createdAt: expect.any(String), type: 'API' }]);
    sandbox.state.setListInUse('Mine', true);
    expect(errorOf(await call(sandbox, 'DELETE', '/templist/L1'))).toBe('INVALID_STATE');
  });
});
