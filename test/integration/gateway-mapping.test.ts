import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { platforms } from '../../platforms/registry.ts';
import { defaultProperties } from '../../sandbox/mailplus/default-properties.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { hub as runHub, type CliResult, type CliSetting } from '../support/cli-fixture.ts';
import { startGateway, type GatewayFixture } from '../support/gateway-fixture.ts';

let gateway: GatewayFixture;
let mail: MailplusSandbox;
let cli: CliSetting;
let tokens: Record<'admin' | 'operator' | 'viewer' | 'other', string>;
const text = { name: 'profileField1', description: 'Profile field 1', type: 'string' } as const;
const interests = { name: 'list1', description: 'Interests', type: 'set', entries: [{ bit: 1, description: 'Golf', rank: 1 }] } as const;

beforeAll(async () => {
  mail = await startMailplusSandbox({ properties: [...defaultProperties, text, interests] });
  gateway = await startGateway({ deps: { platforms } });
  const [admin, operator, viewer, other] = [await gateway.token('admin'), await gateway.token('operator'), await gateway.token('viewer'), await gateway.token('admin', { accountId: 'other' })];
  tokens = { admin, operator, viewer, other };
  cli = { url: await gateway.app.listen({ port: 0, host: '127.0.0.1' }), token: admin };
  for (const [platform, settings, credentials, skipCheck] of [['mailplus', { baseUrl: mail.url }, { key: 'sandbox-key', secret: 'sandbox-secret' }, false], ['coins', { baseUrl: 'http://coins.example' }, { apiToken: 't' }, true]] as const) {
    const added = await call('POST', '/connectors', { platform, settings, credentials, skipCheck });
    expect([added.status, added.body]).toEqual([201, expect.anything()]);
  }
});
afterAll(async () => {
  await gateway.stop();
  await mail.close();
});
beforeEach(async () => {
  mail.state.setPropertyVisible('profileField1', true);
  await call('POST', '/connectors/mailplus-1/fields/refresh');
  await call('PATCH', '/connectors/mailplus-1/mapping', { reset: 'all' });
  await sql`delete from mapping_run`.execute(gateway.db);
  gateway.commanded.length = 0;
});

async function call(method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object, who: keyof typeof tokens = 'admin') {
  const response = await gateway.app.inject({ method, url: `/api/v1${path}`, headers: gateway.bearer(tokens[who]), ...(payload === undefined ? {} : { payload }) });
  return { status: response.statusCode, body: response.json() };
}
const mapping = '/connectors/mailplus-1/mapping';
const hub = (...args: readonly string[]): Promise<CliResult> => runHub(cli, ...args);
const audit = async () => (await call('GET', '/audit?limit=1')).body.entries[0];
const versions = async () => (await gateway.db.selectFrom('mapping').select(['version', 'entries', 'who']).where('connector_id', '=', 'mailplus-1').orderBy('version').execute());

