import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { act } from '../../platforms/custom/act.ts';
import { checkConnection } from '../../platforms/custom/check.ts';
import { deliver } from '../../platforms/custom/deliver.ts';
import type { DeliveryItem } from '../../platforms/platform.ts';
import { signedHeaders } from '../../platforms/webhook-signature.ts';
import { customContext } from './custom-context.ts';
import { sendJson, startRawServer, type RawServer, type SeenRequest } from './raw-server.ts';

const secret = `whsec_${Buffer.from('a secret of 24 bytes.....').toString('base64')}`;

interface WireBody {
  readonly type: string;
  readonly connectorId: string;
  readonly entries: readonly { readonly id: string; readonly externalId: string; readonly data: { readonly name?: string } }[];
}

/** Checks a call as a receiver that knows nothing but the convention does: one header at a time, with its own arithmetic. */
function isGenuine({ headers, body }: Pick<SeenRequest, 'headers' | 'body'>, key: Buffer): boolean {
  const expected = createHmac('sha256', key).update(String(headers['webhook-id'])).update('.').update(String(headers['webhook-timestamp'])).update('.').update(Buffer.from(body)).digest();
  return String(headers['webhook-signature']).split(' ').some((one) => {
    const [version, signature = ''] = one.split(',');
    const given = Buffer.from(signature, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

let server: RawServer;
let answer: (response: ServerResponse, body: WireBody, request: SeenRequest) => void;
/** What a receiver has stored: by `webhook-id`, each once. */
const stored = new Map<string, WireBody>();

beforeAll(async () => {
  server = await startRawServer((request, response) => answer(response, JSON.parse(request.body) as WireBody, request));
});
afterAll(() => server.close());
beforeEach(() => {
  server.seen.length = 0;
  stored.clear();
  answer = (response) => response.writeHead(204).end();
});

const store = (body: WireBody, request: SeenRequest) => void stored.set(String(request.headers['webhook-id']), body);
const context = (more: object = {}) => customContext({ webhookUrl: `${server.url}/hook?x=1`, webhookSecret: secret, ...more });
const product = (n: number): DeliveryItem => ({ externalId: `P-${n}`, isNew: false, changes: { name: `Lamp ${n}` }, whole: { name: `Lamp ${n}`, sku: `L-${n}` }, permissionDates: {}, identity: {}, cause: `${n}.1` });
const send = (...numbers: readonly number[]) => deliver(context(), 'products', numbers.map(product));

describe('the signature of a webhook', () => {
  it('is that of the convention, by its published vector', () => {
    const headers = signedHeaders(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', atMs: 1_614_265_330_999, body: '{"test": 2432232314}' });
    expect(headers).toEqual({ 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330', 'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' });
  });

  it('holds over the exact bytes that are sent, and for no other secret, time, id or body', async () => {
    await deliver(context(), 'products', [{ ...product(1), whole: { name: 'Lampe — «Größe» 😀\u2028' } }]);
    const [call] = server.seen;
    if (call === undefined) throw new Error('no call');
    const key = Buffer.from('a secret of 24 bytes.....');
    expect([isGenuine(call, key), isGenuine(call, Buffer.from('another')), isGenuine({ ...call, body: `${call.body} ` }, key)]).toEqual([true, false, false]);
    expect(isGenuine({ ...call, headers: { ...call.headers, 'webhook-timestamp': '1' } }, key)).toBe(false);
    expect(isGenuine({ ...call, headers: { ...call.headers, 'webhook-id': 'other' } }, key)).toBe(false);
    expect(call).toMatchObject({ method: 'POST', url: '/hook?x=1', headers: { 'content-type': 'application/json' } });
  });

  it('is made with both secrets while one replaces the other, and takes plain ones', async () => {
    await deliver(context({ webhookSecret: `new-secret  ${secret}` }), 'products', [product(1)]);
    const [call] = server.seen;
    if (call === undefined) throw new Error('no call');
    expect([isGenuine(call, Buffer.from('new-secret')), isGenuine(call, Buffer.from('a secret of 24 bytes.....')), isGenuine(call, Buffer.from('old'))]).toEqual([true, true, false]);
  });

  it('is needed: nothing is sent unsigned', async () => {
    const unsigned = customContext({ webhookUrl: server.url });
    await expect(deliver(unsigned, 'products', [product(1)])).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID', facts: { field: 'credentials.webhookSecret' } });
    expect(server.seen).toEqual([]);
  });
});

describe('a webhook', () => {
  it('carries a batch in one call, and nothing goes into the feed', async () => {
    const batch = context();
    expect(await deliver(batch, 'products', [product(1), product(2)])).toEqual([{ kind: 'stored' }, { kind: 'stored' }]);
    expect(server.seen).toHaveLength(1);
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      type: 'changes', connectorId: 'shop-1', entries: [1, 2].map((n) => ({ id: expect.any(String), dataType: 'products', kind: 'upserted', externalId: `P-${n}`, changes: ['name'], data: { name: `Lamp ${n}`, sku: `L-${n}` } })),
    });
    expect(batch.published).toEqual([]);
  });

  it('has the same id and the same bytes when it is repeated, and others for another change', async () => {
    await send(1, 2);
    await send(1, 2);
    await send(2, 3);
    const [first, again, other] = server.seen;
    expect([again?.headers['webhook-id'], again?.body]).toEqual([first?.headers['webhook-id'], first?.body]);
    expect(other?.headers['webhook-id']).not.toBe(first?.headers['webhook-id']);
  });

  it.each([
    ['a 204', (response: ServerResponse) => response.writeHead(204).end()],
    ['JSON without a word about refusals', (response: ServerResponse) => sendJson(response, 200, { ok: true })],
    ['an empty list of refusals', (response: ServerResponse) => sendJson(response, 200, { refused: [] })],
  ])('counts as stored by %s', async (_name, respond) => {
    answer = respond;
    expect(await send(1)).toEqual([{ kind: 'stored' }]);
  });

  it.each([200, 207, 400, 422])('is refused for single records by an answer of %d that names them', async (status) => {
    answer = (response, { entries }) => sendJson(response, status, { refused: [{ id: entries[1]?.id, message: 'no stock keeping unit for Lamp 2 of ann@people.example', field: 'name', code: 'NO_SKU' }, { id: entries[2]?.id, gone: true }] });
    expect(await send(1, 2, 3)).toEqual([
      { kind: 'stored' },
      { kind: 'refused', code: 'RECORD_REFUSED', message: 'no stock keeping unit for <value> of <e-mail>', platformCode: 'NO_SKU', field: 'name' },
      { kind: 'refused', code: 'RECORD_GONE', message: 'the system refused it without a reason' },
    ]);
  });

  it.each([
    ['an id that was not sent', { refused: [{ id: 'other', message: 'x' }] }], ['refusals of another shape', { refused: 'all of them' }],
  ])('is not taken for stored when the answer names %s', async (_name, body) => {
    answer = (response) => sendJson(response, 200, body);
    await expect(send(1)).rejects.toMatchObject({ code: 'PLATFORM_ANSWER_INVALID', facts: { mayHaveStored: true } });
  });

  it.each([
    [401, 'PLATFORM_LOGIN_REFUSED'], [403, 'PLATFORM_LOGIN_REFUSED'], [404, 'CONFIGURATION_INVALID'], [405, 'CONFIGURATION_INVALID'], [410, 'CONFIGURATION_INVALID'], [302, 'CONFIGURATION_INVALID'],
    [400, 'PLATFORM_ANSWER_INVALID'], [429, 'PLATFORM_RATE_LIMITED'], [500, 'PLATFORM_ERROR'], [503, 'PLATFORM_ERROR'],
  ])('fails as a whole with %d: %s', async (status, code) => {
    answer = (response) => response.writeHead(status, { 'content-type': 'text/html', 'retry-after': '7', location: '/elsewhere' }).end('<h1>ann@people.example</h1>');
    const error = await send(1).then(() => undefined, (reason: unknown) => reason);
    expect(error).toMatchObject({ code, facts: { status, ...(status === 429 || status === 503 ? { retryAfterMs: 7_000 } : {}) } });
    expect(String(error)).not.toMatch(/ann@|127\.0\.0\.1|x=1/);
    expect(server.seen).toHaveLength(1);
  });

  it('says of the address and of the secret what to correct', async () => {
    answer = (response) => response.writeHead(410).end();
    await expect(send(1)).rejects.toMatchObject({ fix: expect.stringContaining('webhookUrl') });
    answer = (response) => response.writeHead(401).end();
    await expect(send(1)).rejects.toMatchObject({ fix: expect.stringContaining('webhookSecret') });
  });

  it('is cut in halves where a body is too large, down to the record that is', async () => {
    answer = (response, body, request) => {
      if (request.body.length > 350 || body.entries.some(({ data }) => data.name === 'Lamp 3')) return void response.writeHead(413).end();
      store(body, request);
      return void response.writeHead(204).end();
    };
    expect(await send(1, 2, 3, 4, 5)).toEqual([{ kind: 'stored' }, { kind: 'stored' }, { kind: 'refused', code: 'RECORD_REFUSED', message: 'the system takes no body of this size' }, { kind: 'stored' }, { kind: 'stored' }]);
    expect([...stored.values()].flatMap(({ entries }) => entries.map(({ externalId }) => externalId)).sort()).toEqual(['P-1', 'P-2', 'P-4', 'P-5']);
  });

  it('that broke before or after it was stored is stored once when it is repeated', async () => {
    for (const storesFirst of [false, true]) {
      answer = (response, body, request) => {
        if (storesFirst) store(body, request);
        response.destroy();
      };
      await expect(send(1)).rejects.toMatchObject({ code: 'PLATFORM_RESET', recovery: 'unknownOutcome' });
      answer = (response, body, request) => {
        store(body, request);
        response.writeHead(204).end();
      };
      expect(await send(1)).toEqual([{ kind: 'stored' }]);
    }
    expect(stored.size).toBe(1);
  });

  it('that is answered slowly is waited for', async () => {
    answer = (response) => void setTimeout(() => response.writeHead(204).end(), 150);
    expect(await send(1)).toEqual([{ kind: 'stored' }]);
  });

  it('carries an activity, whose refusal fails that action alone', async () => {
    const action = { id: 1, kind: 'activity.create', target: 'C-1', cause: 'mailplus-1/7@C-1', payload: { externalId: 'mailplus-1/7', type: 'email.sent', at: '2026-11-20T09:00:00.000Z', description: 'Spring' } };
    expect(await act(context(), action)).toEqual({ kind: 'done' });
    answer = (response, { entries }) => sendJson(response, 200, { refused: [{ id: entries[0]?.id, message: 'no such contact', gone: true }] });
    expect(await act(context(), action)).toEqual({ kind: 'refused', code: 'RECORD_GONE', message: 'no such contact' });
    expect(server.seen[0]?.headers['webhook-id']).toBe(server.seen[1]?.headers['webhook-id']);
  });
});

describe('the check of a custom system', () => {
  it('calls it with a signed ping', async () => {
    await checkConnection(context());
    const [call] = server.seen;
    expect(JSON.parse(call?.body ?? '')).toEqual({ type: 'ping', connectorId: 'shop-1' });
    expect(call !== undefined && isGenuine(call, Buffer.from('a secret of 24 bytes.....'))).toBe(true);
  });

  it('tells what is wrong, as for any call', async () => {
    answer = (response) => response.writeHead(404).end();
    await expect(checkConnection(context())).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  });

  it('tells where the system reads by itself when it is not called', async () => {
    expect((await checkConnection(customContext())).notes[1]).toContain('/api/v1/connectors/shop-1/changes');
  });
});
