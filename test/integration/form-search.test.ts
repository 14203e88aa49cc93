import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { hub } from '../support/cli-fixture.ts';
import { formSettings, openFormWorld, shopOrigin, type FormWorld, type PageFacts } from '../support/form-world.ts';

/** Forms of web pages that search, over real HTTP against the sandbox Mail+. */
let world: FormWorld;

beforeAll(async () => {
  world = await openFormWorld();
  world.mail.state.seedContacts([
    { externalId: 'P1', properties: { email: 'ann@people.example', firstName: 'Ann', lastName: 'Hill', discountCode: 'SPRING-7Q2X', freeField1: 7 } },
    { externalId: 'P2', properties: { email: 'bob@people.example', firstName: 'Bob', discountCode: 'SHARED-1' } },
    { externalId: 'P3', properties: { email: 'cat@people.example', firstName: 'Cat', discountCode: 'SHARED-1' } },
    { properties: { email: 'dan@people.example', firstName: 'Dan', discountCode: 'A=B/7%' } },
  ]);
});
afterAll(async () => world.close());
beforeEach(() => {
  world.mail.state.clearFaults();
  world.mail.state.clearJournal();
  world.gateway.logged.length = 0;
});

const search = (values: unknown, page?: PageFacts, form = 'offer') => world.send(form, 'search', { values }, page);
const asked = () => world.mail.state.journal().filter(({ path }) => path === '/contact/search').map(({ method, path, query }) => [`${method} ${path}`, query['MPSearchQuery']]);
const personal = /people\.example|Hill|Ann|Bob|Cat|SHARED|SPRING/;

describe('a form that searches', () => {
  it('answers the properties that its settings name, of the one contact that has the code, and no others', async () => {
    const { status, body, headers } = await search({ discountCode: ' spring-7q2x ' });
    expect([status, body]).toEqual([200, { found: true, values: { firstName: 'Ann', discountCode: 'SPRING-7Q2X', freeField1: 7 } }]);
    expect([headers.get('access-control-allow-origin'), headers.get('vary'), headers.get('cache-control')]).toEqual([shopOrigin, 'Origin', 'no-store']);
    expect(asked()).toEqual([['GET /contact/search', 'discountCode=spring-7q2x']]);
    expect((await search({ discountCode: 'a=b/7%' })).body).toEqual({ found: true, values: { firstName: 'Dan', discountCode: 'A=B/7%' } });
  });

  it('says distinctly that no contact has the code', async () => {
    for (const discountCode of ['NOSUCH', 'SPRING', 'SPRING-7Q2X%', '*', "' or 1=1"]) {
      const { status, body } = await search({ discountCode });
      expect([discountCode, status, body]).toEqual([discountCode, 200, { found: false }]);
    }
  });

  it('finds nobody when several have the code, and tells the log and not the visitor', async () => {
    const { status, text } = await search({ discountCode: 'SHARED-1' });
    expect([status, text]).toEqual([200, '{"found":false}']);
    expect(world.gateway.logged.filter((line) => line.includes('more than one contact'))).toHaveLength(1);
    expect(world.gateway.logged.join('\n')).not.toMatch(personal);
  });

  it('does not let a value ask for more than it is', async () => {
    expect((await search({ discountCode: 'SHARED-1&email=bob@people.example' })).body).toEqual({ found: false });
    expect(asked()).toEqual([]);
  });

  it('needs all that it searches by', async () => {
    expect((await search({ discountCode: 'SHARED-1', email: 'bob@people.example' }, {}, 'both')).body).toEqual({ found: true, values: {} });
    expect((await search({ discountCode: 'SHARED-1', email: 'ann@people.example' }, {}, 'both')).body).toEqual({ found: false });
    expect((await search({ discountCode: 'SHARED-1', email: 'no address' }, {}, 'both')).body).toEqual({ found: false });
    world.mail.state.clearJournal();
    for (const [values, field] of [[{ email: 'bob@people.example' }, 'values.discountCode'], [{ discountCode: 'SHARED-1', email: ' ' }, 'values.email']] as const) {
      const { status, body } = await search(values, {}, 'both');
      expect([status, body.error]).toEqual([400, expect.objectContaining({ code: 'REQUEST_INVALID', field, fix: expect.any(String) })]);
    }
    expect(asked()).toEqual([]);
  });

  it.each<[what: string, body: unknown, field: string]>([
    ['another property', { values: { discountCode: 'X', lastName: 'Hill' } }, 'values.lastName'],
    ['what belongs to every object', '{"values":{"discountCode":"X","__proto__":{"email":"Y"}}}', 'body'],
    ['a number', { values: { discountCode: 7 } }, 'values.discountCode'],
    ['a list', { values: { discountCode: ['SPRING-7Q2X'] } }, 'values.discountCode'],
    ['a long text', { values: { discountCode: 'x'.repeat(256) } }, 'values.discountCode'],
    ['nothing', {}, 'values'],
    ['something else beside', { values: { discountCode: 'X' }, limit: 5 }, 'body'],
    ['no JSON', '{', 'body'],
  ])('refuses %s with the field, and asks Mail+ nothing', async (_what, body, field) => {
    const answer = await world.send('offer', 'search', body);
    expect([answer.status, answer.body.error]).toEqual([400, expect.objectContaining({ code: 'REQUEST_INVALID', field, fix: expect.any(String) })]);
    expect(answer.headers.get('access-control-allow-origin')).toBe(shopOrigin);
    expect(asked()).toEqual([]);
  });

  it('keeps what is wrong behind it from the visitor, and in the log', async () => {
    world.mail.state.addFault({ action: 'html500', path: '/contact/search' });
    const { status, body, text, headers } = await search({ discountCode: 'SPRING-7Q2X' });
    expect([status, body.error]).toEqual([503, expect.objectContaining({ code: 'FORM_UNAVAILABLE', fix: expect.stringContaining('Try again') })]);
    expect(text).not.toMatch(/Mail\+|mailplus|500/i);
    expect(headers.get('access-control-allow-origin')).toBe(shopOrigin);
    expect(world.gateway.logged.find((line) => line.includes('could not be answered'))).toMatch(/"code":"PLATFORM_ERROR"/);
    expect(world.gateway.logged.join('\n')).not.toMatch(personal);
  });
});

