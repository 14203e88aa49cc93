import { afterEach, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox } from '../../sandbox/mailplus/index.ts';
import type { MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { operations } from '../../sandbox/mailplus/resources/operations.ts';
import { call, olderBase } from './mailplus-caller.ts';
import type { CallOptions } from './mailplus-caller.ts';

let sandbox: MailplusSandbox;
afterEach(() => sandbox.close());

const product = { name: 'Mug', link: 'l', price: 995, imageUrl: 'i', imageLargeUrl: 'l' };

/** An account in which every operation below can succeed, with the ids that it made. */
async function openAccount() {
  sandbox = await startMailplusSandbox();
  const { state } = sandbox;
  state.seedContacts(['P1', 'P2', 'P3'].map((externalId) => ({ externalId, properties: { email: `${externalId}@example.com` } })));
  state.shop.addProduct({ externalId: '1-42', ...product });
  const campaign = state.starts.addCampaign({ name: 'C', repeat: 'always' });
  const automation = state.starts.addAutomation({ name: 'A' });
  const form = state.forms.addForm({ name: 'F' });
  state.forms.submitForm(form.id, { answers: { email: ['p1@example.com'] } });
  state.reports.addTrendReport({ name: 'T' });
  const mailing = state.sendMailing({ name: 'M', recipients: { externalIds: ['P1'] }, opened: { ratio: 1 }, clicked: { ratio: 1 } }).encryptedId;
  const setUp = [
    ['/templist', { externalTemporaryListId: 'L1', name: 'L1' }],
    ['/audience', { externalId: 'A1', name: 'A1' }],
    ['/order', { order: { externalId: 'O1', date: '2024-05-01', externalContactId: 'P1', externalProductIds: ['1-42'], value: 1 } }],
    [`/campaign/trigger/${campaign.triggers[0]?.encryptedId}`, { externalContactId: 'P1' }],
    [`/automation/trigger/${automation.triggerCodes[0]}`, { externalContactId: 'P1' }],
  ] as const;
  for (const [path, body] of setUp) await call(sandbox, 'POST', path, { body });
  return {
    mailing, campaign: campaign.encryptedId, trigger: campaign.triggers[0]?.encryptedId ?? '', message: campaign.mailings[0]?.encryptedId ?? '',
    automation: automation.automationId, code: automation.triggerCodes[0] ?? '', mpid: state.reports.mpid(mailing, { contact: { externalId: 'P1' } }),
  };
}

type Account = Awaited<ReturnType<typeof openAccount>>;
type Options = CallOptions | ((account: Account) => CallOptions);

const dates = { fromDate: '2000-01-01', toDate: '2100-01-01' };
const paged: CallOptions = { query: { ...dates, pageSize: '10' } };
const contact = (externalId: string) => ({ externalId, properties: { city: 'Breda' } });
const body = (value: unknown): CallOptions => ({ body: value });
const P1 = body({ externalContactId: 'P1' });
const order = { date: '2024-05-01', externalContactId: 'P1', externalProductIds: ['1-42'], value: 2 };

/** Every operation of the contract: the vendor's Swagger, `contact/inactivate`, and the two assumed ones of automations. */
const cases: readonly (readonly [operation: string, path: string, status: number, options?: Options])[] = [
  ['GET contact/properties/list', 'contact/properties/list', 200],
  ['POST contact', 'contact', 204, body({ update: true, contact: contact('P1') })],
  ['PUT contact/{externalId}', 'contact/P1', 204, body({ contact: contact('P1') })],
  ['GET contact/{externalId}', 'contact/P1', 200],
  ['POST contact/list', 'contact/list', 200, body({ contacts: [contact('P9')] })],
  ['GET contact/search', 'contact/search', 200, { query: { MPSearchQuery: 'email=p1@example.com', pageSize: '1' } }],
  ['GET contact/updates/list', 'contact/updates/list', 200, paged],
  ['GET contact/bounces/list', 'contact/bounces/list', 200, paged],
  ['PUT contact/inactivate/{externalId}', 'contact/inactivate/P1', 204],
  ['PUT contact/anonymize/{externalId}', 'contact/anonymize/P1', 204],
  ['GET contact/{externalId}/mailings', 'contact/P1/mailings', 200],
  ['GET contact/{externalId}/campaign-mailings', 'contact/P1/campaign-mailings', 200],
  ['GET contact/{externalId}/forms', 'contact/P1/forms', 200],
  ['POST subscription/subscribe', 'subscription/subscribe', 204, body({ properties: { email: 'n@example.com', permissions: [{ bit: 1, enabled: true }] } })],
  ['POST templist', 'templist', 204, body({ externalTemporaryListId: 'L2', name: 'L2' })],
  ['GET templist', 'templist', 200],
  ['POST templist/{externalTemporaryListId}', 'templist/L1', 204, body({ contacts: ['P1'] })],
  ['DELETE templist/{externalTemporaryListId}', 'templist/L1', 204],
  ['POST audience', 'audience', 200, body({ externalId: 'A2', name: 'A2' })],
  ['GET audience/{externalId}', 'audience/A1', 200],
  ['PUT audience/{externalId}', 'audience/A1', 200, body({ externalId: 'A1', name: 'B1' })],
  ['DELETE audience/{externalId}', 'audience/A1', 204],
  ['POST audience/{externalId}/contact', 'audience/A1/contact', 204, body({ contacts: ['P1'] })],
  ['DELETE audience/{externalId}/contact', 'audience/A1/contact', 204],
  ['GET campaign/list', 'campaign/list', 200],
  ['POST campaign/trigger/{encryptedTriggerId}', 'campaign/trigger/:trigger', 204, P1],
  ['POST campaign/{encryptedCampaignId}/stop', 'campaign/:campaign/stop', 204, P1],
  ['GET campaign/{encryptedCampaignId}/mailing', 'campaign/:campaign/mailing', 200],
  ['POST automation/trigger/{triggerCode}', 'automation/trigger/:code', 200, P1],
  ['GET automation/list', 'automation/list', 200],
  ['POST automation/{automationId}/stop', 'automation/:automation/stop', 204, P1],
  ['GET form/list', 'form/list', 200],
  ['GET form/{formId}', 'form/1', 200, { query: { postUrl: 'p' } }],
  ['POST form/{formId}', 'form/1', 200, body({ postUrl: 'p' })],
  ['GET form/result/{formId}', 'form/result/1', 200],
  ['GET form/result/{formId}/{formResultId}', 'form/result/1/1', 200],
  ['POST form/result/{formId}', 'form/result/1', 200, () => body({ postUrl: 'p', formParams: { formEncId: [formReference], email: ['p2@example.com'] } })],
  ['GET product/custom-properties/list', 'product/custom-properties/list', 200],
  ['POST product', 'product', 204, body({ product: { externalId: '1-43', ...product } })],
  ['PUT product/{externalProductId}', 'product/1-42', 204, body({ product })],
  ['GET product/{externalProductId}', 'product/1-42', 200],
  ['DELETE product/{externalProductId}', 'product/1-42', 204],
  ['GET product/search', 'product/search', 200, { query: { MPSearchQuery: 'name=Mug' } }],
  ['POST order', 'order', 204, body({ order: { externalId: 'O2', ...order } })],
  ['PUT order/{externalOrderId}', 'order/O1', 204, body({ order: { externalId: 'O1', ...order } })],
  ['DELETE order/{externalOrderId}', 'order/O1', 204],
  ['POST conversion', 'conversion', 204, ({ mpid }) => body({ mailplusId: mpid, type: 'CREATE_SHOPPINGCART', interactionDate: '2024-05-01' })],
  ['GET mailing', 'mailing', 200, { query: dates }],
  ['GET mailing/{encryptedMailingId}', 'mailing/:mailing', 200],
  ['GET mailing/{encryptedMailingId}/statistics', 'mailing/:mailing/statistics', 200],
  ...['recipients', 'opens', 'clicks', 'bounces'].map((name) => [`GET mailing/{encryptedMailingId}/${name}`, `mailing/:mailing/${name}`, 200] as const),
  ...['opens', 'clicks'].map((name) => [`GET mailing/{encryptedMailingId}/${name}/{externalId}`, `mailing/:mailing/${name}/P1`, 200] as const),
  ['GET campaign-mailing/{encryptedMailingId}', 'campaign-mailing/:message', 200],
  ...['recipients', 'opens', 'clicks', 'bounces'].map((name) => [`GET campaign-mailing/{encryptedMailingId}/${name}`, `campaign-mailing/:message/${name}`, 200] as const),
  ...['opens', 'clicks'].map((name) => [`GET campaign-mailing/{encryptedMailingId}/${name}/{campaignSubscriptionId}`, `campaign-mailing/:message/${name}/1`, 200] as const),
  ...['sent', 'opened', 'clicked', 'bounced'].map((name) => [`GET mailing-interaction/${name}`, `mailing-interaction/${name}`, 200] as const),
  ['GET trend-report', 'trend-report', 200],
];

/** The first form's reference for a first page that nobody is known on. */
let formReference = '';

async function carryOut(account: Account, base: string, index: number, end: '' | '/') {
  const [operation, path, , options = {}] = cases[index] ?? ['', '', 0];
  const method = operation.split(' ')[0] ?? '';
  const filled = path.replaceAll(/:([a-z]+)/g, (_all, name: keyof Account) => account[name]);
  if (operation === 'POST form/result/{formId}') {
    const page = (await call(sandbox, 'GET', '/form/1', { base, query: { postUrl: 'p' } })).body as { html: string };
    formReference = /name="formEncId" value="([^"]*)"/.exec(page.html)?.[1] ?? '';
  }
  return call(sandbox, method, `/${filled}${end}`, { base, ...(typeof options === 'function' ? options(account) : options) });
}

