import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox } from '../../sandbox/mailplus/index.ts';
import type { FaultSpec, MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { call, contactBody, control } from './mailplus-caller.ts';

let sandbox: MailplusSandbox;
beforeEach(async () => {
  sandbox = await startMailplusSandbox();
});
afterEach(() => sandbox.close());

const put = (city: string) => call(sandbox, 'PUT', '/contact/P1', { body: contactBody('P1', { city }) });
const cityNow = () => sandbox.state.contact({ externalId: 'P1' }).properties['city'];

describe('faults', () => {
  beforeEach(() => {
    sandbox.state.seedContacts([{ externalId: 'P1', properties: { email: 'p1@example.com' } }]);
  });

  it.each<[string, FaultSpec, number, Record<string, string>]>([
    ['an HTML page with 500', { action: 'html500' }, 500, { 'content-type': 'text/html' }],
    ['429 without Retry-After', { action: 'rateLimit' }, 429, {}],
    ['429 with Retry-After', { action: 'rateLimit', retryAfterSeconds: 7 }, 429, { 'retry-after': '7' }],
    ['a status and body as given', { action: 'status', status: 503, body: 'maintenance' }, 503, { 'content-length': '11' }],
  ])('plays %s, without storing anything', async (_what, spec, status, headers) => {
    await control(sandbox, 'POST', '/faults', { ...spec, count: 1 });
    const answer = await put('Breda');
    expect([answer.status, cityNow()]).toEqual([status, undefined]);
    expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
    expect((await put('Breda')).status).toBe(204);
  });

  it.each<[string, FaultSpec, string | undefined]>([
    ['cuts the connection before the change is stored', { action: 'reset' }, undefined],
    ['cuts the connection after the change is stored', { action: 'reset', when: 'after' }, 'Breda'],
    ['breaks off an empty answer', { action: 'halfBody' }, 'Breda'],
  ])('%s', async (_what, spec, city) => {
    sandbox.state.addFault({ ...spec, count: 1 });
    await expect(put('Breda')).rejects.toThrow();
    expect(cityNow()).toBe(city);
    expect(sandbox.state.journal()).toMatchObject([
      { status: 0, changed: city !== undefined, credential: 'sandbox-key', fault: expect.any(String) },
    ]);
    expect((await put('Delft')).status).toBe(204);
  });

  it('breaks off a body in the middle', async () => {
    sandbox.state.addFault({ action: 'halfBody' });
    await expect(call(sandbox, 'GET', '/contact/P1')).rejects.toThrow();
  });

  it('stores and still answers 500 when told to', async () => {
    sandbox.state.addFault({ action: 'html500', when: 'after' });
    expect([(await put('Breda')).status, cityNow()]).toEqual([500, 'Breda']);
  });

  it('plays on matching calls only, after some and a number of times', async () => {
    sandbox.state.addFault({ action: 'html500', method: 'GET', path: '/contact/*', skip: 1, count: 2 });
    const statuses = [];
    for (const path of ['/contact/P1', '/contact/properties/list', '/contact/P1', '/contact/P1/', '/contact/P1']) {
      statuses.push((await call(sandbox, 'GET', path)).status);
    }
    expect(statuses).toEqual([200, 200, 500, 500, 200]);
    expect((await put('Breda')).status).toBe(204);
    expect(sandbox.state.faults()).toMatchObject([{ matched: 3, played: 2 }]);
  });

  it('plays a ratio that a seed repeats', async () => {
    const run = async () => {
      sandbox.state.clearFaults();
      sandbox.state.addFault({ action: 'html500', ratio: 0.5, seed: 42 });
      const statuses: number[] = [];
      for (let round = 0; round < 20; round += 1) statuses.push((await call(sandbox, 'GET', '/contact/P1')).status);
      return statuses;
    };
    const first = await run();
    expect(await run()).toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 500]));
  });

  it('stores first and answers late when slow after', async () => {
    sandbox.state.addFault({ action: 'slow', when: 'after', latencyMs: 30_000, count: 1 });
    const leaving = new AbortController();
    const late = fetchAborted(leaving.signal);
    await until(() => cityNow() === 'Late');
    leaving.abort();
    await expect(late).rejects.toThrow();
  });

  async function fetchAborted(signal: AbortSignal) {
    return call(sandbox, 'PUT', '/contact/P1', { body: contactBody('P1', { city: 'Late' }), signal });
  }
});

