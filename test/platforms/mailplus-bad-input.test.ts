import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { HubError } from '../../domain/errors.ts';
import { callOperation } from '../../platforms/mailplus/call-operation.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { operations } from '../../platforms/mailplus/operations/index.ts';
import type { SingleOperation } from '../../platforms/mailplus/operations/define.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { accountFields, newContact } from './mailplus-account.ts';
import { mailplusContext, type ContextChanges } from './mailplus-context.ts';
import { sendJson, startRawServer } from './raw-server.ts';

let sandbox: MailplusSandbox;
beforeAll(async () => {
  sandbox = await startMailplusSandbox();
  sandbox.state.seedContacts([{ externalId: '1', properties: { email: 'one@example.com' } }]);
});
afterAll(() => sandbox.close());

const context = (changes: ContextChanges = {}) => mailplusContext(sandbox.url, changes);
const failureOf = (call: Promise<unknown>) => call.then(() => { throw new Error('It was not refused.'); }, (error: unknown) => error as HubError);
const many = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);
const write = (properties: object) => ({ body: { update: true, purge: false, contact: { externalId: '1', properties } } });
const window = { fromDate: '2026-05-02T00:00:00Z', toDate: '2026-05-01T00:00:00Z' };

/** Everything that the sandbox keeps. */
const state = () => JSON.stringify([[...sandbox.state.contacts()].map(({ refusedUpserts: _refused, ...contact }) => contact), sandbox.state.lists(), sandbox.state.groups.audiences()]);

describe('a wrong call to Mail+ is answered with the error of the catalogue, names the field and what to do, and changes nothing', () => {
  it.each<[what: string, operation: string, input: object, code: string, field: string | undefined, words: RegExp, fix: RegExp]>([
    ['101 contacts', 'contact.insert-list', { body: { contacts: many(101).map((externalId) => ({ externalId })) } }, 'REQUEST_INVALID', 'body.contacts', /more than 100 contacts/, /body\.contacts/],
    ['2,501 ids', 'audience.add-contacts', { externalId: 'a', body: { contacts: many(2_501) } }, 'REQUEST_INVALID', 'body.contacts', /more than 2500 contacts/, /body\.contacts/],
    ['an empty body', 'contact.insert', { body: {} }, 'REQUEST_INVALID', 'body.contact', /has to be given/, /body\.contact/],
    ['no body', 'templist.create', {}, 'REQUEST_INVALID', 'body', /has to be given/, /body/],
    ['dates the wrong way round', 'contact.updates', window, 'REQUEST_INVALID', 'toDate', /lies before fromDate/, /toDate/],
    ['dates of results the wrong way round', 'form.results', { formId: 1, startDate: window.fromDate, endDate: window.toDate }, 'REQUEST_INVALID', 'endDate', /lies before startDate/, /endDate/],
    ['an unknown property', 'contact.insert', write({ shoeSize: '44' }), 'RECORD_REFUSED', 'body.contact.properties.shoeSize', /property is not known, not visible.*«shoeSize»/, /contact\.properties/],
    ['a property of the wrong type', 'contact.insert', write({ birthday: 'yesterday' }), 'RECORD_REFUSED', 'body.contact.properties.birthday', /does not fit its type.*«birthday»/, /contact\.properties/],
    ['a form that does not exist', 'form.get', { formId: 4_711, postUrl: 'https://shop.example/form' }, 'RECORD_GONE', undefined, /no form with this id/, /form\.list/],
    ['a contact that does not exist', 'contact.get', { externalId: 'nobody' }, 'RECORD_GONE', undefined, /no contact with this external id/, /Send the contact first/],
    ['an audience that does not exist', 'audience.add-contacts', { externalId: 'none', body: { contacts: ['1'] } }, 'RECORD_GONE', undefined, /no audience with this id/, /audience\.create/],
  ])('%s', async (_what, name, input, code, field, words, fix) => {
    const before = state();
    const operation = operations[name as keyof typeof operations] as SingleOperation;
    const error = await failureOf(callOperation(context(), operation, input));
    expect([error.code, error.facts.field]).toEqual([code, field]);
    expect(error.message).toMatch(words);
    expect(error.fix).toMatch(fix);
    expect(state()).toBe(before);
  });

  it('an unknown property and one of the wrong type, in a delivery beside others: only that contact is refused, by name', async () => {
    const items = [newContact('2', { email: 'two@example.com' }), newContact('3', { email: 'three@example.com', birthday: 'yesterday' }), newContact('4', { email: 'four@example.com', shoeSize: '44' })];
    const outcomes = await mailplus.deliver(context({ fields: accountFields }), 'contacts', items);
    expect(outcomes).toMatchObject([
      { kind: 'stored' }, { kind: 'refused', code: 'RECORD_REFUSED', field: 'birthday', platformCode: 'PROPERTY_INVALID' }, { kind: 'refused', code: 'RECORD_REFUSED', field: 'shoeSize' },
    ]);
  });

  it('the 31st list', async () => {
    for (let index = sandbox.state.lists().length; index < 30; index += 1) sandbox.state.addAccountList({ name: `List ${index}` });
    const outcome = await mailplus.act(context({ fields: accountFields }), { id: 1, kind: 'list.replace', target: 'L', cause: 'S', payload: { listId: 'L', syncId: 'S', name: 'One more', memberExternalIds: ['1'] } });
    expect(outcome).toMatchObject({ kind: 'refused', code: 'PLATFORM_LIMIT_REACHED', message: expect.stringMatching(/30 at once.*Remove one in Mail\+.*removeOldestList/) });
    expect(sandbox.state.lists()).toHaveLength(30);
  });

  it.each([['an unknown key', { key: 'nobody', secret: 'x' }], ['a wrong secret', { key: 'sandbox-key', secret: 'x' }]])('%s', async (_what, credentials) => {
    const error = await failureOf(mailplus.checkConnection(context({ credentials })));
    expect(error).toMatchObject({ code: 'PLATFORM_LOGIN_REFUSED', facts: { status: 401 }, message: expect.stringMatching(/REST API activated.*make an authentication.*Spotler eCommerce has one already/) });
    expect(error.message).not.toContain('clock');
  });

  it.each([[-3_600_000, /60 minutes ahead of/], [3_600_000, /60 minutes behind/]])('a clock that is an hour off (%i ms)', async (offsetMs, words) => {
    const server = await startRawServer((_, response) => {
      response.setHeader('date', new Date(Date.now() + offsetMs).toUTCString());
      sendJson(response, 401, { errorType: 'NOT_AUTHORIZED', message: 'Timestamp refused' });
    });
    const error = await failureOf(mailplus.checkConnection(mailplusContext(server.url)));
    await server.close();
    expect(error).toMatchObject({ code: 'PLATFORM_LOGIN_REFUSED', facts: { field: 'clock' }, message: expect.stringMatching(words), fix: expect.stringContaining('Set the clock') });
  });
});
