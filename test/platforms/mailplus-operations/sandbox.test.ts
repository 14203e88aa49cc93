import { describe, expect, it } from '@jest/globals';
import { callOperation } from '../../../platforms/mailplus/call-operation.ts';
import type { SingleOperation } from '../../../platforms/mailplus/operations/define.ts';
import { operations } from '../../../platforms/mailplus/operations/index.ts';
import { startMailplusSandbox, type MailplusControl, type MailplusSandbox } from '../../../sandbox/mailplus/index.ts';
import { mailplusContext } from '../mailplus-context.ts';
import { operationNamed } from './call.ts';

const window = { fromDate: '2026-01-01T00:00:00Z', toDate: '2027-01-01T00:00:00Z' };
const sentAt = '2026-03-01T12:00:00Z';
const welcome = '11111111-2222-4333-8444-555555555555';
const links = [{ id: 1, name: 'Shop', url: 'https://shop.example/', type: 'webshop' as const }];
const person = (number: number) => ({ externalId: `P${number}`, properties: { email: `p${number}@example.test`, permissions: [{ bit: 1, enabled: true }] } });

/** An account with something of everything, and the names under which it is reached. */
function fill(state: MailplusControl) {
  state.seedContacts([1, 2, 3, 4].map((number) => ({ externalId: `P${number}`, properties: { email: `p${number}@example.test` }, permissions: [1], created: '2026-02-01', lastChanged: '2026-02-02' })));
  const trend = state.reports.addTrendReport({ name: 'Newsletter' });
  const mailing = state.sendMailing({
    name: 'March', sentAt, changedAt: sentAt, recipients: { bit: 1 }, trendReportId: trend.id, links,
    bounced: { externalIds: ['P4'], at: sentAt, type: 'SOFT' }, opened: { externalIds: ['P1', 'P2'], at: sentAt }, clicked: { externalIds: ['P1'], at: sentAt },
  }).encryptedId;
  const campaign = state.starts.addCampaign({ name: 'Cart', triggers: ['Cart left'], mailings: [{ name: 'Your cart', links }] });
  state.starts.addAutomation({ name: 'Welcome', triggerCodes: [welcome] });
  const form = state.forms.addForm({ name: 'Survey', fields: [{ name: 'email', type: 'email', required: true, property: 'email' }, { name: 'mark' }] });
  return { trend, mailing, campaign, formId: form.id, mpid: state.reports.mpid(mailing, { contact: { externalId: 'P1' } }) };
}

