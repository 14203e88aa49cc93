import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mailplus } from '../../platforms/mailplus/index.ts';
import type { PlatformContext } from '../../platforms/platform.ts';
import type { Subscription, WebForm } from '../../platforms/web-forms.ts';
import { accountFields } from './mailplus-account.ts';
import { mailplusContext } from './mailplus-context.ts';
import { sendJson, startRawServer, type RawServer } from './raw-server.ts';

/** Forms against a Mail+ that matches otherwise than hoped for, and breaks in the middle. */
let server: RawServer;
let context: PlatformContext;
let found: unknown;
let subscribe: (response: ServerResponse) => void;
const email = 'ann@people.example';
const consentName = 'Consent to Receive Email Marketing';
const submittedAt = '2026-05-01T10:00:00.000Z';

beforeAll(async () => {
  server = await startRawServer((request, response) => {
    if (request.url.includes('/subscription/')) subscribe(response);
    else sendJson(response, 200, found);
  });
  context = mailplusContext(server.url, { fields: [...accountFields, { name: 'discountCode', description: 'Discount code', type: 'string' }] });
});
afterAll(async () => server.close());
beforeEach(() => {
  server.seen.length = 0;
  found = { contacts: [] };
  subscribe = (response) => response.writeHead(204).end();
});

const contact = (properties: object, more: object = {}) => ({ encryptedId: 'e1', lastChanged: '2026-04-01T00:00:00Z', created: '2026-04-01T00:00:00Z', properties, ...more });
const urls = () => server.seen.map(({ method, url }) => `${method} ${decodeURIComponent(url.replace(/&?(pageSize|after)=\d+/g, ''))}`);

describe('a form that searches', () => {
  const form: WebForm = { name: 'offer', origins: [], search: ['discountCode'], answer: ['firstName', 'freeField1'], permissions: [], wording: null };
  const search = (discountCode: string) => mailplus.searchForForm(context, form, { discountCode });
  const ann = contact({ discountCode: 'SPRING-7Q2X', firstName: 'Ann', lastName: 'Hill' });

  it('takes only who really has the code, whatever Mail+ takes for a match', async () => {
    found = { contacts: [contact({ discountCode: 'SPRING-7Q2XY', firstName: 'Other' }), contact({ firstName: 'None' }), contact({ discountCode: null }), { encryptedId: 'e2' }] };
    expect(await search('SPRING-7Q2X')).toEqual({ found: false });
    found = { contacts: [contact({ discountCode: 'SPRING-7Q2XY', firstName: 'Other' }), ann] };
    expect(await search('spring-7q2x')).toEqual({ found: true, values: { firstName: 'Ann' } });
    found = [ann];
    expect(await search('SPRING-7Q2X')).toEqual({ found: true, values: { firstName: 'Ann' } });
  });

  it('takes nobody while there may be another who has it', async () => {
    found = { contacts: [ann, contact({ discountCode: 'Spring-7Q2X', firstName: 'Other' })] };
    expect(await search('SPRING-7Q2X')).toEqual({ found: false });
    found = { contacts: [ann], paging: { next: 'https://restapi.mailplus.nl/integrationservice/contact/search?after=100' } };
    expect(await search('SPRING-7Q2X')).toEqual({ found: false });
  });

  it('answers plain values only', async () => {
    found = { contacts: [contact({ discountCode: 'C1', firstName: { secret: 1 }, freeField1: 0 })] };
    expect(await search('C1')).toEqual({ found: true, values: { freeField1: 0 } });
  });

  it('asks for the properties once more when it names one that was not known, and is refused when that does not help', async () => {
    found = [{ name: 'email', type: 'email' }];
    await expect(mailplus.searchForForm(context, { ...form, answer: ['colour'] }, { discountCode: 'C1' })).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID', facts: { field: 'settings.forms.offer' } });
    expect(urls()).toEqual(['GET /contact/properties/list']);
  });
});

