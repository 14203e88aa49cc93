import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox } from '../../sandbox/mailplus/index.ts';
import type { CampaignSpec, MailplusSandbox, StartCounts } from '../../sandbox/mailplus/index.ts';
import { call, control, refusal } from './mailplus-caller.ts';

let sandbox: MailplusSandbox;
beforeEach(async () => {
  sandbox = await startMailplusSandbox();
  sandbox.state.seedContacts([1, 2].map((number) => ({ externalId: `P${number}`, properties: { email: `p${number}@example.com` }, permissions: [number] })));
  for (const externalId of ['1-10', '1-11']) {
    sandbox.state.shop.addProduct({ externalId, name: 'Mug', link: 'https://shop.example/', price: 995, imageUrl: 'i', imageLargeUrl: 'l' });
  }
});
afterEach(() => sandbox.close());

const post = (path: string, body: unknown) => call(sandbox, 'POST', path, { body });
const P1 = { externalContactId: 'P1' };
const unknownUuid = '00000000-0000-4000-8000-000000000000';

const fieldCases: [string, unknown, string][] = [
  ['an unknown product', [{ name: 'productlist', type: 'PRODUCTLIST', values: ['1-10', 'nope'] }], 'PRODUCT_NOTFOUND'],
  ['a name with a space', [{ name: 'link to cart', value: 'x' }], 'INVALID_PARAMS'],
  ['a name twice', [{ name: 'a', value: 'x' }, { name: 'a', value: 'y' }], 'INVALID_PARAMS'],
  ['an unknown type', [{ name: 'a', type: 'NUMBER', value: '1' }], 'INVALID_PARAMS'],
  ['a URL that is none', [{ name: 'a', type: 'URL', value: 'cart' }], 'INVALID_PARAMS'],
  ['no value', [{ name: 'a' }], 'INVALID_PARAMS'],
];

