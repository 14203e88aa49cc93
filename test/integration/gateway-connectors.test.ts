import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HubError } from '../../domain/errors.ts';
import { permissionFields, startGateway, type GatewayFixture } from '../support/gateway-fixture.ts';

let gateway: GatewayFixture;
let admin: string;

beforeAll(async () => {
  gateway = await startGateway();
  admin = await gateway.token('admin');
});
afterAll(async () => gateway.stop());
beforeEach(() => {
  gateway.platforms.failure = undefined;
});

const mailplus = { platform: 'mailplus', credentials: { consumerKey: 'key', consumerSecret: 'topsecret-mailplus' } };
const coins = { platform: 'coins', settings: { baseUrl: 'http://coins.example' }, credentials: { apiToken: 'topsecret-coins' } };

async function post(path: string, payload: object, token = admin) {
  return gateway.app.inject({ method: 'POST', url: `/api/v1${path}`, headers: gateway.bearer(token), payload });
}

async function get(path: string, token = admin) {
  return gateway.app.inject({ method: 'GET', url: `/api/v1${path}`, headers: gateway.bearer(token) });
}

describe('adding connectors', () => {
  it('refuses what is wrong, names the part, and stores nothing', async () => {
    const cases: readonly [object, string, string][] = [
      [{ platform: 'nosuch' }, 'REQUEST_INVALID', 'platform'],
      [{ ...mailplus, platform: 7 }, 'REQUEST_INVALID', 'platform'],
      [{ ...mailplus, nonsense: 1 }, 'REQUEST_INVALID', 'body'],
      [{ ...mailplus, preset: 'crm' }, 'PRESET_REFUSED', 'preset'],
      [{ ...mailplus, preset: 'nosuch' }, 'PRESET_REFUSED', 'preset'],
      [{ ...mailplus, id: 'Not a slug' }, 'REQUEST_INVALID', 'id'],
      [{ ...mailplus, settings: { baseUrl: 'nonsense' } }, 'CONFIGURATION_INVALID', 'settings.baseUrl'],
      [{ ...mailplus, settings: { colour: 'red' } }, 'CONFIGURATION_INVALID', 'settings.colour'],
      [{ ...mailplus, settings: { pullMarginMs: 1_000 } }, 'CONFIGURATION_INVALID', 'settings.pullMarginMs'],
      [{ ...mailplus, settings: { pullIntervalMs: 'often' } }, 'CONFIGURATION_INVALID', 'settings.pullIntervalMs'],
      [{ ...mailplus, credentials: { consumerKey: 'key' } }, 'CONFIGURATION_INVALID', 'credentials.consumerSecret'],
      [{ ...mailplus, credentials: { ...mailplus.credentials, pin: '1' } }, 'CONFIGURATION_INVALID', 'credentials.pin'],
    ];
    for (const [payload, code, field] of cases) {
      const answer = await post('/connectors', payload);
      expect({ status: answer.statusCode, ...answer.json().error }).toMatchObject({ status: expect.any(Number), code, field, fix: expect.stringMatching(/\w/) });
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.statusCode).toBeLessThan(500);
    }
    expect((await post('/connectors', { ...mailplus, settings: { colour: 'red' } })).json().error.message).toContain('optInStrategy');
    expect((await get('/connectors')).json()).toEqual({ connectors: [] });
  });

  it('asks the platform first: a refused login is told and nothing is stored', async () => {
    gateway.platforms.failure = new HubError('PLATFORM_LOGIN_REFUSED');
    const answer = await post('/connectors', mailplus);
    expect(answer.statusCode).toBe(502);
    expect(answer.json().error.code).toBe('PLATFORM_LOGIN_REFUSED');
    expect((await get('/connectors')).json().connectors).toHaveLength(0);
  });

  it('stores connectors in the onboarding order, links the default permission by name, and starts them', async () => {
    const first = await post('/connectors', mailplus);
    expect(first.statusCode).toBe(201);
    expect(first.json()).toMatchObject({ connector: { id: 'mailplus-1', preset: 'marketing-automation', phase: 'onboarding', inboundUrl: null }, started: true });
    const second = await post('/connectors', coins);
    expect(second.json()).toMatchObject({ connector: { id: 'coins-1', preset: 'crm', permissions: { 'Consent to Receive Email Marketing': 'consent:EMAIL_MKT' } }, warnings: [], sourceToken: expect.stringMatching(/^hub_/) });
    expect(second.json().connector.inboundUrl).toMatch(/^http:\/\/[^/]+\/inbound\/coins\/coins-1$/);
    expect((await get('/connectors/mailplus-1')).json().permissions).toEqual({ 'Consent to Receive Email Marketing': 'permissions:2' });
    expect(gateway.commanded).toEqual(['start mailplus-1', 'start coins-1']);
  });

  it('keeps credentials sealed and shows them to nobody', async () => {
    const row = await gateway.db.selectFrom('connector').selectAll().where('id', '=', 'mailplus-1').executeTakeFirstOrThrow();
    expect(JSON.stringify(row)).not.toContain('topsecret');
    const shown = await get('/connectors/mailplus-1');
    expect(shown.body).not.toContain('topsecret');
    expect(shown.json().credentials).toEqual(['consumerKey', 'consumerSecret']);
    expect(gateway.deps.secrets.open(row.credentials, 'connector/mailplus-1')).toContain('topsecret-mailplus');
    expect(gateway.logged.join('\n')).not.toMatch(/topsecret|hub_[A-Za-z0-9]/);
  });

  it('refuses an id that is taken, also by another account', async () => {
    const mine = await post('/connectors', { ...mailplus, id: 'mailplus-1' });
    expect([mine.statusCode, mine.json().error.code]).toEqual([409, 'CONNECTOR_EXISTS']);
    const stranger = await gateway.token('admin', { accountId: 'other' });
    const theirs = await post('/connectors', { ...mailplus, id: 'mailplus-1' }, stranger);
    expect([theirs.statusCode, theirs.json().error.code]).toEqual([409, 'CONNECTOR_EXISTS']);
  });

  it('refuses a class whose turn has passed and says the order, unless overridden', async () => {
    const account = await gateway.token('admin', { accountId: 'late' });
    expect((await post('/connectors', { ...coins, id: 'late-coins' }, account)).statusCode).toBe(201);
    const refused = await post('/connectors', { ...mailplus, id: 'late-mailplus' }, account);
    expect([refused.statusCode, refused.json().error.code]).toEqual([409, 'ONBOARDING_ORDER']);
    expect(refused.json().error.message).toContain('Marketing automation; Primary sales channel');
    const accepted = await post('/connectors', { ...mailplus, id: 'late-mailplus', override: true }, account);
    expect(accepted.statusCode).toBe(201);
    expect(accepted.json().connector.permissions).toEqual({ 'Consent to Receive Email Marketing': 'permissions:2' });
  });

  it('lets only a test connector pull with a lower margin, and says that it is one', async () => {
    const account = await gateway.token('admin', { accountId: 'tests' });
    const answer = await post('/connectors', { ...mailplus, id: 'test-mailplus', test: true, settings: { pullMarginMs: 0, pullIntervalMs: 1_000 } }, account);
    expect(answer.json()).toMatchObject({ connector: { test: true, pullMarginMs: 0, pullIntervalMs: 1_000 }, warnings: [expect.stringContaining('test connector')] });
    expect((await get('/connectors/mailplus-1')).json()).toMatchObject({ test: false, pullMarginMs: 600_000, pullIntervalMs: 300_000 });
  });
});