const numbered = cases.map(([operation, , status], index) => [operation, status, index] as const);

describe('the operations of the sandbox', () => {
  it('are the 65 of the vendor\'s list, contact/inactivate, and the two assumed ones of automations', async () => {
    sandbox = await startMailplusSandbox();
    expect(cases).toHaveLength(65 + 1 + 2);
    expect(operations.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(cases.map(([operation]) => operation).toSorted());
  });

  it.each(numbered)('%s answers %d on both bases, with and without a trailing slash', async (operation, status, index) => {
    const [method, path] = operation.split(' ');
    for (const version of ['current', '1.1.0']) {
      const account = await openAccount();
      const base = version === 'current' ? sandbox.url : olderBase(sandbox);
      const answer = await carryOut(account, base, index, version === 'current' ? '' : '/');
      expect([version, answer.status]).toEqual([version, status]);
      expect(answer.text === '').toBe(status === 204);
      expect(sandbox.state.journal().at(-1)).toMatchObject({ operation: `${method} /${path}`, status, changed: expect.any(Boolean) });
      if (version === 'current') await sandbox.close();
    }
  });

  it.each(numbered)('%s is carried out for nobody without a signature, and for nobody else', async (operation, _status, index) => {
    const account = await openAccount();
    const before = JSON.stringify([sandbox.state.effects(), sandbox.state.summary()]);
    const [method = ''] = operation.split(' ');
    const path = (cases[index]?.[1] ?? '').replaceAll(/:([a-z]+)/g, (_all, name: keyof Account) => account[name]);
    const unsigned = await fetch(`${sandbox.url}/${path}`, { method, headers: { accept: 'application/json' } });
    expect([unsigned.status, await unsigned.json()]).toEqual([401, { errorType: 'AUTH_NOT_FOUND', message: expect.any(String) }]);
    const forged = await call(sandbox, method, `/${path}`, { secret: 'guess', placement: 'query' });
    expect([forged.status, forged.body]).toEqual([401, { errorType: 'NOT_AUTHORIZED', message: expect.any(String) }]);
    expect(JSON.stringify([sandbox.state.effects(), sandbox.state.summary()])).toBe(before);
  });
});