describe('the mapping over the API', () => {
  it('shows the defaults, with what the account lacks', async () => {
    const { status, body } = await call('GET', mapping, undefined, 'viewer');
    expect(status).toBe(200);
    expect(body.lines).toContainEqual({ field: 'city', property: 'city', direction: 'both', from: 'default', type: 'string', heldBack: null, goneSince: null });
    expect(body).toMatchObject({ connectorId: 'mailplus-1', remap: null });
  });

  it('is changed as another version, with its audit, and stored contacts follow', async () => {
    const before = (await versions()).length;
    const { status, body } = await call('PATCH', mapping, { set: [{ field: 'extra.levelOfInterest', property: 'profileField1' }, { field: 'extra.golf', property: 'list1:1', direction: 'out' }] });
    expect([status, body.version, body.changedBy]).toEqual([200, before + 1, 'admin of main']);
    expect(body.notes.join(' ')).toMatch(/only what differs is sent.*keeps its value.*read anew/);
    expect(body.lines.filter(({ from }: { from: string }) => from === 'mapping')).toEqual([
      expect.objectContaining({ field: 'extra.golf', property: 'list1:1', direction: 'out', type: 'switch' }), expect.objectContaining({ field: 'extra.levelOfInterest', property: 'profileField1', direction: 'both' }),
    ]);
    expect(body.remap).toMatchObject({ state: 'running', percent: 0 });
    expect(gateway.commanded).toEqual(['remap mailplus-1']);
    expect(await audit()).toMatchObject({ what: 'mapping.changed', who: 'admin of main', connectorId: 'mailplus-1', details: { version: before + 1, set: ['extra.levelOfInterest=profileField1 (both)', 'extra.golf=list1:1 (out)'], reset: [] } });
    const status1 = (await call('GET', '/status')).body.connectors.find(({ connector }: { connector: { id: string } }) => connector.id === 'mailplus-1');
    expect(status1.mapping).toMatchObject({ remap: { state: 'running' }, heldBack: [] });
    await sql`update mapping_run set state = 'done', before = null`.execute(gateway.db);
    await call('PATCH', mapping, { reset: ['extra.golf'] });
    expect((await versions()).slice(before).map(({ version, entries }) => [version, entries.length])).toEqual([[before + 1, 2], [before + 2, 1]]);
  });

  it('makes no version and no work of what changes nothing', async () => {
    const before = await versions();
    expect((await call('PATCH', mapping, { reset: ['city'] })).body.notes).toEqual(['Nothing was to be changed.']);
    expect([await versions(), gateway.commanded]).toEqual([before, []]);
    expect((await call('PATCH', mapping, { set: [{ field: 'city', property: 'city' }] })).body.notes).toEqual([expect.stringContaining('in force already')]);
    expect((await call('GET', mapping)).body.remap).toBeNull();
  });

  it.each([
    [{ set: [{ field: 'extra.plot', property: 'nosuch' }] }, 400, 'MAPPING_INVALID', 'extra.plot'], [{ set: [{ field: 'firstName', property: 'freeField1' }] }, 400, 'MAPPING_INVALID', 'firstName'], [{ set: [{ field: 'extra.id', property: 'encryptedId' }] }, 400, 'MAPPING_INVALID', 'extra.id'],
    [{ set: [{ field: 'city' }] }, 400, 'REQUEST_INVALID', 'set.0.property'], [{ set: [{ field: 'city', property: 'city', direction: 'up' }] }, 400, 'REQUEST_INVALID', 'set.0.direction'], [{ colour: 1 }, 400, 'REQUEST_INVALID', 'body'],
  ])('refuses %j with the field', async (payload, status, code, field) => {
    const before = await versions();
    const answer = await call('PATCH', mapping, payload);
    expect([answer.status, answer.body.error]).toEqual([status, expect.objectContaining({ code, field, fix: expect.stringMatching(/\w/) })]);
    expect([await versions(), gateway.commanded]).toEqual([before, []]);
  });

  it('belongs to its account, to admins, and to platforms with something to map', async () => {
    expect((await call('PATCH', mapping, { reset: 'all' }, 'operator')).body.error.code).toBe('TOKEN_NOT_ALLOWED');
    for (const path of [mapping, '/connectors/mailplus-1/fields']) expect((await call('GET', path, undefined, 'other')).body.error.code).toBe('CONNECTOR_UNKNOWN');
    expect((await call('GET', '/connectors/coins-1/mapping')).body.error).toMatchObject({ code: 'REQUEST_INVALID', message: expect.stringContaining('fixed') });
  });
});

describe('the setting properties', () => {
  const setTo = (properties: object) => call('PATCH', '/connectors/mailplus-1', { settings: { properties } });

  it('goes on as the default of the mapping: checked, and stored contacts follow', async () => {
    expect((await setTo({ 'extra.levelOfInterest': 'profileField1' })).status).toBe(200);
    expect(gateway.commanded).toContain('remap mailplus-1');
    expect((await call('GET', mapping)).body.lines).toContainEqual(expect.objectContaining({ field: 'extra.levelOfInterest', property: 'profileField1', from: 'default' }));
    await sql`update mapping_run set state = 'done', before = null`.execute(gateway.db);
    expect((await setTo({ 'extra.levelOfInterest': 'nosuch' })).body.error).toMatchObject({ code: 'MAPPING_INVALID', field: 'extra.levelOfInterest' });
    expect((await setTo({ firstName: 'freeField1' })).body.error).toMatchObject({ code: 'MAPPING_INVALID', field: 'firstName' });
    gateway.commanded.length = 0;
    expect((await call('PATCH', '/connectors/mailplus-1', { settings: { smsChannel: true } })).status).toBe(200);
    expect(gateway.commanded).toEqual(['start mailplus-1']);
    expect((await setTo({})).status).toBe(200);
  });
});

