import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { operations } from '../../platforms/mailplus/operations/index.ts';
import { platforms } from '../../platforms/registry.ts';
import { hub as runHub, type CliResult, type CliSetting } from '../support/cli-fixture.ts';
import { startGateway, type GatewayFixture } from '../support/gateway-fixture.ts';
import { sendJson, startRawServer, type RawServer } from '../platforms/raw-server.ts';

let gateway: GatewayFixture;
let mailplus: RawServer;
let cli: CliSetting;
let operator: string;
let answer: (response: ServerResponse) => void;
const secret = 'topsecret-mailplus';
const address = 'ann@people.example';

beforeAll(async () => {
  mailplus = await startRawServer((_, response) => answer(response));
  gateway = await startGateway({ deps: { platforms } });
  operator = await gateway.token('operator');
  cli = { url: await gateway.app.listen({ port: 0, host: '127.0.0.1' }), token: operator };
  const admin = await gateway.token('admin');
  for (const [platform, settings, credentials] of [['mailplus', { baseUrl: mailplus.url }, { key: 'k1', secret }], ['coins', { baseUrl: 'http://coins.example' }, { apiToken: 't' }]] as const) {
    const added = await gateway.app.inject({ method: 'POST', url: '/api/v1/connectors', headers: gateway.bearer(admin), payload: { platform, settings, credentials, skipCheck: true } });
    expect([added.statusCode, added.body]).toEqual([201, expect.any(String)]);
  }
});
afterAll(async () => {
  await mailplus.close();
  await gateway.stop();
});
beforeEach(() => {
  mailplus.seen.length = 0;
  answer = (response) => response.writeHead(204).end();
});

const hub = (...args: readonly string[]): Promise<CliResult> => runHub(cli, ...args);
const run = async (operation: string, payload: object, connector = 'mailplus-1', token = operator) => {
  const response = await gateway.app.inject({ method: 'POST', url: `/api/v1/connectors/${connector}/operations/${operation}`, headers: gateway.bearer(token), payload });
  return { status: response.statusCode, body: response.json(), text: response.body };
};
const audit = async (): Promise<{ what: string; who: string; connectorId: string; details: Record<string, unknown> }[]> =>
  (await gateway.app.inject({ url: '/api/v1/audit?limit=5', headers: gateway.bearer(operator) })).json().entries;
const contact = { externalId: 'P1', properties: { email: address } };