describe('a form that subscribes', () => {
  const noted: boolean[] = [];
  beforeEach(() => void noted.splice(0));
  const send = (more: Partial<Subscription> = {}) => mailplus.subscribe(context, { email, permissionKeys: ['permissions:2'], at: submittedAt, evidence: 'form «newsletter»', begunAt: null, ...more }, async (begun) => void noted.push(begun));
  const withBit = (enabled: boolean, more: object = {}) => contact({ email, permissions: [{ bit: 2, enabled }, { bit: 1, enabled: true }] }, more);

  it('sends address and permissions and nothing else, and states the consent where Mail+ shows it', async () => {
    found = { contacts: [withBit(true, { externalId: 'P1' }), withBit(false, { encryptedId: 'e2' }), contact({ email: `${email}.test`, permissions: [{ bit: 2, enabled: true }] })] };
    const outcome = await send({ permissionKeys: ['permissions:2', 'permissions:4'] });
    expect([urls(), JSON.parse(server.seen[0]?.body ?? '')]).toEqual([
      ['POST /subscription/subscribe', `GET /contact/search?MPSearchQuery=email=${email}`],
      { properties: { email, permissions: [{ bit: 2, enabled: true }, { bit: 4, enabled: true }] } },
    ]);
    expect(outcome).toMatchObject({ kind: 'stored', rows: [
      { externalId: 'P1', consents: [{ permission: consentName, heldKey: 'permissions:2', granted: true, at: submittedAt, evidence: 'form «newsletter»' }], observedPermissions: {} },
      { externalId: 'enc:e2', consents: [], observedPermissions: { [consentName]: 'permissions:2' } },
    ] });
    expect(noted).toEqual([true]);
  });

  it('states nothing while Mail+ does not show the permission, as where it is to be confirmed first', async () => {
    found = { contacts: [withBit(false)] };
    expect(await send()).toMatchObject({ kind: 'stored', rows: [{ consents: [], observedPermissions: { [consentName]: 'permissions:2' } }] });
    found = { contacts: [] };
    expect(await send()).toMatchObject({ kind: 'stored', rows: [] });
  });

  it('gives a refusal of Mail+ to a person, and its failures to the ladder', async () => {
    subscribe = (response) => sendJson(response, 400, { errorType: 'INVALID_PROPERTY', message: `Property is invalid: ${email}` });
    const refused = await send();
    expect(refused).toMatchObject({ kind: 'refused', error: { code: 'RECORD_REFUSED' } });
    expect(JSON.stringify(refused)).not.toContain('people.example');
    for (const [status, body, code] of [[400, { errorType: 'BACKEND_EXCEPTION', message: '' }, 'PLATFORM_ERROR'], [500, {}, 'PLATFORM_ERROR'], [429, {}, 'PLATFORM_RATE_LIMITED'], [401, {}, 'PLATFORM_LOGIN_REFUSED']] as const) {
      subscribe = (response) => sendJson(response, status, body);
      await expect(send()).rejects.toMatchObject({ code });
    }
    expect(noted).toEqual([true, true, true, true, false, true, false]);
  });

  it('notes that it may have arrived when the connection breaks, and that it did not when none was made', async () => {
    subscribe = (response) => response.destroy();
    await expect(send()).rejects.toMatchObject({ code: 'PLATFORM_RESET' });
    expect(noted).toEqual([true]);
    const nowhere = mailplusContext('http://127.0.0.1:9', { fields: context.fields });
    await expect(mailplus.subscribe(nowhere, { email, permissionKeys: ['permissions:2'], at: submittedAt, evidence: '', begunAt: null }, async (begun) => void noted.push(begun))).rejects.toMatchObject({ code: 'PLATFORM_UNREACHABLE' });
    expect(noted).toEqual([true, true, false]);
  });

  it('looks before it sends again: what is on is done, what is off and untouched is sent, what was touched since is nobody\'s guess', async () => {
    const begunAt = '2026-05-01T10:00:01.000Z';
    found = { contacts: [withBit(true, { lastChanged: '2026-05-01T10:00:02Z' })] };
    expect(await send({ begunAt })).toMatchObject({ kind: 'stored', rows: [{ consents: [{ at: submittedAt }] }] });
    expect(urls()).toEqual([`GET /contact/search?MPSearchQuery=email=${email}`]);
    for (const lastChanged of ['2026-05-01T10:05:00Z', '2026-05-01T09:59:30Z', undefined]) {
      found = { contacts: [withBit(false, { lastChanged })] };
      expect([lastChanged, await send({ begunAt })]).toMatchObject([lastChanged, { kind: 'refused', error: { code: 'PLATFORM_OUTCOME_UNKNOWN', fix: expect.stringContaining('hub failed retry') } }]);
    }
    expect(noted).toEqual([]);
    for (const contacts of [[], [withBit(false, { lastChanged: '2026-05-01T09:58:00Z' })]]) {
      found = { contacts };
      expect(await send({ begunAt })).toMatchObject({ kind: 'stored' });
    }
    expect(noted).toEqual([true, true]);
  });

  it('sends an address that cannot be searched once, and asks a person rather than twice', async () => {
    expect(await send({ email: 'a&b@people.example' })).toMatchObject({ kind: 'stored', rows: [] });
    expect(urls()).toEqual(['POST /subscription/subscribe']);
    expect(await send({ email: 'a&b@people.example', begunAt: submittedAt })).toMatchObject({ kind: 'refused' });
    expect(urls()).toEqual(['POST /subscription/subscribe']);
  });
});
