import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { platforms } from '../../platforms/registry.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { hub as runHub, type CliResult, type CliSetting } from '../support/cli-fixture.ts';
import { startGateway, type GatewayFixture } from '../support/gateway-fixture.ts';

let gateway: GatewayFixture;
let mail: MailplusSandbox;
let cli: CliSetting;
let operator: string;

const email = 'ann@people.example';

beforeAll(async () => {
  mail = await startMailplusSandbox();
  gateway = await startGateway({ deps: { platforms } });
  operator = await gateway.token('operator');
  cli = { url: await gateway.app.listen({ port: 0, host: '127.0.0.1' }), token: operator };
  const admin = await gateway.token('admin');
  for (const [platform, settings, credentials] of [['mailplus', { baseUrl: mail.url }, { key: 'sandbox-key', secret: 'sandbox-secret' }], ['coins', { baseUrl: 'http://coins.example' }, { apiToken: 't' }]] as const) {
    const added = await gateway.app.inject({ method: 'POST', url: '/api/v1/connectors', headers: gateway.bearer(admin), payload: { platform, settings, credentials, skipCheck: true } });
    expect([added.statusCode, added.body]).toEqual([201, expect.any(String)]);
  }
  mail.state.seedContacts([{ externalId: 'P7', properties: { email, firstName: 'Ann' } }]);
  await sql`insert into record (account_id, id, data_type, canonical, provenance, email) values ('main', 12, 'contacts', '{}', '[]', ${email}), ('main', 7, 'contacts', '{}', '[]', null), ('main', 13, 'contacts', '{}', '[]', null)`.execute(gateway.db);
  await sql`insert into link (account_id, connector_id, data_type, external_id, record_id, held, read_at) values
    ('main', 'mailplus-1', 'contacts', 'P7', 12, '{}', now()), ('main', 'mailplus-1', 'contacts', '7', 13, '{}', now())`.execute(gateway.db);
  await sql`insert into source_record (account_id, connector_id, data_type, external_id, record_id, payload, canonical, field_times, source_time) values ('main', 'coins-1', 'contacts', 'C1', 12, '{}', '{}', '[]', now())`.execute(gateway.db);
  mail.state.starts.addCampaign({ name: 'Abandoned cart', triggers: ['Cart', 'Wish list'] });
  mail.state.starts.addAutomation({ name: 'Welcome' });
  mail.state.forms.addForm({ name: 'Viewing', fields: [{ name: 'email', type: 'email', required: true, property: 'email' }] });
});
afterAll(async () => {
  await mail.close();
  await gateway.stop();
});

const hub = (...args: readonly string[]): Promise<CliResult> => runHub(cli, ...args);
const ask = async (payload: object, connector = 'mailplus-1', token = operator) => {
  const response = await gateway.app.inject({ method: 'POST', url: `/api/v1/connectors/${connector}/actions`, headers: gateway.bearer(token), payload });
  return { status: response.statusCode, body: response.json() };
};
const stored = async (id: number) => gateway.db.selectFrom('action').select(['kind', 'target', 'record_id', 'payload', 'state']).where('id', '=', id).executeTakeFirstOrThrow();
const welcome = (cause: string, more: object = {}) => ({ kind: 'automation.start', target: 'P7', cause, payload: { trigger: 'c0de' }, ...more });