describe('permissions without a counterpart', () => {
  it('are a warning when the connector is added, fail the check with the names there are, and are linked by hand', async () => {
    const account = await gateway.token('admin', { accountId: 'unlinked' });
    gateway.platforms.mailplusFields = permissionFields('Newsletter', 'Events');
    await post('/connectors', { ...mailplus, id: 'unlinked-mailplus' }, account);
    const added = await post('/connectors', { ...coins, id: 'unlinked-coins' }, account);
    expect(added.json().warnings).toEqual([expect.stringContaining('«Newsletter», «Events»')]);
    const check = await post('/connectors/unlinked-coins/check', {}, account);
    expect(check.json()).toMatchObject({ ok: false, problems: [{ code: 'PERMISSION_UNLINKED', message: expect.stringContaining('«Events»') }] });
    const changed = await gateway.app.inject({ method: 'PATCH', url: '/api/v1/connectors/unlinked-coins', headers: gateway.bearer(account), payload: { settings: { permissionKey: 'events' } } });
    expect(changed.json()).toMatchObject({ warnings: [], connector: { settings: { permissionKey: 'events' } } });
    expect((await post('/connectors/unlinked-coins/check', {}, account)).json()).toMatchObject({ ok: true, problems: [] });
    expect((await get('/connectors/unlinked-mailplus', account)).json().permissions).toEqual({ 'Consent to Receive Email Marketing': 'permissions:2' });
  });
});

describe('a token of another account', () => {
  it('sees and changes nothing', async () => {
    const stranger = await gateway.token('admin', { accountId: 'other' });
    expect((await get('/connectors', stranger)).json().connectors).toEqual([]);
    for (const [method, url] of [['GET', '/connectors/coins-1'], ['PATCH', '/connectors/coins-1'], ['POST', '/connectors/coins-1/check']] as const) {
      const answer = await gateway.app.inject({ method, url: `/api/v1${url}`, headers: gateway.bearer(stranger), ...(method === 'GET' ? {} : { payload: {} }) });
      expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'CONNECTOR_UNKNOWN']);
    }
  });
});