describe('the token of a web page', () => {
  it('is good for the forms of its connector and nothing else', async () => {
    for (const [method, path] of [['GET', '/api/v1/connectors'], ['GET', '/api/v1/status'], ['POST', '/api/v1/records/find'], ['POST', '/api/v1/connectors/mailplus-1/contacts/search'], ['POST', '/api/v1/tokens'], ['POST', '/inbound/coins/mailplus-1/list-syncs']] as const) {
      const response = await world.gateway.app.inject({ method, url: path, headers: world.gateway.bearer(world.token), ...(method === 'POST' && { payload: {} }) });
      expect([path, response.statusCode, response.json().error.code]).toEqual([path, 403, 'TOKEN_NOT_ALLOWED']);
    }
    const other = await search({ discountCode: 'SPRING-7Q2X' }, { connector: 'mailplus-2' });
    expect([other.status, other.body.error['code']]).toEqual([403, 'TOKEN_NOT_ALLOWED']);
  });

  it('is needed: none, an unknown and a revoked one are refused, and so is every other role', async () => {
    for (const token of [null, 'hub_unknown']) {
      const { status, body, headers } = await search({ discountCode: 'SPRING-7Q2X' }, { token });
      expect([status, body.error['code'], headers.get('access-control-allow-origin')]).toEqual([401, 'TOKEN_INVALID', shopOrigin]);
    }
    for (const role of ['viewer', 'operator', 'admin'] as const) {
      const { status, body } = await search({ discountCode: 'SPRING-7Q2X' }, { token: await world.gateway.token(role) });
      expect([role, status, body.error['code']]).toEqual([role, 403, 'TOKEN_NOT_ALLOWED']);
    }
    const made = JSON.parse((await world.command('token', 'create', '--role', 'form', '--connector', 'mailplus-1', '--json')).out);
    expect((await search({ discountCode: 'NOSUCH' }, { token: made.token })).status).toBe(200);
    expect((await world.command('token', 'revoke', String(made.id))).code).toBe(0);
    expect((await search({ discountCode: 'NOSUCH' }, { token: made.token })).status).toBe(401);
  });

  it('is made for a connector that has forms', async () => {
    const none = await world.command('token', 'create', '--role', 'form');
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('is made for one connector')]);
    expect((await world.command('token', 'list')).out).toContain('form mailplus-1');
  });
});