describe('refusals on request', () => {
  it('are played for one contact of a batch, and for single writes, as often as asked', async () => {
    const contacts = ['P1', 'P2'].map((externalId) => ({ externalId, properties: { email: `${externalId}@example.com` } }));
    const write = async () => ((await call(sandbox, 'POST', '/contact/list', { body: { update: true, contacts } })).body as { code: string }[]).map(({ code }) => code);
    for (const code of ['NO_ACTIVE_CHANNEL', 'ERROR']) {
      await control(sandbox, 'POST', '/refusals', { externalId: 'P2', code });
      expect(await write()).toEqual(['OK', code]);
      expect(await write()).toEqual(['OK', 'OK']);
    }
    sandbox.state.refuseWrites({ externalId: 'P1', code: 'ERROR', count: 2 });
    const answers = [await put('Breda'), await put('Breda'), await put('Breda')];
    expect(answers.map(({ status, body }) => [status, (body as { errorType?: string } | undefined)?.errorType]))
      .toEqual([[500, 'BACKEND_EXCEPTION'], [500, 'BACKEND_EXCEPTION'], [204, undefined]]);
    expect((await control(sandbox, 'POST', '/refusals', { externalId: 'P1', code: 'OK' })).status).toBe(400);
  });
});

describe('the sample account', () => {
  it('has something of everything, and can be filled once', async () => {
    const { body } = await control(sandbox, 'POST', '/sample');
    expect(body).toMatchObject({ contacts: 20, lists: 1, campaigns: 2, automations: 2, forms: 4, formResults: 1, products: 5, mailings: 4, bounces: 3 });
    const types = ((await call(sandbox, 'GET', '/contact/properties/list')).body as { type: string }[]).map(({ type }) => type);
    expect(new Set(types)).toEqual(new Set(['birthdate', 'date', 'dateTime', 'email', 'gender', 'int', 'mobNr', 'money', 'postcode', 'set', 'string']));
    for (const kind of ['sent', 'opened', 'clicked', 'bounced']) {
      expect((await call(sandbox, 'GET', `/mailing-interaction/${kind}`)).body).toMatchObject({ interactions: expect.arrayContaining([expect.any(Object)]) });
    }
    expect((await control(sandbox, 'POST', '/sample')).status).toBe(400);
  });
});

describe('latency', () => {
  it('delays every call by the standing latency', async () => {
    await control(sandbox, 'PUT', '/latency', { latencyMs: 60 });
    const startedMs = performance.now();
    await call(sandbox, 'GET', '/contact/properties/list');
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(55);
  });
});

describe('the journal', () => {
  it('tells who sent what, and what it changed', async () => {
    const properties = { email: 'p1@example.com', permissions: [{ bit: 2, enabled: true }] };
    const body = { update: true, contacts: [{ externalId: 'P1', properties }] };
    await call(sandbox, 'POST', '/contact/list', { body });
    await call(sandbox, 'POST', '/contact/list', { body, placement: 'query' });
    await call(sandbox, 'GET', '/contact/updates/list', { query: { fromDate: 'x', toDate: 'y', pageSize: '1' } });
    const contact = { externalId: 'P1', properties: ['email', 'permissions'], bits: [{ bit: 2, enabled: true }] };
    expect((await control(sandbox, 'GET', '/journal')).body).toMatchObject([
      {
        sequence: 1, method: 'POST', path: '/contact/list', operation: 'POST /contact/list', query: {},
        status: 200, credential: 'sandbox-key', changed: true, contacts: [{ ...contact, outcome: 'created' }],
      },
      { sequence: 2, changed: false, query: {}, contacts: [{ ...contact, outcome: 'identical' }] },
      { sequence: 3, status: 400, errorType: 'INVALID_PARAMS', changed: false, query: { fromDate: 'x', toDate: 'y', pageSize: '1' } },
    ]);
    expect((await control(sandbox, 'GET', '/journal?after=2')).body).toHaveLength(1);
    expect((await control(sandbox, 'GET', '/counters')).body).toEqual({
      'POST /contact/list': { calls: 2, changed: 1, byStatus: { 200: 2 } },
      'GET /contact/updates/list': { calls: 1, changed: 0, byStatus: { 400: 1 } },
    });
  });

  it('forgets details, never counts', async () => {
    const small = await startMailplusSandbox({ journalMaxCalls: 3, journalMaxContacts: 2 });
    for (let round = 0; round < 5; round += 1) await call(small, 'POST', '/contact', { body: contactBody(`P${round}`, {}) });
    const [kept, counters] = [small.state.journal(), small.state.counters()];
    await small.close();
    expect(kept.map(({ sequence }) => sequence)).toEqual([4, 5]);
    expect(counters['POST /contact']).toEqual({ calls: 5, changed: 5, byStatus: { 204: 5 } });
  });

  it('counts upserts and permission flips of each contact, exactly', async () => {
    for (const enabled of [true, true, false, true]) {
      await call(sandbox, 'POST', '/contact', { body: contactBody('P1', { permissions: [{ bit: 2, enabled }] }) });
    }
    sandbox.state.unsubscribe({ contact: { externalId: 'P1' }, bit: 2 });
    expect(sandbox.state.contact({ externalId: 'P1' })).toMatchObject({
      changingUpserts: 3, identicalUpserts: 1, permissions: [], permissionFlips: { 2: { on: 2, off: 1 } },
    });
    expect(sandbox.state.effects()).toMatchObject({
      totals: { contactsCreated: 1, changingUpserts: 3, identicalUpserts: 1, permissionFlips: 3 },
      changingUpserts: { 3: 1 }, repeatedFlips: [{ externalIds: { externalId: 'P1' } }],
    });
  });
});