describe('campaigns', () => {
  const add = (spec: Partial<CampaignSpec> = {}) => {
    const { encryptedId, triggers, mailings } = sandbox.state.starts.addCampaign({ name: 'Abandoned cart', triggers: ['Cart left'], ...spec });
    return { encryptedId, trigger: triggers[0]?.encryptedId ?? '', mailings };
  };

  it('are listed with their external triggers, inactive ones too, and their messages', async () => {
    const first = add({ mailings: [{ name: 'Your cart' }, { name: 'Text', type: 'SMS' }] });
    const second = add({ name: 'Birthday', triggers: [], active: false });
    expect((await call(sandbox, 'GET', '/campaign/list')).body).toEqual([
      { encryptedId: first.encryptedId, name: 'Abandoned cart', active: true, triggers: [{ encryptedId: first.trigger, name: 'Cart left' }] },
      { encryptedId: second.encryptedId, name: 'Birthday', active: false, triggers: [] },
    ]);
    expect((await call(sandbox, 'GET', `/campaign/${first.encryptedId}/mailing`)).body).toEqual([
      { encryptedId: first.mailings[0]?.encryptedId, name: 'Your cart', type: 'EMAIL' },
      { encryptedId: first.mailings[1]?.encryptedId, name: 'Text', type: 'SMS' },
    ]);
    expect(refusal(await call(sandbox, 'GET', '/campaign/nope/mailing'))).toEqual([404, 'CAMPAIGN_NOTFOUND']);
  });

  it('start for one contact, with fields, and tell the control side', async () => {
    const { encryptedId, trigger } = add();
    const campaignFields = [
      { name: 'linktocart', value: 'https://shop.example/cart?id=9' },
      { name: 'productlist', type: 'PRODUCTLIST', values: ['1-10', '1-11'] },
    ];
    const answer = await post(`/campaign/trigger/${trigger}`, { ...P1, campaignFields });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(sandbox.state.starts.started()).toEqual([{
      sequence: 1, kind: 'campaign', target: encryptedId, at: expect.any(String), credential: 'sandbox-key',
      email: 'p1@example.com', externalIds: { externalId: 'P1' },
      detail: { name: 'Abandoned cart', trigger, campaignSubscriptionId: 1, fields: [
        { name: 'linktocart', type: 'STRING', value: 'https://shop.example/cart?id=9' },
        { name: 'productlist', type: 'PRODUCTLIST', values: ['1-10', '1-11'] },
      ] },
    }]);
    expect(sandbox.state.journal()[0]).toMatchObject({ changed: true, contacts: [{ externalId: 'P1', outcome: 'campaign started' }] });
  });

  it.each<[string, Partial<CampaignSpec>, unknown, [number, string]]>([
    ['an unknown contact', {}, { externalContactId: 'nobody' }, [400, 'CONTACT_NOT_FOUND']],
    ['no contact', {}, {}, [400, 'INVALID_PARAMS']],
    ['an inactive campaign', { active: false }, P1, [400, 'INVALID_STATE']],
    ['a campaign without a message', { mailings: [] }, P1, [400, 'INVALID_STATE']],
    ['a contact outside its selection', { selectionBit: 2 }, P1, [400, 'INVALID_STATE']],
    ...fieldCases.map(([what, campaignFields, errorType]): [string, object, unknown, [number, string]] => [what, {}, { ...P1, campaignFields }, [400, errorType]]),
  ])('do not start with %s', async (_what, spec, body, expected) => {
    expect(refusal(await post(`/campaign/trigger/${add(spec).trigger}`, body))).toEqual(expected);
    expect(sandbox.state.starts.counts().total).toBe(0);
  });

  it('do not start by an unknown trigger, nor for somebody inactive', async () => {
    expect(refusal(await post('/campaign/trigger/nope', P1))).toEqual([404, 'TRIGGER_NOTFOUND']);
    sandbox.state.inactivate({ contact: { externalId: 'P1' } });
    expect(refusal(await post(`/campaign/trigger/${add().trigger}`, P1))).toEqual([400, 'INVALID_STATE']);
  });

  it.each<[CampaignSpec['repeat'], number, number]>([['never', 400, 400], ['whenFinished', 400, 204], ['always', 204, 204]])(
    'with repeat %s answer a second start %d while active and %d when finished',
    async (repeat, whileActive, whenFinished) => {
      const { encryptedId, trigger } = add({ repeat });
      await post(`/campaign/trigger/${trigger}`, P1);
      expect((await post(`/campaign/trigger/${trigger}`, P1)).status).toBe(whileActive);
      await control(sandbox, 'POST', `/campaigns/${encryptedId}/finish`, { contact: { externalId: 'P1' } });
      expect((await post(`/campaign/trigger/${trigger}`, P1)).status).toBe(whenFinished);
    },
  );

  it('stop once, and only where they run', async () => {
    const { encryptedId, trigger } = add();
    const stop = (body: unknown) => post(`/campaign/${encryptedId}/stop`, body);
    expect(refusal(await stop(P1))).toEqual([400, 'INVALID_STATE']);
    await post(`/campaign/trigger/${trigger}`, P1);
    expect((await stop(P1)).status).toBe(204);
    expect(refusal(await stop(P1))).toEqual([400, 'INVALID_STATE']);
    expect(refusal(await stop({ externalContactId: 'nobody' }))).toEqual([400, 'CONTACT_NOT_FOUND']);
    expect(refusal(await post('/campaign/nope/stop', P1))).toEqual([404, 'CAMPAIGN_NOTFOUND']);
    expect(sandbox.state.starts.counts().byKind).toEqual({ campaign: 1, campaignStop: 1 });
  });
});

