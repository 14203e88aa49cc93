import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { walkPages } from '../../platforms/pagination.ts';
import type { ActionContact, ActionOutcome } from '../../platforms/platform.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { callsOf, type CallCount } from '../support/call-count.ts';
import { accountFields, always, knownContact, newContact, streamOf } from './mailplus-account.ts';
import { mailplusContext, type ContextChanges } from './mailplus-context.ts';

/** Issue: no operation sends more than one call where one suffices. Each number stands beside the reason for it. */
let sandbox: MailplusSandbox;
beforeAll(async () => {
  sandbox = await startMailplusSandbox();
  sandbox.state.seedContacts(ids(6_000).map((externalId) => ({ externalId, properties: { email: `${externalId}@people.example` } })));
});
afterAll(() => sandbox.close());

const ids = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => `c${from + index}`);
const context = (changes: ContextChanges = {}) => mailplusContext(sandbox.url, { fields: accountFields, ...changes });
const calls = (work: () => Promise<unknown>): Promise<CallCount> => callsOf(sandbox, work);

async function act(kind: string, payload: object, contact?: ActionContact): Promise<void> {
  const outcome: ActionOutcome = await mailplus.act(context(), { id: 1, kind, target: 'L-1', cause: 'count', payload, ...(contact === undefined ? {} : { contact }), report: async () => undefined });
  expect(outcome.kind).toBe('done');
}

async function read(stream: string, changes: ContextChanges = {}, window = always): Promise<number> {
  let rows = 0;
  for await (const page of walkPages((token) => mailplus.readPage(context(changes), streamOf(stream), window, token))) rows += page.rows.length + page.activities.length;
  return rows;
}

describe('contacts', () => {
  it.each([[1, 1], [100, 1], [101, 2], [250, 3]])('%i new ones are %i calls: Mail+ takes a hundred at once', async (count, expected) => {
    const items = ids(count).map((id) => newContact(`new-${count}-${id}`, { email: `new.${count}.${id}@people.example` }));
    expect(await calls(async () => {
      const outcomes = await mailplus.deliver(context(), 'contacts', items);
      expect(outcomes.every(({ kind }) => kind === 'stored')).toBe(true);
    })).toEqual({ 'POST /contact/list': expected });
  });

  it('new ones and changed ones share a call: there is one operation for both', async () => {
    const items = [newContact('mixed-1', { email: 'mixed.1@people.example' }), knownContact('c0', { firstName: 'Ann' }), knownContact('c1', { 'permissions:2': true })];
    expect(await calls(() => mailplus.deliver(context(), 'contacts', items))).toEqual({ 'POST /contact/list': 1 });
  });

  it('one that Mail+ refuses is no call more: its word stands beside those on the others', async () => {
    const items = [newContact('fine', { email: 'fine@people.example' }), newContact('wrong', { email: 'no address' })];
    expect(await calls(() => mailplus.deliver(context(), 'contacts', items))).toEqual({ 'POST /contact/list': 1 });
  });

  it('one without any address costs none: it is refused here', async () => {
    expect(await calls(() => mailplus.deliver(context(), 'contacts', [newContact('nobody', {})]))).toEqual({});
  });

  it.each([['contact.inactivate', 'PUT /contact/inactivate/{externalId}'], ['contact.anonymise', 'PUT /contact/anonymize/{externalId}']])('%s is the act and one look whether it holds', async (kind, operation) => {
    const externalId = kind === 'contact.inactivate' ? 'c5990' : 'c5991';
    expect(await calls(() => act(kind, { externalId, address: `${externalId}@people.example`, newId: 'hub-1' }))).toEqual({ [operation]: 1, 'GET /contact/{externalId}': 1 });
  });
});