describe('the fields of the account', () => {
  it('are kept, read again on request, and what is gone is shown with since when', async () => {
    await call('PATCH', mapping, { set: [{ field: 'extra.levelOfInterest', property: 'profileField1' }] });
    mail.state.setPropertyVisible('profileField1', false);
    expect((await call('GET', '/connectors/mailplus-1/fields', undefined, 'viewer')).body.fields).toContainEqual({ ...text, readOnly: null, switches: [] });
    gateway.commanded.length = 0;
    const { body } = await call('POST', '/connectors/mailplus-1/fields/refresh', undefined, 'operator');
    expect(body.gone).toEqual([{ name: 'profileField1', since: body.readAt }]);
    expect(body.fields).toContainEqual({ name: 'list1', type: 'set', description: 'Interests', readOnly: null, switches: [{ name: 'list1:1', description: 'Golf' }] });
    expect(gateway.commanded).toEqual(['remap mailplus-1']);
    expect(await audit()).toMatchObject({ what: 'fields.changed', details: { changed: ['profileField1'], gone: ['profileField1'] } });
    const shown = await hub('status');
    expect(shown.out).toMatch(/Held back.*extra\.levelOfInterest: the account does not show «profileField1» any more, since .*all other fields go on/);
    expect((await hub('mapping', 'show', 'mailplus-1')).out).toContain('the account does not show this property any more, since');
    await call('POST', '/connectors/mailplus-1/check');
    expect((await call('GET', '/connectors/mailplus-1/fields')).body.gone).toHaveLength(1);
  });

  it('stay as they were when the platform does not answer', async () => {
    const before = (await call('GET', '/connectors/mailplus-1/fields')).body;
    mail.state.addFault({ action: 'html500', path: '/contact/properties/list', count: 1 });
    expect((await call('POST', '/connectors/mailplus-1/fields/refresh')).body.error.code).toBe('PLATFORM_ERROR');
    expect((await call('GET', '/connectors/mailplus-1/fields')).body).toEqual(before);
  });
});

describe('hub mapping', () => {
  it('sets, shows and resets', async () => {
    const set = await hub('mapping', 'set', 'mailplus-1', 'extra.levelOfInterest=profileField1', 'city=', '--direction', 'out');
    expect(set.out).not.toMatch(/levelOfInterest.*is read from/);
    expect([set.code, set.out]).toEqual([0, expect.stringMatching(/Version \d+ is in force.*city.*is read from.*city.*is written to.*\(left out\).*extra\.levelOfInterest.*is written to.*profileField1.*Stored contacts: 0 %/s)]);
    expect((await hub('status')).out).toMatch(/Mapping +stored contacts are brought in line: ░+ 0 %/);
    const shown = JSON.parse((await hub('mapping', 'show', 'mailplus-1', '--json')).out);
    expect(shown.lines).toContainEqual(expect.objectContaining({ field: 'city', direction: 'out', property: null, from: 'mapping' }));
    const reset = await hub('mapping', 'reset', 'mailplus-1', 'city');
    expect(reset.out).not.toContain('left out');
    expect((await hub('mapping', 'reset', 'mailplus-1')).out).not.toContain('levelOfInterest');
    expect((await hub('mapping', 'reset', 'mailplus-1')).out).toContain('Nothing was to be changed.');
  });

  it('says what is wrong and where, and what to do', async () => {
    const wrong = await hub('mapping', 'set', 'mailplus-1', 'extra.plot=nosuch');
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringMatching(/MAPPING_INVALID.*no property «nosuch».*Where: +extra\.plot.*hub connector fields/s)]);
    for (const args of [['extra.plot'], ['=x'], ['city=city', '--direction', 'up']]) expect((await hub('mapping', 'set', 'mailplus-1', ...args)).code).toBe(2);
  });

  it('lists the fields of the account', async () => {
    expect((await hub('connector', 'fields', 'mailplus-1')).out).toMatch(/Read at .*freeField1 +│ int.*list1:1 +│ switch +│ Golf/s);
    expect((await hub('connector', 'fields', 'mailplus-1', '--refresh', '--json')).out).toContain('"gone": []');
  });
});
