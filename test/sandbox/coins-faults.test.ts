import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { startCoinsSandbox } from '../../sandbox/coins/index.ts';
import type { CoinsSandbox } from '../../sandbox/coins/index.ts';
import { prospectAt } from '../../sandbox/dataset/index.ts';
import { asHub, asOperator } from './coins-support.ts';

const ID = 'P100000';
const activity = (externalId: string) => ({ externalId, type: 'page.viewed', at: '2026-01-01T10:00:00Z', description: externalId });

let coins: CoinsSandbox;
beforeEach(async () => { coins = await startCoinsSandbox({ prospects: [prospectAt(1, 0)] }); });
afterEach(async () => { await coins.close(); });

const post = (externalId: string) => asHub(coins, 'POST', `/prospects/${ID}/activities`, activity(externalId));
const stored = () => coins.state.activities.of(ID).map(({ externalId }) => externalId);
const fault = (rule: unknown) => asOperator(coins, 'POST', '/faults', rule);

describe('faults of the Coins API', () => {
  it('answer HTML, a status, or 429 with and without Retry-After, and store nothing', async () => {
    await fault({ kind: 'html-500' });
    await fault({ kind: 'status', status: 502 });
    await fault({ kind: 'rate-limit', retryAfterSeconds: 7 });
    await fault({ kind: 'rate-limit' });
    const answers = [await post('a'), await post('a'), await post('a'), await post('a')];
    expect(answers.map(({ status }) => status)).toEqual([500, 502, 429, 429]);
    expect(answers[0]?.body).toMatch(/^<!DOCTYPE html>/);
    expect(answers.map(({ headers }) => headers.get('retry-after'))).toEqual([null, null, '7', null]);
    expect(stored()).toEqual([]);
    expect((await post('a')).status).toBe(201);
    expect(coins.state.journal.counts.faultsInjected).toEqual({ 'html-500': 1, status: 1, 'rate-limit': 2 });
  });

  it('break the connection before or after the work, or in the middle of the answer', async () => {
    await fault({ kind: 'reset-before' });
    await fault({ kind: 'reset-after' });
    await fault({ kind: 'half-body' });
    await expect(post('a')).rejects.toThrow();
    expect(stored()).toEqual([]);
    await expect(post('b')).rejects.toThrow();
    expect(stored()).toEqual(['b']);
    await expect(post('c')).rejects.toThrow();
    expect(stored()).toEqual(['b', 'c']);
    expect((await post('b')).status).toBe(200);
  });

  it('come only where path and method match, after those that were let through, as often as told', async () => {
    await fault({ kind: 'status', method: 'POST', path: '/api/v1/prospects/*/activities', count: 2, skip: 1 });
    expect((await asHub(coins, 'GET', `/prospects/${ID}`)).status).toBe(200);
    const statuses = [];
    for (const id of ['a', 'b', 'c', 'd']) statuses.push((await post(id)).status);
    expect(statuses).toEqual([201, 503, 503, 201]);
    expect(await asOperator(coins, 'GET', '/faults')).toMatchObject({ body: { faults: [{ id: 1, injected: 2 }] } });
  });

  it('hit the same requests again for the same seed and ratio', async () => {
    const pattern = async (seed: number): Promise<number[]> => {
      await asOperator(coins, 'DELETE', '/faults');
      await fault({ kind: 'status', ratio: 0.5, seed, path: '/api/v1/**' });
      const statuses: number[] = [];
      for (let call = 0; call < 24; call += 1) statuses.push((await asHub(coins, 'GET', `/prospects/${ID}`)).status);
      return statuses;
    };
    const first = await pattern(11);
    expect(await pattern(11)).toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 503]));
    expect(await pattern(12)).not.toEqual(first);
  });

  it('make answers slow, once or standing', async () => {
    const timed = async (): Promise<number> => {
      const startedAt = performance.now();
      await asHub(coins, 'GET', `/prospects/${ID}`);
      return performance.now() - startedAt;
    };
    await fault({ kind: 'slow', delayMs: 120 });
    expect(await timed()).toBeGreaterThanOrEqual(115);
    await asOperator(coins, 'PUT', '/latency', { latencyMs: 60 });
    expect(await timed()).toBeGreaterThanOrEqual(55);
  });

  it('that cannot be are refused with the field', async () => {
    expect(await fault({ kind: 'explode' })).toMatchObject({ status: 400, body: { field: 'kind' } });
    expect(await fault({ kind: 'slow', ratio: 2 })).toMatchObject({ status: 400, body: { field: 'ratio' } });
  });
});

describe('the control side', () => {
  it('edits cards and consents as a Coins user does, and shows a card with all that is on it', async () => {
    await asOperator(coins, 'PATCH', `/prospects/${ID}`, { levelOfInterest: 'COLD', address: { town: 'Quernmouth' } });
    await asOperator(coins, 'PUT', `/prospects/${ID}/consents`, { code: 'EMAIL_MKT', value: true, date: '2026-01-01T00:00:00Z' });
    await post('a');
    const { body } = await asOperator(coins, 'GET', `/prospects/${ID}`);
    expect(body).toMatchObject({
      prospect: { levelOfInterest: 'COLD', address: { town: 'Quernmouth', country: expect.any(String) } },
      activities: [{ externalId: 'a', receivedAt: expect.any(String) }], tasks: [], flips: [],
    });
    expect(coins.state.journal.counts).toMatchObject({ permissionFlips: 0, prospectPatches: 0 });
  });

  it('dumps the state and starts again from nothing', async () => {
    await post('a');
    await fault({ kind: 'html-500', count: 5 });
    expect(await asOperator(coins, 'GET', '/state')).toMatchObject({ body: { prospects: [{ prospectId: ID }], activities: { [ID]: [{ externalId: 'a' }] } } });
    expect((await asOperator(coins, 'POST', '/reset')).status).toBe(204);
    expect(await asOperator(coins, 'GET', '/health')).toMatchObject({ body: { status: 'ok', prospects: 0 } });
    expect((await asHub(coins, 'GET', `/prospects/${ID}`)).status).toBe(404);
    expect(coins.state.journal.counts).toMatchObject({ requests: 1, activitiesStored: 0 });
  });
});