describe('static lists', () => {
  const replace = (syncId: string, members: readonly string[], listId = 'L-1') => act('list.replace', { listId, name: `List ${listId}`, syncId, memberExternalIds: members });
  const membersOf = (listId: string) => sandbox.state.lists().find(({ name }) => name === `List ${listId}`)?.members.length;

  it.each([[0, 0], [1, 0], [1_000, 0], [1_001, 1], [2_300, 2]])('one of %i members is a look at what is there, the making with the first thousand, and %i calls for the others', async (count, more) => {
    expect(await calls(() => replace('LS-1', ids(count), `of-${count}`))).toEqual({ 'GET /templist': 1, 'POST /templist': 1, ...(more === 0 ? {} : { 'POST /templist/{externalTemporaryListId}': more }) });
    expect(membersOf(`of-${count}`)).toBe(count);
  });

  it('one that is replaced is one call more, for the list of before: nobody can be taken out of one', async () => {
    await replace('LS-1', ids(10));
    expect(await calls(() => replace('LS-2', ids(5, 3)))).toEqual({ 'GET /templist': 1, 'DELETE /templist/{externalTemporaryListId}': 1, 'POST /templist': 1 });
    expect(membersOf('L-1')).toBe(5);
  });

  it('one whose making was done before its answer was lost is looked for and filled, and not made again', async () => {
    sandbox.state.addFault({ action: 'reset', when: 'after', method: 'POST', path: '/templist', count: 1 });
    await expect(replace('LS-1', ids(10), 'lost')).rejects.toMatchObject({ code: 'PLATFORM_RESET' });
    sandbox.state.clearFaults();
    expect(await calls(() => replace('LS-1', ids(10), 'lost'))).toEqual({ 'GET /templist': 1, 'POST /templist/{externalTemporaryListId}': 1 });
    expect(membersOf('lost')).toBe(10);
  });

  it('one with a member whom Mail+ does not know is made without members, and those are found by halves: Mail+ does not name them', async () => {
    const counted = await calls(() => act('list.replace', { listId: 'strange', name: 'List strange', syncId: 'LS-1', memberExternalIds: [...ids(3), 'stranger'] }));
    expect(counted).toEqual({ 'GET /templist': 1, 'POST /templist': 2, 'POST /templist/{externalTemporaryListId}': 4 });
    expect(membersOf('strange')).toBe(3);
  });

  it('one that is taken back is a look and the deletion', async () => {
    expect(await calls(() => act('list.remove', { listId: 'lost' }))).toEqual({ 'GET /templist': 1, 'DELETE /templist/{externalTemporaryListId}': 1 });
  });
});

describe('audiences', () => {
  const replace = (more: object) => act('audience.replace', { listId: 'A-1', name: 'Oakwood', isMade: true, isRenamed: false, add: [], remove: [], isWhole: false, ...more });

  it('one of 5,100 members is its making, and a call for each 2,500: it cannot be made with members', async () => {
    expect(await calls(() => replace({ isMade: false, add: ids(5_100) }))).toEqual({ 'POST /audience': 1, 'POST /audience/{externalId}/contact': 3 });
  });

  it('who leaves and who comes is a call for each 2,500: one call takes either', async () => {
    expect(await calls(() => replace({ remove: ids(2_600), add: ids(800, 5_100) }))).toEqual({ 'DELETE /audience/{externalId}/contact': 2, 'POST /audience/{externalId}/contact': 1 });
    expect(await calls(() => replace({ add: ids(2_600) }))).toEqual({ 'POST /audience/{externalId}/contact': 2 });
  });

  it('all who leave are one call, however many', async () => {
    expect(await calls(() => replace({ remove: ids(5_900), isWhole: true }))).toEqual({ 'DELETE /audience/{externalId}/contact': 1 });
  });

  it('nothing that differs is no call, another name is one, and so is its end', async () => {
    expect(await calls(() => replace({}))).toEqual({});
    expect(await calls(() => replace({ isRenamed: true, name: 'Oakwood 2' }))).toEqual({ 'PUT /audience/{externalId}': 1 });
    expect(await calls(() => act('audience.remove', { listId: 'A-1', isMade: true }))).toEqual({ 'DELETE /audience/{externalId}': 1 });
    expect(await calls(() => act('audience.remove', { listId: 'A-1', isMade: false }))).toEqual({});
  });
});

describe('what is started', () => {
  const ann: ActionContact = { externalId: 'c7' };

  it('campaigns and automations are one call to start and one to stop', async () => {
    const campaign = sandbox.state.starts.addCampaign({ name: 'Cart', repeat: 'always' });
    const automation = sandbox.state.starts.addAutomation({ name: 'Welcome' });
    expect(await calls(() => act('campaign.trigger', { trigger: campaign.triggers[0]?.encryptedId }, ann))).toEqual({ 'POST /campaign/trigger/{encryptedTriggerId}': 1 });
    expect(await calls(() => act('campaign.stop', { campaign: campaign.encryptedId }, ann))).toEqual({ 'POST /campaign/{encryptedCampaignId}/stop': 1 });
    expect(await calls(() => act('automation.start', { trigger: automation.triggerCodes[0] }, ann))).toEqual({ 'POST /automation/trigger/{triggerCode}': 1 });
    expect(await calls(() => act('automation.stop', { automation: automation.automationId }, ann))).toEqual({ 'POST /automation/{automationId}/stop': 1 });
  });

  it('a form is its page and the filled in page; its contact is asked for only where its encrypted id is not known', async () => {
    const form = sandbox.state.forms.addForm({ name: 'Brochure', fields: [{ name: 'wish' }] });
    const submission = { form: String(form.id), postUrl: 'https://shop.example/form', answers: { wish: ['a garden'] } };
    const both = { 'GET /form/{formId}': 1, 'POST /form/result/{formId}': 1 };
    expect(await calls(() => act('form.submit', submission))).toEqual(both);
    const encryptedId = [...sandbox.state.contacts()].find(({ email }) => email === 'c7@people.example')?.encryptedId;
    expect(encryptedId).toBeDefined();
    expect(await calls(() => act('form.submit', submission, { ...ann, ...(encryptedId === undefined ? {} : { alternateId: encryptedId }) }))).toEqual(both);
    expect(await calls(() => act('form.submit', submission, ann))).toEqual({ ...both, 'GET /contact/{externalId}': 1 });
  });
});