describe('automations', () => {
  const add = (spec: object = {}) => {
    const { automationId, triggerCodes } = sandbox.state.starts.addAutomation({ name: 'Welcome', ...spec });
    return { automationId, code: triggerCodes[0] ?? '' };
  };

  it('are listed with their trigger codes', async () => {
    const { automationId, code } = add();
    expect(code).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect((await call(sandbox, 'GET', '/automation/list')).body)
      .toEqual([{ automationId, name: 'Welcome', active: true, triggers: [{ triggerCode: code }] }]);
  });

  it('start all that share the code, and say which did not', async () => {
    const { automationId, code } = add({ participationLimit: 1 });
    const sleeping = add({ name: 'Asleep', triggerCodes: [code], active: false });
    const first = await post(`/automation/trigger/${code.toUpperCase()}`, { ...P1, automationFields: [{ name: 'link', type: 'url', value: 'https://shop.example/' }] });
    expect([first.status, first.body]).toEqual([200, { result: 'OK', automationResults: [
      { automationId, result: 'OK', automationContactId: expect.any(String) },
      { automationId: sleeping.automationId, result: 'AUTOMATION_INACTIVE' },
    ] }]);
    const second = await post(`/automation/trigger/${code}`, P1);
    expect([second.status, second.body]).toEqual([417, { result: 'NOT_TRIGGERED', automationResults: [
      { automationId, result: 'PARTICIPATION_LIMIT_REACHED' },
      { automationId: sleeping.automationId, result: 'AUTOMATION_INACTIVE' },
    ] }]);
    expect(sandbox.state.journal().map(({ errorType }) => errorType)).toEqual([undefined, 'NOT_TRIGGERED']);
  });

  it('answer an unknown code and an unknown contact in their own form', async () => {
    const { code } = add();
    const unknownCode = await post(`/automation/trigger/${unknownUuid}`, P1);
    expect([unknownCode.status, unknownCode.body]).toEqual([404, { result: 'TRIGGER_NOTFOUND' }]);
    const unknownContact = await post(`/automation/trigger/${code}`, { externalContactId: 'nobody' });
    expect([unknownContact.status, unknownContact.body]).toEqual([404, { result: 'CONTACT_NOTFOUND' }]);
  });

  it.each(fieldCases)('do not start with a field that has %s', async (_what, automationFields, errorType) => {
    expect(refusal(await post(`/automation/trigger/${add().code}`, { ...P1, automationFields }))).toEqual([400, errorType]);
    expect(sandbox.state.starts.counts().total).toBe(0);
  });

  it('stop by contact and by run', async () => {
    const { automationId, code } = add();
    const start = async () => (await post(`/automation/trigger/${code}`, P1)).body as { automationResults: { automationContactId: string }[] };
    const stop = (body: unknown) => post(`/automation/${automationId}/stop`, body);
    await start();
    expect((await stop(P1)).status).toBe(204);
    expect(refusal(await stop(P1))).toEqual([400, 'INVALID_STATE']);
    const automationContactId = (await start()).automationResults[0]?.automationContactId;
    expect((await stop({ automationContactId })).status).toBe(204);
    expect(refusal(await stop({ automationContactId }))).toEqual([400, 'INVALID_STATE']);
    expect(refusal(await stop({ externalContactId: 'nobody' }))).toEqual([400, 'CONTACT_NOT_FOUND']);
    expect(refusal(await post(`/automation/${unknownUuid}/stop`, P1))).toEqual([404, 'RESOURCE_NOT_FOUND']);
  });

  it('are switched off and on by the control side', async () => {
    const { automationId, code } = add();
    await control(sandbox, 'PUT', `/automations/${automationId}/active`, { active: false });
    expect((await post(`/automation/trigger/${code}`, P1)).status).toBe(417);
    sandbox.state.starts.setAutomationActive(automationId, true);
    expect((await post(`/automation/trigger/${code}`, P1)).status).toBe(200);
  });
});

describe('what the API set off', () => {
  it('is counted per contact, so that a doubled start is seen', async () => {
    const campaign = (await control(sandbox, 'POST', '/campaigns', { name: 'C', repeat: 'always' })).body as { encryptedId: string; triggers: { encryptedId: string }[] };
    const automation = (await control(sandbox, 'POST', '/automations', { name: 'A', triggerCodes: [unknownUuid] })).body as { automationId: string };
    for (const externalContactId of ['P1', 'P2', 'P1']) await post(`/campaign/trigger/${campaign.triggers[0]?.encryptedId}`, { externalContactId });
    await post(`/automation/trigger/${unknownUuid}`, P1);
    const counts = (await control(sandbox, 'GET', '/started/counts')).body as StartCounts;
    expect(counts).toMatchObject({ total: 4, byKind: { campaign: 3, automation: 1 } });
    expect(counts.repeated).toEqual([
      { kind: 'campaign', target: campaign.encryptedId, externalIds: { externalId: 'P1' }, email: 'p1@example.com', count: 2 },
    ]);
    const ofOne = (await control(sandbox, 'GET', `/started?externalId=P1&kind=automation&target=${automation.automationId}`)).body;
    expect(ofOne).toMatchObject([{ sequence: 4, kind: 'automation', target: automation.automationId }]);
    expect(sandbox.state.starts.counts({ email: 'p2@example.com' }).total).toBe(1);
    expect((await control(sandbox, 'GET', '/started?kind=nothing')).status).toBe(400);
  });
});