describe('the control side over HTTP', () => {
  it('seeds, edits, mails, dumps and resets', async () => {
    const contacts = [1, 2, 3].map((number) => ({
      externalId: `P${number}`, properties: { email: `p${number}@example.com` }, permissions: [1, 2],
      created: '2021-05-01', lastChanged: 1_650_000_000_000,
    }));
    const post = async (path: string, body: unknown) => (await control(sandbox, 'POST', path, body)).body;
    const first = { email: 'p1@example.com' };
    expect(await post('/contacts/seed', { contacts })).toEqual({ created: 3 });
    expect(await post('/contacts/seed', { contacts })).toEqual({ error: 'Contact 0: the e-mail address is in use' });
    expect(await post('/contacts/edit', { contact: { externalId: 'P1' }, properties: { city: 'Ede' } })).toEqual({ changed: true });
    expect(await post('/contacts/unsubscribe', { contact: first, bit: 1 })).toEqual({ changed: true });
    expect(await post('/contacts/resubscribe', { contact: first, bit: 1 })).toEqual({ changed: true });
    expect(await post('/contacts/bounce', { contact: { email: 'p2@example.com' }, type: 'HARDBOUNCE' })).toEqual({ done: true });
    expect(await post('/mailings', { name: 'M', recipients: { bit: 1 }, opened: { ratio: 1 } })).toMatchObject({ sent: 2, opened: 2 });
    expect((await control(sandbox, 'GET', '/state/summary')).body)
      .toMatchObject({ contacts: 3, anonymised: 0, inactive: 1, lists: 0, mailings: 1, bounces: 1, permissions: { 1: 3, 2: 3 } });
    expect((await control(sandbox, 'GET', '/state/contact?externalId=P1')).body)
      .toMatchObject({ properties: { city: 'Ede' }, created: '2021-04-30T22:00:00.000Z' });
    const lines = [...sandbox.state.contacts()].map((contact) => `${JSON.stringify(contact)}\n`);
    expect((await control(sandbox, 'GET', '/state/contacts')).text).toBe(lines.join(''));
    expect((await control(sandbox, 'POST', '/reset')).status).toBe(200);
    expect((await control(sandbox, 'GET', '/state/summary')).body).toMatchObject({ contacts: 0, mailings: 0 });
  });

  it.each([
    ['POST', '/contacts/edit', { contact: {}, properties: {} }, 400],
    ['POST', '/contacts/edit', { contact: { email: 'nobody@example.com' }, properties: {} }, 404],
    ['POST', '/faults', { action: 'explode' }, 400],
    ['PUT', '/clock', { offsetMs: 'soon' }, 400],
    ['GET', '/nowhere', undefined, 404],
    ['DELETE', '/clock', undefined, 405],
  ])('answers %s %s with %j by an error in words', async (method, path, body, status) => {
    const answer = await control(sandbox, method, path, body);
    expect([answer.status, answer.body]).toEqual([status, { error: expect.any(String) }]);
  });

  it('refuses a key that was removed', async () => {
    await control(sandbox, 'DELETE', '/credentials/sandbox-key');
    expect((await call(sandbox, 'GET', '/contact/properties/list')).status).toBe(401);
  });
});

describe('calls that are not well formed', () => {
  it.each([
    ['an unknown path', 'GET', '/nothing', {}, 404],
    ['a method that a path does not have', 'DELETE', '/contact/P1', {}, 405],
    ['a body that is not JSON', 'POST', '/contact', { rawBody: '{"contact":' }, 400],
    ['a body of another type', 'POST', '/contact', { rawBody: '{}', headers: { 'content-type': 'application/xml' } }, 415],
    ['a body that is too long', 'POST', '/contact', { rawBody: `"${'x'.repeat(10_000_001)}"` }, 413],
    ['a caller that wants XML', 'GET', '/contact/properties/list', { headers: { accept: 'application/xml' } }, 406],
    ['a body without a contact', 'POST', '/contact', { body: {} }, 400],
    ['a contact without an id', 'POST', '/contact', { body: { contact: { properties: {} } } }, 400],
    ['properties that are a list', 'POST', '/contact', { body: { contact: { externalId: '1', properties: [] } } }, 400],
    ['an update flag in words', 'POST', '/contact', { body: { update: 'yes', contact: { externalId: '1' } } }, 400],
  ])('refuses %s', async (_what, method, path, options, status) => {
    const answer = await call(sandbox, method, path, options);
    expect([answer.status, answer.body]).toEqual([status, { errorType: expect.any(String), message: expect.any(String) }]);
    expect(sandbox.state.summary().contacts).toBe(0);
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