/** Calls operations of one sandbox by name and keeps which. */
class Caller {
  readonly used = new Set<string>();
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async call<Answer = unknown>(name: string, input: object = {}): Promise<Answer> {
    this.used.add(name);
    return callOperation(mailplusContext(this.#url), operationNamed(name) as SingleOperation, input) as Promise<Answer>;
  }

  async rows(name: string, input: object = {}): Promise<readonly Record<string, unknown>[]> {
    return (await this.call<{ rows: readonly Record<string, unknown>[] }>(name, input)).rows;
  }
}

async function contacts(mailplus: Caller, { state }: MailplusSandbox): Promise<void> {
  expect((await mailplus.call<{ name: string }[]>('contact.properties')).map(({ name }) => name)).toEqual(expect.arrayContaining(['email', 'permissions']));
  await mailplus.call('contact.insert', { body: { update: false, contact: person(5) } });
  await mailplus.call('contact.update', { externalId: 'P5', body: { contact: { externalId: 'P5', properties: { firstName: 'Eva' } } } });
  expect(await mailplus.call('contact.get', { externalId: 'P5' })).toMatchObject({ externalId: 'P5', properties: { email: 'p5@example.test', firstName: 'Eva' } });
  const batch = await mailplus.call<{ code: string }[]>('contact.insert-list', { body: { update: true, contacts: [person(6), { externalId: 'P7', properties: { email: 'no address' } }] } });
  expect(batch.map(({ code }) => code === batch[0]?.code)).toEqual([true, false]);
  expect(await mailplus.rows('contact.search', { MPSearchQuery: { email: 'p6@example.test' } })).toMatchObject([{ externalId: 'P6' }]);
  expect((await mailplus.rows('contact.updates', window)).map(({ externalId }) => externalId)).toEqual(expect.arrayContaining(['P1', 'P5', 'P6']));
  expect(await mailplus.rows('contact.bounces', window)).toMatchObject([{ type: 'SOFTBOUNCE', contact: { externalId: 'P4' } }]);
  await mailplus.call('subscription.subscribe', { body: { properties: { email: 'p8@example.test', permissions: [{ bit: 1, enabled: true }] } } });
  expect(state.contact({ email: 'p8@example.test' }).permissions).toEqual([1]);
  await mailplus.call('contact.inactivate', { externalId: 'P5' });
  await mailplus.call('contact.anonymize', { externalId: 'P6' });
  expect([state.contact({ email: 'p5@example.test' }).inactive, [...state.contacts()].some(({ email }) => email === 'p6@example.test')]).not.toContain(true);
  await expect(mailplus.call('contact.get', { externalId: 'P6' })).rejects.toMatchObject({ code: 'RECORD_GONE' });
}

async function groups(mailplus: Caller, { state }: MailplusSandbox): Promise<void> {
  await mailplus.call('templist.create', { body: { externalTemporaryListId: 'L1', name: 'Visitors', contacts: ['P1'] } });
  await mailplus.call('templist.add-contacts', { externalTemporaryListId: 'L1', body: { contacts: ['P2'] } });
  expect(await mailplus.call('templist.list')).toMatchObject([{ externalTemporaryListId: 'L1', name: 'Visitors' }]);
  expect(state.groups.lists()[0]?.members).toHaveLength(2);
  await mailplus.call('templist.delete', { externalTemporaryListId: 'L1' });
  const audience = { externalId: 'A1' };
  await mailplus.call('audience.create', { body: { ...audience, name: 'Buyers' } });
  await mailplus.call('audience.update', { ...audience, body: { ...audience, name: 'Old buyers' } });
  await mailplus.call('audience.add-contacts', { ...audience, body: { contacts: ['P1', 'P2', 'P3'] } });
  await mailplus.call('audience.remove-contacts', { ...audience, body: { contacts: ['P3'] } });
  expect(await mailplus.call('audience.get', audience)).toMatchObject({ ...audience, name: 'Old buyers' });
  expect(state.groups.audiences()[0]?.members).toHaveLength(2);
  await mailplus.call('audience.remove-all-contacts', audience);
  expect(state.groups.audiences()[0]?.members).toEqual([]);
  await mailplus.call('audience.delete', audience);
  await expect(mailplus.call('audience.get', audience)).rejects.toMatchObject({ code: 'RECORD_GONE' });
}

async function starts(mailplus: Caller, { state }: MailplusSandbox, { campaign, formId, mpid }: ReturnType<typeof fill>): Promise<void> {
  const [listed] = await mailplus.call<{ encryptedId: string; triggers: { encryptedId: string }[] }[]>('campaign.list');
  expect(listed?.encryptedId).toBe(campaign.encryptedId);
  await mailplus.call('campaign.trigger', { encryptedTriggerId: listed?.triggers[0]?.encryptedId ?? '', body: { externalContactId: 'P1' } });
  await mailplus.call('campaign.stop', { encryptedCampaignId: campaign.encryptedId, body: { externalContactId: 'P1' } });
  expect(await mailplus.call('campaign.mailings', { encryptedCampaignId: campaign.encryptedId })).toMatchObject([{ name: 'Your cart' }]);
  const [automation] = await mailplus.call<{ automationId: string }[]>('automation.list');
  const started = await mailplus.call<{ automationResults: { automationContactId: string }[] }>('automation.trigger', { triggerCode: welcome, body: { externalContactId: 'P1', automationFields: [{ name: 'city', value: 'York' }] } });
  await mailplus.call('automation.stop', { automationId: automation?.automationId ?? '', body: { automationContactId: started.automationResults[0]?.automationContactId ?? '' } });
  expect(await mailplus.call('form.list')).toMatchObject([{ id: formId, name: 'Survey' }]);
  const postUrl = 'https://site.example/form';
  const page = await mailplus.call<{ html: string }>('form.get', { formId: String(formId), postUrl });
  expect((await mailplus.call<{ html: string }>('form.prefill', { formId: String(formId), body: { postUrl, prefilledValues: { email: ['p2@example.test'] } } })).html).toContain('p2@example.test');
  const formEncId = /name="formEncId"[^>]*value="([^"]+)"/.exec(page.html)?.[1] ?? '';
  await mailplus.call('form.submit', { formId: String(formId), body: { postUrl, formParams: { formEncId: [formEncId], email: ['p2@example.test'], mark: ['7'] } } });
  const [result] = await mailplus.call<{ formResultId: number; completed: boolean }[]>('form.results', { formId: String(formId) });
  expect(await mailplus.call('form.result', { formId: String(formId), formResultId: String(result?.formResultId) })).toMatchObject({ completed: true });
  await mailplus.call('conversion.insert', { body: { mailplusId: mpid, type: 'CREATE_SHOPPINGCART', value: 1_990, interactionDate: sentAt } });
  expect(state.starts.counts()).toMatchObject({ byKind: { campaign: 1, campaignStop: 1, automation: 1, automationStop: 1, form: 1, cartCreated: 1 }, repeated: [] });
}

