import { afterEach, describe, expect, it } from '@jest/globals';
import type { Fields } from '../../domain/model/fields.ts';
import { coins } from '../../platforms/coins/index.ts';
import type { DeliveryItem, DeliveryOutcome } from '../../platforms/platform.ts';
import { contextFor, failureOf, now, startServer, withList } from './coins-support.ts';
import type { Received, Reply, TestServer } from './coins-support.ts';

let server: TestServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

function item(externalId: string, changes: Fields, permissionDates: DeliveryItem['permissionDates'] = {}): DeliveryItem {
  return { externalId, isNew: false, changes, permissionDates, identity: {} };
}

async function deliver(items: readonly DeliveryItem[], reply: (request: Received) => Reply = () => ({ status: 200 })): Promise<readonly DeliveryOutcome[]> {
  server = await startServer(withList(reply));
  return (await coins.deliver?.(contextFor(server.url), 'contacts', items)) ?? [];
}

const calls = () => server?.received.map(({ method, path, body }) => ({ method, path, body })) ?? [];

describe('A delivery to prospects', () => {
  it('is one call for the profile and one for each code, with the token, permissions first', async () => {
    const changes = { forename: 'Ann', 'address.town': 'Leeds', 'consent:EMAIL_MKT': true, 'consent:SMS_MKT': false };
    const dates = { 'consent:EMAIL_MKT': '2026-11-01T10:00:00.000Z', 'consent:SMS_MKT': '2026-11-02T10:00:00.000Z' };
    expect(await deliver([item('P1', changes, dates)])).toEqual([{ kind: 'stored' }]);
    expect(calls()).toEqual([
      { method: 'PATCH', path: '/api/v1/prospects/P1/consents', body: { code: 'SMS_MKT', value: false, date: '2026-11-02T10:00:00.000Z', origin: 'spotler' } },
      { method: 'PATCH', path: '/api/v1/prospects/P1/consents', body: { code: 'EMAIL_MKT', value: true, date: '2026-11-01T10:00:00.000Z', origin: 'spotler' } },
      { method: 'PATCH', path: '/api/v1/prospects/P1', body: { forename: 'Ann', address: { town: 'Leeds' }, origin: 'spotler' } },
    ]);
    expect(server?.received.every(({ authorization }) => authorization === 'Bearer secret-token')).toBe(true);
  });

  it('sends no call for what does not differ', async () => {
    expect(await deliver([item('P1', {})])).toEqual([{ kind: 'stored' }]);
    expect(calls()).toEqual([]);
  });

  it('escapes ids, so that no id reaches another address', async () => {
    await deliver([item('P/1?x', { forename: 'Ann' })]);
    expect(server?.received[0]?.path).toBe('/api/v1/prospects/P%2F1%3Fx');
  });

  it('gives each prospect its own outcome, in order', async () => {
    const replies: Record<string, Reply> = {
      '/api/v1/prospects/P1': { status: 404, json: { message: 'merged', mergedInto: 'P9' } },
      '/api/v1/prospects/P2': { status: 404, json: { message: 'there is no P2' } },
      '/api/v1/prospects/P3': { status: 400, json: { message: 'surname is too long', field: 'surname' } },
      '/api/v1/prospects/P4': { status: 422, json: { message: 'locked' } },
    };
    const outcomes = await deliver(['P1', 'P2', 'P3', 'P4', 'P5'].map((id) => item(id, { surname: 'Hill' })), ({ path }) => replies[path] ?? { status: 200, json: {} });
    expect(outcomes).toEqual([
      { kind: 'moved', mergedInto: 'P9' },
      { kind: 'refused', code: 'RECORD_GONE', message: expect.any(String) },
      { kind: 'refused', code: 'RECORD_REFUSED', message: 'surname is too long', platformCode: '400', field: 'surname' },
      { kind: 'refused', code: 'RECORD_REFUSED', message: 'locked', platformCode: '422' },
      { kind: 'stored' },
    ]);
  });

  it('tells Coins what a person said even when it refuses their name', async () => {
    const outcomes = await deliver([item('P1', { surname: 'x', 'consent:EMAIL_MKT': false })], ({ path }) => (path.endsWith('/consents') ? { status: 200 } : { status: 400, json: { message: 'no' } }));
    expect(outcomes).toMatchObject([{ kind: 'refused', code: 'RECORD_REFUSED' }]);
    expect(calls()[0]?.body).toEqual({ code: 'EMAIL_MKT', value: false, date: now, origin: 'spotler' });
  });

  it('does not pass on a grant without a date, but the rest', async () => {
    expect(await deliver([item('P1', { forename: 'Ann', 'consent:EMAIL_MKT': true })])).toMatchObject([{ kind: 'refused', code: 'RECORD_REFUSED', field: 'consent:EMAIL_MKT' }]);
    expect(calls()).toMatchObject([{ path: '/api/v1/prospects/P1', body: { forename: 'Ann' } }]);
  });

  it('never creates a prospect, and never sends a field that is not known to be editable', async () => {
    const outcomes = await deliver([{ ...item('P1', { forename: 'Ann' }), isNew: true }, item('P2', { status: 'SOLD' }), item('P3', { 'consent:': true })]);
    expect(outcomes).toMatchObject([{ kind: 'refused' }, { kind: 'refused', field: 'status' }, { kind: 'refused', field: 'consent:' }]);
    expect(calls()).toEqual([]);
  });
});