describe('asking for an action over the API', () => {
  it('answers 202 with its id, keeps it, wakes the delivery, and shows its state', async () => {
    const { status, body } = await ask(welcome('sign-up 1'));
    expect([status, body]).toEqual([202, { id: expect.any(Number), kind: 'automation.start', cause: 'sign-up 1', recordId: 12 }]);
    expect(gateway.woken).toContain('deliver mailplus-1');
    expect(await stored(body.id)).toEqual({ kind: 'automation.start', target: 'record/12', record_id: 12, payload: { trigger: 'c0de' }, state: 'pending' });
    const shown = await gateway.app.inject({ url: `/api/v1/connectors/mailplus-1/actions/${body.id}`, headers: gateway.bearer(await gateway.token('viewer')) });
    expect(shown.json()).toMatchObject({ id: body.id, cause: 'sign-up 1', state: 'pending', code: null, recordId: 12, begunAt: null });
    const audit = (await gateway.app.inject({ url: '/api/v1/audit?limit=1', headers: gateway.bearer(operator) })).json().entries;
    expect(audit).toMatchObject([{ what: 'action.asked', details: { action: body.id, kind: 'automation.start', recordId: 12 } }]);
    expect(JSON.stringify(audit)).not.toContain('c0de');
  });

  it('gives the same answer to the same cause with the same body, also at once and in another order of fields, and 409 to another body', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => ask(welcome('sign-up 2', { payload: { trigger: 'c0de', fields: [{ name: 'a', value: 'b' }] } }))));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await ask(welcome('sign-up 2', { payload: { fields: [{ value: 'b', name: 'a' }], trigger: 'c0de' } }))).toEqual(answers[0]);
    expect(await ask(welcome('sign-up 2'))).toMatchObject({ status: 409, body: { error: { code: 'IDEMPOTENCY_CONFLICT', field: 'cause' } } });
    expect(await ask(welcome('sign-up 2', { kind: 'campaign.trigger' }))).toMatchObject({ status: 409 });
  });

  it('finds the contact by its record, its id here or at another connector, and refuses an id that may mean two', async () => {
    for (const target of ['record:12', '12', 'id:P7', 'P7', 'coins-1:C1']) expect((await ask(welcome(`by ${target}`, { target }))).body).toMatchObject({ recordId: 12 });
    expect((await ask(welcome('both', { target: '7' }))).body.error).toMatchObject({ code: 'REQUEST_INVALID', field: 'target', fix: 'Say which is meant: id:7 or record:7.' });
    expect((await ask(welcome('id', { target: 'id:7' }))).body).toMatchObject({ recordId: 13 });
    expect((await ask(welcome('record', { target: 'record:7' }))).body).toMatchObject({ recordId: 7 });
    expect((await ask(welcome('address', { target: email }))).body.error).toMatchObject({ code: 'REQUEST_INVALID', message: expect.not.stringContaining(email) });
    expect(await ask(welcome('nobody', { target: 'record:99' }))).toMatchObject({ status: 404 });
  });

  it.each([
    ['another kind', { kind: 'coffee.make' }, 'kind'], ['a kind of the hub alone', { kind: 'list.replace' }, 'kind'], ['no contact', { target: undefined }, 'target'], ['no trigger', { payload: {} }, 'payload.trigger'],
    ['an unknown part', { payload: { trigger: 'c', sugar: 2 } }, 'payload'], ['a field with a space in its name', { payload: { trigger: 'c', fields: [{ name: 'a b', value: 'c' }] } }, 'payload.fields.0.name'],
    ['no cause', { cause: '' }, 'cause'], ['a conversion without its date', { kind: 'conversion.post', target: undefined, payload: { mailplusId: 'm', type: 'CREATE_SHOPPINGCART' } }, 'payload.interactionDate'],
  ])('refuses %s with the field, and keeps nothing', async (_, more, field) => {
    const before = await gateway.db.selectFrom('action').select('id').execute();
    expect(await ask(welcome('wrong', more))).toMatchObject({ status: 400, body: { error: { code: 'REQUEST_INVALID', field } } });
    expect(await gateway.db.selectFrom('action').select('id').execute()).toHaveLength(before.length);
  });

  it('is for operators of the account, and for connectors that have such actions', async () => {
    expect(await ask(welcome('viewer'), 'mailplus-1', await gateway.token('viewer'))).toMatchObject({ status: 403 });
    expect(await ask(welcome('stranger'), 'mailplus-1', await gateway.token('operator', { accountId: 'other' }))).toMatchObject({ status: 404 });
    expect(await ask(welcome('coins'), 'coins-1')).toMatchObject({ status: 400, body: { error: { field: 'kind' } } });
    const { body } = await ask(welcome('sign-up 3'));
    const foreign = await gateway.app.inject({ url: `/api/v1/connectors/mailplus-1/actions/${body.id}`, headers: gateway.bearer(await gateway.token('viewer', { accountId: 'other' })) });
    expect(foreign.statusCode).toBe(404);
  });
});

describe('a question whether an action was carried out', () => {
  it('stands in what failed, about its record, and in the status as one line, however many there are', async () => {
    const ids = [(await ask(welcome('doubt 1'))).body.id, (await ask(welcome('doubt 2'))).body.id];
    for (const id of ids) await gateway.db.updateTable('action').set({ state: 'parked', code: 'PLATFORM_OUTCOME_UNKNOWN', reason: `Is ${id} there?` }).where('id', '=', id).execute();
    expect((await hub('failed', 'show', `action:mailplus-1:${ids[0]}`)).out).toMatch(new RegExp(`record +record 12\n[^]*PLATFORM_OUTCOME_UNKNOWN[^]*Is ${ids[0]} there\\?`));
    expect((await hub('failed', 'list', '--code', 'PLATFORM_OUTCOME_UNKNOWN')).out).toMatch(/automation\.start .*record 12/);
    expect((await hub('status')).out.match(/it is not known whether they were carried out/g)).toHaveLength(1);
    expect((await hub('mailplus', 'action', String(ids[0]))).out).toMatch(/state +a question for you/);
  });
});