async function shop(mailplus: Caller, { state }: MailplusSandbox): Promise<void> {
  const product = { externalId: 'M1', name: 'Mug', price: 995, link: 'https://shop.example/m', imageUrl: 'https://shop.example/m.jpg', imageLargeUrl: 'https://shop.example/l.jpg', customProperties: { colour: 'blue' } };
  expect(await mailplus.call('product.custom-properties')).toContainEqual({ name: 'colour' });
  await mailplus.call('product.insert', { body: { product } });
  await mailplus.call('product.update', { externalProductId: 'M1', body: { product: { ...product, price: 1_095 } } });
  expect(await mailplus.call('product.get', { externalProductId: 'M1' })).toMatchObject({ name: 'Mug', price: 1_095, deleted: false });
  expect(await mailplus.rows('product.search', { MPSearchQuery: { name: 'Mug' } })).toMatchObject([{ externalId: 'M1' }]);
  const order = { externalId: 'O1', externalContactId: 'P1', date: '2026-04-01T10:00:00+02:00', value: 1_095, externalProductIds: ['M1'] };
  await mailplus.call('order.insert', { body: { order } });
  await mailplus.call('order.update', { externalOrderId: 'O1', body: { order: { ...order, value: 2_190 } } });
  expect(state.shop.orders()).toMatchObject([{ externalId: 'O1', valueCents: 2_190 }]);
  await mailplus.call('order.delete', { externalOrderId: 'O1' });
  await mailplus.call('product.delete', { externalProductId: 'M1' });
  expect(state.shop.orders()).toEqual([]);
  expect(await mailplus.call('product.get', { externalProductId: 'M1' })).toMatchObject({ deleted: true });
}

