import { afterEach, describe, expect, it } from '@jest/globals';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { coinsSettings } from '../../platforms/coins/settings.ts';
import { mailplusSettingsSchema } from '../../platforms/mailplus/settings.ts';
import { mailplusContext, type ContextChanges } from './mailplus-context.ts';
import { sendJson, startRawServer, type RawServer } from './raw-server.ts';

const servers: RawServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const email = { name: 'email', description: 'E-mail', type: 'email' };
const permissions = { name: 'permissions', description: 'Permissions', type: 'set', entries: [{ bit: 2, description: 'Consent to Receive Email Marketing', rank: 1 }] };

async function serving(status: number, body: unknown): Promise<string> {
  const server = await startRawServer((_, response) => sendJson(response, status, body));
  servers.push(server);
  return server.url;
}
const check = async (status: number, body: unknown, changes: ContextChanges = {}) => mailplus.checkConnection(mailplusContext(await serving(status, body), changes));

describe('checking a Mail+ connection', () => {
  it('advises on what the account lacks', async () => {
    const { notes } = await check(200, [email, permissions, { name: 'postalCode', type: 'postcode' }]);
    expect(notes.join('\n')).toMatch(/no property «firstName».*\n.*Dutch postcodes only.*\n.*external id/);
  });

  it.each([401, 403])('says with %i what to do in Mail+', async (status) => {
    await expect(check(status, { errorType: 'AUTH_NOT_FOUND', message: 'x' })).rejects.toMatchObject({
      code: 'PLATFORM_LOGIN_REFUSED', message: expect.stringMatching(/REST API activated.*authentication/), facts: { status },
    });
  });

  it.each([[200, 'hello'], [200, { properties: [] }], [404, null], [200, [{ name: 'email' }]]])('blames the address when %i %j is no answer of Mail+', async (status, body) => {
    await expect(check(status, body)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID', facts: { field: 'baseUrl' } });
  });

  it('needs the e-mail address and the permissions', async () => {
    await expect(check(200, [permissions])).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID', message: expect.stringContaining('«email»') });
    await expect(check(200, [email])).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID', message: expect.stringContaining('«permissions»') });
    await expect(check(200, [{ ...email, name: 'mail' }, permissions], { settings: { properties: { email: 'mail' } } })).resolves.toBeDefined();
  });

  it('names the linked permission that is not there', async () => {
    const permissionKeys = { 'Consent to Receive SMS Marketing': 'permissions:8' };
    await expect(check(200, [email, permissions], { permissionKeys })).rejects.toMatchObject({ code: 'PERMISSION_UNLINKED', message: expect.stringContaining('permissions:8') });
  });

  it('discovers the properties with a key for each switch', async () => {
    const fields = await mailplus.discoverFields(mailplusContext(await serving(200, [email, permissions, { name: 'list1', type: 'set', entries: null }])));
    expect(fields).toEqual([
      { name: 'email', description: 'E-mail', type: 'email' },
      { name: 'permissions', description: 'Permissions', type: 'set', entries: [{ key: 'permissions:2', description: 'Consent to Receive Email Marketing' }] },
      { name: 'list1', description: 'list1', type: 'set', entries: [] },
    ]);
  });
});

describe('settings of a Mail+ connector', () => {
  it.each([mailplusSettingsSchema, coinsSettings])('take an interval of pulls up to a day, and say so above it', (schema) => {
    const judge = (pullIntervalMinutes: unknown) => schema.safeParse({ baseUrl: 'https://mail.example', pullIntervalMinutes });
    expect([judge(1_440).success, judge('1440').success, judge(1).success]).toEqual([true, true, true]);
    expect(judge(1_441).error?.issues).toMatchObject([{ path: ['pullIntervalMinutes'], message: expect.stringContaining('1440') }]);
    expect([judge(0).success, judge('often').success]).toEqual([false, false]);
  });

  it('has a default for everything', () => {
    expect(mailplusSettingsSchema.parse({})).toEqual({
      baseUrl: 'https://restapi.mailplus.nl/integrationservice', timeZone: 'Europe/Amsterdam', optInStrategy: 'both', pullIntervalMinutes: 60, properties: {},
      foreignPostcodeProperty: null, defaultCountry: 'NL', removeOldestList: false, smsChannel: false, bounceFeed: 'bounces', formResults: true, forms: {}, cartAutomation: null, selections: 'lists', externalIdField: null,
      reports: 'off', reportsIntervalMinutes: 60, reportsFollowDays: 30, reportsFrom: null, whenDeleted: 'keep',
    });
  });

  it.each([
    ['{"trigger":"t-1"}', { trigger: 't-1', products: 'productlist', link: 'linktocart' }], ['null', null], ['', null], [{ trigger: 't-1', link: 'cart', products: 'what' }, { trigger: 't-1', link: 'cart', products: 'what' }],
  ])('takes %j for the automation of carts', (given, cartAutomation) => {
    expect(mailplusSettingsSchema.parse({ cartAutomation: given })).toMatchObject({ cartAutomation });
  });

  it('takes the texts of a command line', () => {
    expect(mailplusSettingsSchema.parse({
      baseUrl: 'http://127.0.0.1:8080/integrationservice/', pullIntervalMinutes: '0.5', removeOldestList: 'true', smsChannel: 'false', properties: '{"city":null}', foreignPostcodeProperty: 'null',
    })).toMatchObject({ baseUrl: 'http://127.0.0.1:8080/integrationservice', pullIntervalMinutes: 0.5, removeOldestList: true, smsChannel: false, properties: { city: null }, foreignPostcodeProperty: null });
  });

  it.each([
    { baseUrl: 'ftp://x.example' }, { baseUrl: 'https://a:b@x.example' }, { baseUrl: 'https://x.example?a=1' }, { timeZone: 'Mars/Olympus' }, { pullIntervalMinutes: 0 }, { optInStrategy: 'all' },
    { removeOldestList: 'perhaps' }, { cartAutomation: '{}' }, { cartAutomation: '{"trigger":"t","link":"to cart"}' }, { properties: 'no JSON' }, { properties: { city: '' } }, { colour: 'red' }, { bounceFeed: 'both' }, { whenDeleted: 'erase' }, { defaultCountry: 'nl' },
  ])('refuses %j', (settings) => expect(mailplusSettingsSchema.safeParse(settings).success).toBe(false));
});