describe('hub mailplus', () => {
  it('lists campaigns, automations and forms with what they are started by', async () => {
    const campaigns = await hub('mailplus', 'campaigns');
    expect(campaigns.out).toMatch(/Abandoned cart.*yes.*\(Cart\)/);
    expect(JSON.parse((await hub('--json', 'mailplus', 'campaigns')).out)).toEqual({ campaigns: [{ id: expect.any(String), name: 'Abandoned cart', active: true, triggers: [{ id: expect.any(String), name: 'Cart' }, { id: expect.any(String), name: 'Wish list' }] }] });
    expect((await hub('mailplus', 'automations')).out).toMatch(/Welcome.*yes.*[0-9a-f-]{36}.*[0-9a-f-]{36}/);
    expect((await hub('mailplus', 'forms')).out).toMatch(/1.*Viewing.*normal.*final/);
  });

  it('triggers a campaign by the name of its trigger, once for a cause, and tells the cause that it made', async () => {
    const one = JSON.parse((await hub('--json', 'mailplus', 'trigger', 'Abandoned cart', 'Cart', '--contact', 'coins-1:C1', '--field', 'linktocart:url=https://shop.example/cart?id=9', 'productlist:products=1-10,1-11', '--cause', 'cart 9')).out);
    expect(one).toMatchObject({ cause: 'cart 9', kind: 'campaign.trigger', recordId: 12 });
    const [cart] = mail.state.starts.started().length === 0 ? JSON.parse((await hub('--json', 'mailplus', 'campaigns')).out).campaigns[0].triggers : [];
    expect((await stored(one.id)).payload).toEqual({ trigger: cart.id, fields: [{ name: 'linktocart', type: 'URL', value: 'https://shop.example/cart?id=9' }, { name: 'productlist', type: 'PRODUCTLIST', values: ['1-10', '1-11'] }] });
    const { out } = await hub('mailplus', 'trigger', 'Abandoned cart', 'Cart', '--contact', 'record:12');
    expect(out).toMatch(/Action \d+: campaign\.trigger for record 12\. Its cause is «cli\/[0-9a-f-]{36}»/);
    expect((await hub('mailplus', 'action', String(one.id))).out).toMatch(/waits for its turn/);
    expect(await hub('mailplus', 'trigger', 'Abandoned cart', '--contact', '12')).toMatchObject({ code: 2, err: expect.stringContaining('more than one trigger') });
    expect(await hub('mailplus', 'trigger', 'Never', '--contact', '12')).toMatchObject({ code: 2, err: expect.stringContaining('There is no campaign «Never»') });
    expect(await hub('mailplus', 'trigger', 'Abandoned cart', 'Cart')).toMatchObject({ code: 2, err: expect.stringContaining('--contact') });
    expect(await hub('mailplus', 'trigger', 'Abandoned cart', 'Cart', '--contact', 'record:99')).toMatchObject({ code: 1, err: expect.stringContaining('NOT_FOUND') });
  });

  it('starts and stops an automation, also where Mail+ cannot list them, and stops a campaign', async () => {
    const start = JSON.parse((await hub('--json', 'mailplus', 'start', 'Welcome', '--contact', '12')).out);
    expect((await stored(start.id)).kind).toBe('automation.start');
    expect(await stored(JSON.parse((await hub('--json', 'mailplus', 'stop', 'Welcome', '--contact', '12', '--run', 'r1')).out).id)).toMatchObject({ kind: 'automation.stop', payload: { automation: expect.stringMatching(/^[0-9a-f-]{36}$/), run: 'r1' } });
    expect(await stored(JSON.parse((await hub('--json', 'mailplus', 'stop', 'Abandoned cart', '--contact', '12')).out).id)).toMatchObject({ kind: 'campaign.stop' });
    mail.state.addFault({ action: 'status', status: 404, path: '/automation/list', body: '{"errorType":"RESOURCE_NOT_FOUND","message":"no"}', contentType: 'application/json' });
    expect(await hub('mailplus', 'start', 'Welcome', '--contact', '12')).toMatchObject({ code: 2, err: expect.stringContaining('code of the trigger') });
    expect(await stored(JSON.parse((await hub('--json', 'mailplus', 'start', 'Welcome', 'c0de', '--contact', '12')).out).id)).toMatchObject({ payload: { trigger: 'c0de' } });
    mail.state.clearFaults();
  });

  it('gets a form filled in for a contact, and submits one with answers from standard input', async () => {
    expect((await hub('mailplus', 'form', 'get', '1', '--contact', '12')).out).toContain(`value="${email.replaceAll('@', '&#64;')}"`.replaceAll('&#64;', '@'));
    expect((await hub('mailplus', 'form', 'get', '1')).out).not.toContain(email);
    expect(await hub('mailplus', 'form', 'get', '99')).toMatchObject({ code: 1, err: expect.stringContaining('form.list') });
    const submitted = await runHub({ ...cli, input: 'remarks=first\nremarks=second\n' }, '--json', 'mailplus', 'form', 'submit', '1', '--answer', '-', '--contact', '12');
    expect(await stored(JSON.parse(submitted.out).id)).toMatchObject({ kind: 'form.submit', record_id: 12, payload: { form: '1', answers: { remarks: ['first', 'second'] } } });
    expect(await stored(JSON.parse((await hub('--json', 'mailplus', 'form', 'submit', '1', '--answer', 'email=x@people.example')).out).id)).toMatchObject({ record_id: null, target: 'form.submit' });
    expect(await hub('mailplus', 'form', 'submit', '1')).toMatchObject({ code: 2, err: expect.stringContaining('Nothing is given') });
  });
});