describe('A failure of the connection', () => {
  const three = ['P1', 'P2', 'P3'].map((id) => item(id, { forename: 'Ann' }));
  const second = (reply: Reply) => ({ path }: Received): Reply => (path.endsWith('P2') ? reply : { status: 200 });

  it.each<[string, Reply, object]>([
    ['PLATFORM_LOGIN_REFUSED', { status: 401, json: { message: 'no' } }, { recovery: 'authorisation' }],
    ['PLATFORM_LOGIN_REFUSED', { status: 403, json: { message: 'no' } }, { recovery: 'authorisation' }],
    ['PLATFORM_RATE_LIMITED', { status: 429, headers: { 'retry-after': '7' } }, { facts: { retryAfterMs: 7_000 } }],
    ['PLATFORM_RATE_LIMITED', { status: 429 }, { recovery: 'rateLimited' }],
    ['PLATFORM_ERROR', { status: 500, text: '<html>no</html>' }, { recovery: 'retry' }],
    ['PLATFORM_ERROR', { status: 503, json: {} }, { recovery: 'retry' }],
    ['PLATFORM_RESET', 'reset', { recovery: 'unknownOutcome' }],
    ['PLATFORM_ANSWER_INVALID', { status: 404, text: '<html>no such page</html>' }, { recovery: 'retry' }],
    ['PLATFORM_ANSWER_INVALID', { status: 404, json: { error: 'no route' } }, { recovery: 'retry' }],
    ['PLATFORM_ANSWER_INVALID', { status: 400, text: 'Bad Request' }, { recovery: 'retry' }],
    ['PLATFORM_ANSWER_INVALID', { status: 405, json: { message: 'no' } }, { recovery: 'retry' }],
  ])('is %s and nothing is sent after it', async (code, reply, facts) => {
    expect(await failureOf(() => deliver(three, second(reply)))).toMatchObject({ code, ...facts });
    expect(server?.received.map(({ path }) => path.slice(-2))).toEqual(['P1', 'P2']);
  });

  it('is told without ids, addresses and the token', async () => {
    const error = await failureOf(() => deliver([item('P1', { email: 'anna@hill.example' })], () => ({ status: 500, json: { message: 'anna@hill.example' } })));
    expect(error instanceof Error && `${error.message} ${JSON.stringify(error)}`).not.toMatch(/anna|P1|secret/);
  });

  it('is met where nobody listens', async () => {
    const stopped = await startServer(() => ({ status: 200 }));
    await stopped.close();
    expect(await failureOf(() => coins.deliver?.(contextFor(stopped.url), 'contacts', three))).toMatchObject({ code: 'PLATFORM_UNREACHABLE' });
  });

  it('takes a token of the bucket before each call', async () => {
    server = await startServer(() => ({ status: 200 }));
    const taken: number[] = [];
    const context = { ...contextFor(server.url), acquire: (cost: number) => { taken.push(cost); return Promise.resolve(); } };
    await coins.deliver?.(context, 'contacts', [item('P1', { forename: 'Ann', 'consent:EMAIL_MKT': false })]);
    expect(taken).toEqual([1, 1]);
  });
});
