import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inAccount } from '../../db/database.ts';
import { askForAction } from '../../db/repositories/deliver/asked-actions.ts';
import { surveyPlatform } from '../../gateway/connectors/check-connector.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { mailplusContext } from '../platforms/mailplus-context.ts';
import { callsOf, type CallCount } from '../support/call-count.ts';
import { actOn, recordIdOf } from '../support/erasure.ts';
import { openWorld, type HubWorld } from '../support/hub-world.ts';
import { customer, nextMoment, openShopWorld, order, product, type ShopWorld } from '../support/shop-world.ts';
import { testSettings } from '../support/pipeline.ts';

/** What the hub as a whole sends Mail+ for each kind of work: no operation sends more than one call where one suffices. */
const settings = { ...testSettings, lookAheadMaxAgeMs: 3_600_000 };
/** Once an hour here, each minute otherwise: before contacts are made and permissions switched on, what changed in Mail+ is looked at. */
const lookAhead = { 'GET /contact/updates/list': 1 };

describe('what a shop sends, on its way to Mail+', () => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await openShopWorld();
    Object.assign(world.pipeline.deps, { settings });
  });
  afterAll(() => world.close());

  const delivered = (work: () => Promise<unknown>): Promise<CallCount> => callsOf(world.sandbox, async () => {
    await work();
    for (let left = 1; left > 0;) {
      const { sent, settled, actions } = await world.pipeline.deliver('mailplus-1');
      left = sent + settled + actions;
    }
  });
  const many = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  const push = (dataType: 'contacts' | 'products' | 'orders', things: Parameters<ShopWorld['push']>[2]) => delivered(() => world.push('shop-1', dataType, things));

  it.each([[1, 1], [100, 1], [101, 2], [250, 3]])('%i new contacts are %i calls: Mail+ takes a hundred at once', async (count, expected) => {
    expect(await push('contacts', many(count, `N${count}-`).map((id) => customer(id)))).toEqual({ 'POST /contact/list': expected });
  });

  it('contacts that come again without a change are no call, and those that changed among them share one', async () => {
    const ids = many(250, 'N250-');
    expect(await push('contacts', ids.map((id) => customer(id)))).toEqual({});
    expect(await push('contacts', ids.map((id, index) => customer(id, index % 10 === 0 ? { data: { firstName: 'Ann' } } : {})))).toEqual({ 'POST /contact/list': 1 });
  });

  it('products are a call each, for there is no operation for several: to make, to change and to delete; one unchanged is none', async () => {
    expect(await push('products', ['P1', 'P2', 'P3'].map((id) => product(id)))).toEqual({ 'POST /product': 3 });
    expect(await push('products', [product('P1'), product('P2', { priceCents: 400 }), product('P3')])).toEqual({ 'POST /product': 1 });
    expect(await push('products', [{ id: 'P3', at: nextMoment(), deleted: true }])).toEqual({ 'DELETE /product/{externalProductId}': 1 });
  });

  it('extra fields of products are asked for once for the account', async () => {
    expect(await push('products', ['P4', 'P5'].map((id) => product(id, { extra: { colour: 'blue' } })))).toEqual({ 'POST /product': 2, 'GET /product/custom-properties/list': 1 });
  });

  it('orders are a call each, and one for the purchase dates of all their contacts', async () => {
    expect(await push('contacts', ['C1', 'C2'].map((id) => customer(id, { createdAt: '2026-02-01T10:00:00.000Z' })))).toEqual({ 'POST /contact/list': 1 });
    expect(await push('orders', [order('O1'), order('O2', { contactExternalId: 'C2' })])).toEqual({ 'POST /order': 2, 'POST /contact/list': 1 });
  });

  it('an order that changed is a call, one that did not is none, one that is cancelled is its deletion, and one that was cancelled before it went is none', async () => {
    expect(await push('orders', [order('O1'), order('O2', { contactExternalId: 'C2', totalCents: 700 })])).toEqual({ 'POST /order': 1 });
    expect(await push('orders', [order('O1', { status: 'cancelled' }), order('O3', { status: 'cancelled' })])).toEqual({ 'DELETE /order/{externalOrderId}': 1 });
  });
});