describe('what is asked', () => {
  it('a check is the list of properties, which it hands on, and a question to the licence where selections become audiences', async () => {
    let fields: unknown;
    expect(await calls(async () => {
      ({ fields } = await mailplus.checkConnection(context({ fields: [] })));
    })).toEqual({ 'GET /contact/properties/list': 1 });
    expect(await mailplus.discoverFields(context())).toEqual(fields);
    expect(await calls(() => mailplus.checkConnection(context({ settings: { selections: 'audiences' } })))).toEqual({ 'GET /contact/properties/list': 1, 'GET /audience/{externalId}': 1 });
  });

  it('properties are asked for once a quarter of an hour where the hub has none stored, and not at all where it has', async () => {
    const none = { fields: [] };
    const twice = () => calls(async () => {
      await mailplus.deliver(context(none), 'contacts', [knownContact('c9', { firstName: 'Bo' })]);
      await mailplus.deliver(context(none), 'contacts', [knownContact('c9', { firstName: 'Bob' })]);
    });
    expect(await twice()).toEqual({ 'GET /contact/properties/list': 1, 'POST /contact/list': 2 });
    expect(await twice()).toEqual({ 'POST /contact/list': 2 });
  });

  it('contacts by their ids are a call each: Mail+ takes one id', async () => {
    expect(await calls(() => mailplus.readRecords(context(), 'contacts', ['c1', 'c2', 'c3', 'c2', 'enc:x']))).toEqual({ 'GET /contact/{externalId}': 3 });
  });
});

describe('pulls', () => {
  const empty = { from: '2011-01-01T00:00:00.000Z', to: '2011-01-02T00:00:00.000Z' };

  it.each([
    ['contacts', { 'GET /contact/updates/list': 1 }], ['sent', { 'GET /mailing-interaction/sent': 1 }], ['opened', { 'GET /mailing-interaction/opened': 1 }],
    ['clicked', { 'GET /mailing-interaction/clicked': 1 }], ['bounces', { 'GET /contact/bounces/list': 1 }], ['bounced', {}],
  ])('with nothing new is one call for %s, and none for the feed of bounces that is not the chosen one', async (stream, expected) => {
    let rows = 0;
    expect(await calls(async () => {
      rows = await read(stream, {}, empty);
    })).toEqual(expected);
    expect(rows).toBe(0);
  });

  it('of contacts is a call for each page', async () => {
    let rows = 0;
    const counted = await calls(async () => {
      rows = await read('contacts');
    });
    expect(rows).toBeGreaterThanOrEqual(6_000);
    const pageSize = streamOf('contacts').pageSize;
    expect(counted).toEqual({ 'GET /contact/updates/list': Math.ceil(rows / (pageSize - 10)) });
  });

  it('of what people did asks for each mailing once, and never again', async () => {
    const { encryptedId } = sandbox.state.sendMailing({ name: 'May', recipients: { emails: ids(3).map((id) => `${id}@people.example`) } });
    expect(encryptedId).not.toBe('');
    expect(await calls(() => read('sent'))).toEqual({ 'GET /mailing-interaction/sent': 1, 'GET /mailing/{encryptedMailingId}': 1 });
    expect(await calls(() => read('sent'))).toEqual({ 'GET /mailing-interaction/sent': 1 });
  });

  it('of forms is the list of forms and a call for each: Mail+ has no feed of results; none where the setting formResults is off', async () => {
    const forms = (await mailplus.readPage(context(), streamOf('form-results'), empty, undefined)).nextPageToken === undefined ? 1 : 2;
    sandbox.state.forms.addForm({ name: 'Viewing', fields: [{ name: 'wish' }] });
    expect(await calls(() => read('form-results', {}, empty))).toEqual({ 'GET /form/list': 1, 'GET /form/result/{formId}': forms + 1 });
    expect(await calls(() => read('form-results', { settings: { formResults: false } }, empty))).toEqual({});
  });
});