describe('one operation over the API', () => {
  it('answers with what was sent, without the secret, and what came back as it came', async () => {
    answer = (response) => sendJson(response, 200, { ...contact, created: 1_777_622_400_000, unheardOf: 1 });
    const { status, body, text } = await run('contact.get', { input: { externalId: 'P 1' } });
    expect([status, body]).toEqual([200, {
      operation: 'contact.get', sent: { method: 'GET', path: '/contact/{externalId}', ids: { externalId: 'P 1' }, query: {} }, status: 200,
      answer: { ...contact, created: 1_777_622_400_000, unheardOf: 1 }, problem: null, note: null,
    }]);
    expect(mailplus.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /contact/P%201']);
    expect(mailplus.seen[0]?.headers.authorization).toContain('oauth_consumer_key="k1"');
    expect(text).not.toMatch(/topsecret|oauth|k1"/);
  });

  it('sends dates with their offset and says so', async () => {
    answer = (response) => sendJson(response, 200, []);
    const { body } = await run('mailing.list', { input: { fromDate: '2026-05-01', toDate: '2026-05-02T00:00:00Z' } });
    expect(body.sent.query).toEqual({ fromDate: '2026-04-30T22:00:00.000+00:00', toDate: '2026-05-02T00:00:00.000+00:00' });
  });

  it('answers 200 also when Mail+ refuses or breaks, with the catalogue\'s words', async () => {
    answer = (response) => sendJson(response, 404, { errorType: 'CONTACT_NOT_FOUND', message: 'Contact not found' });
    expect((await run('contact.get', { input: { externalId: 'P1' } })).body).toMatchObject({ status: 404, answer: { message: 'Contact not found' }, problem: { code: 'RECORD_GONE', platformCode: 'CONTACT_NOT_FOUND', fix: expect.stringContaining('Send the contact first') } });
    answer = (response) => sendJson(response, 401, { errorType: 'AUTH_NOT_FOUND', message: 'Unknown key' });
    expect((await run('contact.get', { input: { externalId: 'P1' } })).body).toMatchObject({ status: 401, answer: { message: 'Unknown key' }, problem: { code: 'PLATFORM_LOGIN_REFUSED' } });
    answer = (response) => response.writeHead(500, { 'content-type': 'text/html' }).end('<html>');
    expect((await run('contact.get', { input: { externalId: 'P1' } })).body).toMatchObject({ status: 500, answer: null, problem: { code: 'PLATFORM_ERROR' } });
    answer = (response) => response.destroy();
    expect((await run('campaign.trigger', { confirm: true, input: { encryptedTriggerId: 't', body: { externalContactId: 'P1' } } })).body).toMatchObject({ status: null, problem: { code: 'PLATFORM_OUTCOME_UNKNOWN', fix: expect.stringContaining('only if not, send it again') } });
    answer = (response) => sendJson(response, 417, { result: 'NOT_TRIGGERED', automationResults: [{ automationId: 'a', result: 'AUTOMATION_INACTIVE' }] });
    expect((await run('automation.trigger', { confirm: true, input: { triggerCode: 't', body: { externalContactId: 'P1' } } })).body).toMatchObject({ status: 417, answer: { result: 'NOT_TRIGGERED' }, problem: { platformCode: 'AUTOMATION_INACTIVE' } });
    answer = (response) => sendJson(response, 200, { externalId: 'P1', created: 'long ago' });
    expect((await run('contact.get', { input: { externalId: 'P1' } })).body).toMatchObject({ status: 200, answer: { created: 'long ago' }, problem: null, note: expect.stringContaining('«created»') });
    expect(mailplus.seen).toHaveLength(6);
  });

  it('refuses what is wrong with the field, and sends nothing', async () => {
    const cases: readonly [operation: string, payload: object, field: string, connector?: string][] = [
      ['contact.get', { input: {} }, 'externalId'], ['contact.gets', {}, 'operation'], ['toString', {}, 'operation'], ['contact.get', { input: 7 }, 'input'], ['contact.get', { colour: 'red' }, 'body'],
      ['contact.inactivate', { input: { externalId: 'P1' } }, 'confirm'], ['contact.insert-list', { confirm: true, input: { body: { contacts: Array.from({ length: 101 }, () => contact) } } }, 'body.contacts'],
      ['contact.get', { input: { externalId: 'P1' } }, 'connectorId', 'coins-1'],
    ];
    for (const [operation, payload, field, connector] of cases) {
      const { status, body } = await run(operation, payload, connector);
      expect([operation, status, body.error]).toEqual([operation, 400, expect.objectContaining({ code: 'REQUEST_INVALID', field, fix: expect.stringMatching(/\w/) })]);
    }
    expect((await run('contact.gets', {})).body.error.message).toContain('contact.get,');
    expect((await run('contact.get', {}, 'nosuch-1')).body.error.code).toBe('CONNECTOR_UNKNOWN');
    expect((await run('contact.get', {}, 'mailplus-1', await gateway.token('viewer'))).body.error.code).toBe('TOKEN_NOT_ALLOWED');
    expect((await run('contact.get', {}, 'mailplus-1', await gateway.token('operator', { accountId: 'other' }))).body.error.code).toBe('CONNECTOR_UNKNOWN');
    expect(mailplus.seen).toEqual([]);
  });

  it('is in the audit, a change before it is sent, without its contents', async () => {
    let asked: unknown[] = [];
    const sent = run('contact.update', { confirm: true, input: { externalId: 'P1', body: { contact } } });
    answer = (response) => void audit().then((entries) => {
      asked = entries.filter(({ what }) => what === 'operation.asked').slice(0, 1);
      response.writeHead(204).end();
    });
    await sent;
    expect(asked).toMatchObject([{ who: 'operator of main', connectorId: 'mailplus-1', details: { operation: 'contact.update', ids: { externalId: 'P1' } } }]);
    expect((await audit())[0]).toMatchObject({ what: 'operation.answered', details: { operation: 'contact.update', status: 204, code: null } });
    answer = (response) => response.writeHead(204).end();
    for (const externalId of [address, '+44 7700 900123']) await run('contact.anonymize', { confirm: true, input: { externalId } });
    const entries = JSON.stringify(await audit());
    expect(entries).toContain('looks like an address');
    expect(entries + gateway.logged.join('\n')).not.toMatch(/ann@|7700|topsecret/);
  });
});

describe('hub mailplus operations', () => {
  it('lists each with a line, and what of it changes Mail+', async () => {
    const listed = JSON.parse((await hub('mailplus', 'operations', '--json')).out).operations;
    expect(listed.map(({ name }: { name: string }) => name)).toEqual(Object.keys(operations));
    expect(listed.find(({ name }: { name: string }) => name === 'contact.mailings')).toMatchObject({ changes: false, paging: 'fixed', input: [{ name: 'externalId', needed: true }, { name: 'after', needed: false }] });
    const { out } = await hub('mailplus', 'operations');
    expect(out.split('\n').slice(0, -2).map((line) => line.split(' ')[0])).toEqual(Object.keys(operations));
    expect(out).toMatch(/campaign\.trigger +writes, never twice +start a campaign for one contact/);
    expect(out).toMatch(/automation\.stop .*path assumed/);
    expect((await hub('mailplus', 'operations', 'nosuch')).out).toContain('no such operation');
  });

  it('tells of one what it needs', async () => {
    const { out } = await hub('mailplus', 'operations', 'campaign.trigger');
    expect(out).toMatch(/call +POST \/campaign\/trigger\/\{encryptedTriggerId\}\n.*has to be given +encryptedTriggerId, body\.externalContactId\nmay be given +body\.campaignFields/s);
    expect((await hub('mailplus', 'operations', 'audience.update')).out).toMatch(/externalId, body\.externalId, body\.name\n/);
    expect((await hub('mailplus', 'operations', 'contact.get')).out).not.toContain('contact.get-');
  });
});

describe('hub mailplus call', () => {
  it('reads at once, with the only connector of Mail+, and shows what was sent and what came', async () => {
    answer = (response) => sendJson(response, 200, { paging: {}, contacts: [contact] });
    const { code, out, err } = await hub('mailplus', 'call', 'contact.search', '{"MPSearchQuery":{"city":"Gouda"},"pageSize":1}');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/Sent {2}GET \/contact\/search\?MPSearchQuery=city=Gouda&after=0&pageSize=1\nAnswer {2}200\n/);
    expect(out).toContain(address);
    expect(out).not.toContain(secret);
  });

  it('takes the input behind --json too, or from standard input, and then prints one document', async () => {
    answer = (response) => sendJson(response, 200, contact);
    const document = JSON.parse((await hub('mailplus', 'call', 'contact.get', '--json', '{"externalId":"P1"}', '--connector', 'mailplus-1')).out);
    expect(document).toMatchObject({ operation: 'contact.get', sent: { ids: { externalId: 'P1' } }, answer: contact, problem: null });
    expect((await runHub({ ...cli, input: '{"externalId":"P2"}' }, 'mailplus', 'call', 'contact.get', '-')).out).toContain('GET /contact/P2');
  });

  it('asks before it changes Mail+, and a script has to say --yes', async () => {
    const call = ['mailplus', 'call', 'campaign.trigger', '{"encryptedTriggerId":"t1","body":{"externalContactId":"P1"}}'];
    const script = await hub(...call);
    expect([script.code, script.err]).toEqual([2, expect.stringContaining('--yes')]);
    expect((await hub(...call, '--json')).code).toBe(2);
    const no = await runHub({ ...cli, answer: () => 'no' }, ...call);
    expect([no.code, no.asked, no.err]).toEqual([2, [expect.stringContaining('A second call has a second effect.')], expect.stringContaining('Nothing was sent')]);
    expect(mailplus.seen).toEqual([]);
    expect((await runHub({ ...cli, answer: () => 'yes' }, ...call)).code).toBe(0);
    const told = await hub(...call, '--yes');
    expect([told.code, told.out]).toEqual([0, expect.stringMatching(/POST \/campaign\/trigger\/t1\n\{\n {2}"externalContactId": "P1"\n\}\n/)]);
    expect(mailplus.seen).toHaveLength(2);
  });

  it('ends with 1 and what to do when Mail+ refuses, and with the field when the input is wrong', async () => {
    answer = (response) => response.writeHead(401).end();
    const refused = await hub('mailplus', 'call', 'contact.get', '{"externalId":"P1"}');
    expect([refused.code, refused.out]).toEqual([1, expect.stringMatching(/Answer {2}401\n.*PLATFORM_LOGIN_REFUSED.*make an authentication.*eCommerce has one already/s)]);
    const wrong = await hub('mailplus', 'call', 'contact.get', '{"externalid":"P1"}');
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringMatching(/REQUEST_INVALID.*Where: +externalId.*What to do/s)]);
    for (const input of ['{', '[]', '7']) expect((await hub('mailplus', 'call', 'contact.get', input)).code).toBe(2);
    const unknown = await hub('mailplus', 'call', 'contact.gets', '{}');
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('hub mailplus operations')]);
    expect(mailplus.seen).toHaveLength(1);
  });
});