async function reports(mailplus: Caller, { state }: MailplusSandbox, { mailing: encryptedMailingId, campaign, trend }: ReturnType<typeof fill>): Promise<void> {
  const P1 = { contactIdentifier: { externalId: 'P1' } };
  const one = { encryptedMailingId };
  expect(await mailplus.call('mailing.list', window)).toMatchObject([{ encryptedId: encryptedMailingId, name: 'March' }]);
  expect(await mailplus.call('mailing.get', one)).toMatchObject({ name: 'March', links: [{ name: 'Shop' }] });
  expect(await mailplus.call('mailing.statistics', one)).toMatchObject({ sentCount: 4, openRenderedCount: 2, clickCount: 1, softbounceCount: 1 });
  expect(await mailplus.rows('mailing.recipients', one)).toHaveLength(4);
  expect(await mailplus.rows('mailing.opens', one)).toHaveLength(2);
  expect(await mailplus.rows('mailing.clicks', one)).toMatchObject([P1]);
  expect(await mailplus.rows('mailing.bounces', one)).toMatchObject([{ contactIdentifier: { externalId: 'P4' }, type: 'SOFTBOUNCE' }]);
  expect(await mailplus.rows('mailing.contact-opens', { ...one, externalId: 'P1' })).toHaveLength(1);
  expect(await mailplus.rows('mailing.contact-clicks', { ...one, externalId: 'P1' })).toMatchObject([{ linkId: 1 }]);
  for (const [feed, count] of [['sent', 4], ['opened', 2], ['clicked', 1], ['bounced', 1]] as const) expect(await mailplus.rows(`mailing-interaction.${feed}`, window)).toHaveLength(count);
  expect(await mailplus.rows('trend-report.list')).toMatchObject([{ id: trend.id, name: 'Newsletter' }]);
  expect(await mailplus.rows('contact.mailings', { externalId: 'P1' })).toMatchObject([{ mailing: { encryptedId: encryptedMailingId }, opened: true, clicked: true }]);
  const message = campaign.mailings[0]?.encryptedId ?? '';
  state.reports.sendCampaignMailing(message);
  const run = Number((await mailplus.rows('campaign-mailing.recipients', { encryptedMailingId: message }))[0]?.['campaignSubscriptionId']);
  for (const kind of ['opened', 'clicked'] as const) state.reports.recordCampaignInteraction(message, { contact: { externalId: 'P2' }, kind, ...(kind === 'clicked' ? { linkId: 1 } : {}), at: sentAt });
  const ofRun = { encryptedMailingId: message, campaignSubscriptionId: String(run) };
  expect(await mailplus.call('campaign-mailing.get', { encryptedMailingId: message })).toMatchObject({ name: 'Your cart' });
  for (const kind of ['opens', 'clicks'] as const) {
    expect(await mailplus.rows(`campaign-mailing.${kind}`, { encryptedMailingId: message })).toMatchObject([{ contactIdentifier: { externalId: 'P2' } }]);
    expect(await mailplus.rows(`campaign-mailing.contact-${kind}`, ofRun)).toHaveLength(1);
  }
  expect(await mailplus.rows('campaign-mailing.bounces', { encryptedMailingId: message })).toEqual([]);
  expect(await mailplus.rows('contact.campaign-mailings', { externalId: 'P2' })).toMatchObject([{ campaignMailing: { name: 'Your cart' }, opened: true }]);
  expect(await mailplus.rows('contact.forms', { externalId: 'P2' })).toMatchObject([{ form: { name: 'Survey' }, completed: true }]);
}

describe.each(['', '-1.1.0'])('every operation against the sandbox at the base integrationservice%s', (version) => {
  it('does there what it is for', async () => {
    const sandbox = await startMailplusSandbox();
    try {
      const account = fill(sandbox.state);
      const mailplus = new Caller(`${sandbox.url}${version}`);
      await starts(mailplus, sandbox, account);
      await mailplus.call('campaign.trigger', { encryptedTriggerId: account.campaign.triggers[0]?.encryptedId ?? '', body: { externalContactId: 'P2' } });
      await reports(mailplus, sandbox, account);
      await shop(mailplus, sandbox);
      await groups(mailplus, sandbox);
      await contacts(mailplus, sandbox);
      expect([...mailplus.used].sort()).toEqual(Object.keys(operations).sort());
    } finally {
      await sandbox.close();
    }
  });
});