describe('what a CRM sends, and what a person asks for, on its way to Mail+', () => {
  let world: HubWorld;
  beforeAll(async () => {
    world = await openWorld({ overrides: { settings } });
  });
  afterAll(() => world.close());

  const db = () => world.pipeline.deps.db;
  const calls = (work: () => Promise<unknown>): Promise<CallCount> => callsOf(world.mail, async () => {
    await work();
    await world.settle();
  });
  const people = (count: number) => Array.from({ length: count }, (_, index) => ({ prospectId: `P${index}`, email: `p${index}@people.example` }));
  const send = (count: number, from = 0) => calls(() => world.sync('coins-1', people(count).slice(from), { listId: 'L-1', listName: 'Oakwood' }));
  const emailOf = (index: number) => `p${index}@people.example`;

  async function ask(kind: string, payload: object): Promise<void> {
    const recordId = await recordIdOf(db(), emailOf(7));
    const bodyHash = createHash('sha256').update(JSON.stringify([kind, payload])).digest();
    await inAccount(db(), 'default', (trx) => askForAction(trx, { accountId: 'default', connectorId: 'mailplus-1', kind, target: `record/${recordId}`, cause: kind, recordId, payload, bodyHash }));
  }

  it('a check of a connector, and the discovery of the properties that goes with it, are one call', async () => {
    expect(await callsOf(world.mail, async () => {
      const { fields } = await surveyPlatform(mailplus, mailplusContext(world.mail.url, { fields: [] }));
      expect(fields.map(({ name }) => name)).toEqual(expect.arrayContaining(['email', 'permissions']));
    })).toEqual({ 'GET /contact/properties/list': 1 });
  });

  it('a list of new people is their making, a look at what lists there are, and its making with them', async () => {
    expect(await send(250)).toEqual({ ...lookAhead, 'POST /contact/list': 3, 'GET /templist': 1, 'POST /templist': 1 });
    expect(world.mail.state.lists().map(({ members }) => members.length)).toEqual([250]);
  });

  it('the same list once more is made anew, for it is called after its day and keeps its name: one call more, for the list of before', async () => {
    expect(await send(250)).toEqual({ 'GET /templist': 1, 'DELETE /templist/{externalTemporaryListId}': 1, 'POST /templist': 1 });
    expect(world.mail.state.lists().map(({ members }) => members.length)).toEqual([250]);
  });

  it('the same list with others costs the same; contacts who are there are not sent again', async () => {
    expect(await send(250, 50)).toEqual({ 'GET /templist': 1, 'DELETE /templist/{externalTemporaryListId}': 1, 'POST /templist': 1 });
    expect(world.mail.state.lists().map(({ members }) => members.length)).toEqual([200]);
  });

  it('a pull with nothing changed is one call, and sends nothing', async () => {
    await world.pull('mailplus-1');
    await world.settle();
    expect(await calls(() => world.pull('mailplus-1', new Date().toISOString()))).toEqual({ 'GET /contact/updates/list': 1 });
  });

  it('campaigns, automations: one call each; a form: its page, and the page filled in, since the hub has the encrypted id of the contact', async () => {
    const { state } = world.mail;
    const trigger = state.starts.addCampaign({ name: 'Cart', repeat: 'always' }).triggers[0]?.encryptedId;
    const [code] = state.starts.addAutomation({ name: 'Welcome' }).triggerCodes;
    const form = state.forms.addForm({ name: 'Brochure', fields: [{ name: 'wish' }] });
    expect(await calls(() => ask('campaign.trigger', { trigger }))).toEqual({ 'POST /campaign/trigger/{encryptedTriggerId}': 1 });
    expect(await calls(() => ask('automation.start', { trigger: code }))).toEqual({ 'POST /automation/trigger/{triggerCode}': 1 });
    expect(await calls(() => ask('form.submit', { form: String(form.id), postUrl: 'https://shop.example/form', answers: { wish: ['a garden'] } }))).toEqual({ 'GET /form/{formId}': 1, 'POST /form/result/{formId}': 1 });
  });

  it.each([['block', 3, 'PUT /contact/inactivate/{externalId}'], ['erase', 4, 'PUT /contact/anonymize/{externalId}']] as const)('to %s a person is the act and one look whether it holds', async (act, index, operation) => {
    const id = await recordIdOf(db(), emailOf(index));
    expect(await calls(() => actOn(world, act, id))).toEqual({ [operation]: 1, 'GET /contact/{externalId}': 1 });
  });
});