describe('the pages that may use a form', () => {
  it('are told to the browser before it sends, for the form\'s own origins only', async () => {
    const ask = (page: PageFacts, form = 'offer') => world.send(form, 'search', undefined, { method: 'OPTIONS', token: null, ...page });
    const yes = await ask({ origin: 'http://localhost:3000' });
    expect([yes.status, yes.headers.get('access-control-allow-origin'), yes.headers.get('access-control-allow-methods'), yes.headers.get('access-control-allow-headers')])
      .toEqual([204, 'http://localhost:3000', 'POST', 'authorization, content-type']);
    for (const [page, form] of [[{ origin: 'https://evil.example' }, 'offer'], [{ origin: 'null' }, 'offer'], [{ origin: null }, 'offer'], [{ origin: 'http://localhost:3000' }, 'newsletter'], [{}, 'nosuch'], [{ connector: 'nosuch-1' }, 'offer']] as const) {
      const no = await ask(page, form);
      expect([page, no.status, no.body.error['code'], no.headers.get('access-control-allow-origin')]).toEqual([page, 403, 'ORIGIN_NOT_ALLOWED', null]);
    }
  });

  it('are the only ones: another page is refused also when it has the token', async () => {
    for (const origin of ['https://evil.example', 'null', `${shopOrigin}.evil.example`, 'http://www.shop.example']) {
      const { status, body, headers } = await search({ discountCode: 'SPRING-7Q2X' }, { origin });
      expect([origin, status, body.error['code'], headers.get('access-control-allow-origin')]).toEqual([origin, 403, 'ORIGIN_NOT_ALLOWED', null]);
    }
    expect(asked()).toEqual([]);
    expect((await search({ discountCode: 'SPRING-7Q2X' }, { origin: null })).body['found']).toBe(true);
  });

  it('get to know that a form is not there, or does something else', async () => {
    for (const [form, act, body] of [['nosuch', 'search', { values: {} }], ['toString', 'search', { values: {} }], ['newsletter', 'search', { values: {} }], ['offer', 'subscribe', { email: 'a@people.example', permissions: ['permissions:1'] }]] as const) {
      const answer = await world.send(form, act, body, { origin: null });
      expect([form, answer.status, answer.body.error]).toEqual([form, 404, expect.objectContaining({ code: 'NOT_FOUND', field: 'form' })]);
    }
  });
});

describe('the settings of forms', () => {
  const set = (forms: unknown) => world.command('connector', 'set', 'mailplus-1', '--set', `forms=${JSON.stringify(forms)}`);
  const page = { origins: [shopOrigin] };

  it.each<[what: string, forms: unknown, says: RegExp]>([
    ['searches only by what others know', { x: { ...page, search: ['email', 'birthday'] } }, /searches only by what others know.*email, birthday/],
    ['names a property that is not there', { x: { ...page, search: ['discountcode'] } }, /«discountcode», which is no property/],
    ['answers a set', { x: { ...page, search: ['discountCode'], answer: ['permissions'] } }, /«permissions», which is no property/],
    ['names a permission that is not there', { x: { ...page, permissions: ['permissions:9'] } }, /«permissions:9».*permissions:1 \(«Newsletter»\)/],
    ['is for every page', { x: { origins: ['*'], permissions: ['permissions:1'] } }, /forms\.x\.origins\.0.*origin of a web page/],
    ['names a page with a path', { x: { origins: [`${shopOrigin}/offer`], permissions: ['permissions:1'] } }, /origin of a web page/],
    ['names no page', { x: { origins: [], permissions: ['permissions:1'] } }, /has to name the web pages/],
    ['does nothing', { x: page }, /does nothing/],
    ['answers without searching', { x: { ...page, permissions: ['permissions:1'], answer: ['firstName'] } }, /forms\.x\.answer.*for forms that search/],
    ['has an unknown part', { x: { ...page, permissions: ['permissions:1'], colour: 'red' } }, /colour/],
    ['has a name that is none', { 'My form': { ...page, permissions: ['permissions:1'] } }, /small letters/],
    ['is no JSON', 'newsletter', /forms/],
  ])('are refused for a form that %s, with the reason', async (_what, forms, says) => {
    const { code, err } = await set(forms);
    expect([code, err]).toEqual([1, expect.stringMatching(says)]);
    expect(err).toContain('CONFIGURATION_INVALID');
  });

  it('take effect at once, and a form that is unsafe is not answered even if it was stored unchecked', async () => {
    const unsafe = { ...formSettings, who: { ...page, search: ['email'], answer: ['firstName'] } };
    expect((await world.command('connector', 'set', 'mailplus-1', '--skip-check', '--set', `forms=${JSON.stringify(unsafe)}`)).code).toBe(0);
    const { status, body } = await search({ email: 'ann@people.example' }, {}, 'who');
    expect([status, body.error['code']]).toEqual([503, 'FORM_UNAVAILABLE']);
    expect(asked()).toEqual([]);
    expect((await set(formSettings)).code).toBe(0);
    expect((await search({ email: 'ann@people.example' }, {}, 'who')).status).toBe(404);
  });
});

describe('hub mailplus search', () => {
  it('shows the contacts that Mail+ finds, and is in the audit without the values', async () => {
    const one = await world.command('mailplus', 'search', 'discountCode=SPRING-7Q2X');
    expect([one.code, one.out]).toEqual([0, expect.stringMatching(/external id +P1\n[^]*lastName +Hill/)]);
    const { contacts, more } = JSON.parse((await world.command('mailplus', 'search', 'discountCode=SHARED-1', '--limit', '1', '--json')).out);
    expect([contacts, more]).toEqual([[expect.objectContaining({ alternateId: expect.any(String), fields: expect.objectContaining({ discountCode: 'SHARED-1' }) })], true]);
    expect(JSON.parse((await world.command('mailplus', 'search', 'discountCode=SHARED-1', 'firstName=cat', '--json')).out).contacts).toHaveLength(1);
    expect((await world.command('mailplus', 'search', 'discountCode=NOSUCH')).out).toBe('Mail+ has no contact with these values.');
    const { entries } = (await world.gateway.app.inject({ url: '/api/v1/audit?limit=4', headers: world.gateway.bearer(await world.gateway.token('viewer')) })).json();
    expect(entries[0]).toMatchObject({ what: 'contacts.searched', connectorId: 'mailplus-1', details: { by: ['discountCode'], found: 0 } });
    expect(JSON.stringify(entries)).not.toMatch(personal);
  });

  it.each<[what: string, args: readonly string[], code: number, says: RegExp]>([
    ['a property that is not there', ['colour=red'], 1, /«colour»: The Mail\+ account shows no such property\. There are: email,/],
    ['a set', ['permissions=1'], 1, /«permissions»: It is a set/],
    ['a value of the wrong type', ['freeField1=many'], 1, /«freeField1»: the value is no whole number/],
    ['an empty value', ['discountCode='], 1, /«discountCode»: the value is empty/],
    ['what cannot be written', ['discountCode=A&B'], 1, /«&»/],
    ['too many', ['discountCode=A', '--limit', '5000'], 1, /limit/],
    ['no pair', ['SPRING-7Q2X'], 2, /Number 1 [^]* discountCode=/],
    ['one property twice', ['discountCode=A', 'discountCode=B'], 2, /«discountCode» is given twice/],
    ['no number', ['discountCode=A', '--limit', 'all'], 2, /--limit/],
  ])('refuses %s', async (_what, args, code, says) => {
    const answer = await world.command('mailplus', 'search', ...args);
    expect([answer.code, answer.err]).toEqual([code, expect.stringMatching(says)]);
    expect(asked()).toEqual([]);
  });

  it('reads what to search by from standard input, where nobody sees it', async () => {
    const answer = await hub({ url: world.url, token: await world.gateway.token('operator'), input: 'discountCode=SHARED-1\nfirstName=Bob\n' }, 'mailplus', 'search', '-');
    expect([answer.code, answer.out]).toEqual([0, expect.stringContaining('bob@people.example')]);
    expect(asked()).toEqual([['GET /contact/search', 'discountCode=SHARED-1&firstName=Bob']]);
  });

  it('is for operators, over the API with the field of what is wrong', async () => {
    const call = async (role: 'viewer' | 'operator', payload: object) => (await world.gateway.app.inject({ method: 'POST', url: '/api/v1/connectors/mailplus-1/contacts/search', headers: world.gateway.bearer(await world.gateway.token(role)), payload })).json();
    expect((await call('viewer', { values: { discountCode: 'A' } })).error.code).toBe('TOKEN_NOT_ALLOWED');
    expect((await call('operator', { values: { colour: 'red' } })).error).toMatchObject({ code: 'REQUEST_INVALID', field: 'colour', fix: expect.stringContaining('visible') });
    expect((await call('operator', { values: {} })).error).toMatchObject({ code: 'REQUEST_INVALID', field: 'values' });
  });
});
