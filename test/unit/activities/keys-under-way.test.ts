import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { KeysUnderWay } from '../../../activities/keys-under-way.ts';
import { OverdueTurn } from '../../../db/repositories/apply/deferred-rows.ts';
import type { SourceRow } from '../../../domain/model/source-record.ts';

const row = (externalId: string, email: string | null): SourceRow => ({ dataType: 'contacts', externalId, payload: null, canonical: email === null ? {} : { email }, heldKeyOf: {}, held: {}, consents: [], sourceTime: null });
const rows = (...pairs: readonly (readonly [string, string | null])[]) => pairs.map(([id, email]) => row(id, email));
const others = (name: string) => rows(...Array.from({ length: 20 }, (_, i) => [`${name}${i}`, `${name}${i}@x.test`] as const));
const opened = () => new KeysUnderWay(({ canonical }) => (typeof canonical['email'] === 'string' ? canonical['email'] : null));

/** Whether a promise is settled by now. */
async function isSettled(work: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open');
  await Promise.resolve();
  return (await Promise.race([work, new Promise((resolve) => { setImmediate(() => resolve(open)); })])) !== open;
}

afterEach(() => { jest.useRealTimers(); });

describe('pages of a drain that are under way', () => {
  it('do not wait for each other when they have no key in common, nor for rows without a key', async () => {
    const keys = opened();
    keys.enter(rows(['A', 'a@x.test'], ['N', null]));
    const turn = keys.enter(rows(['B', 'b@x.test'], ['N', null]));
    expect(turn.deferred).toBeUndefined();
    expect(await isSettled(turn.before)).toBe(true);
  });

  it('put the things last whose key a page before has, all rows of them, and wait for that page alone', async () => {
    const keys = opened();
    const first = keys.enter(rows(['A', 'a@x.test']));
    const other = keys.enter(rows(['B', 'b@x.test']));
    const page = [...others('c'), ...rows(['A2', 'a@x.test'], ['A2', 'new@x.test'])];
    const { deferred, before } = keys.enter(page);
    expect(await isSettled(before)).toBe(true);
    expect(page.filter((one) => deferred?.has(one)).map(({ externalId, canonical }) => [externalId, canonical['email']])).toEqual([['A2', 'a@x.test'], ['A2', 'new@x.test']]);
    const ready = deferred?.ready() ?? Promise.resolve();
    other.leave();
    expect(await isSettled(ready)).toBe(false);
    first.leave();
    expect(await isSettled(ready)).toBe(true);
    expect(keys.enter(rows(['A3', 'a@x.test'])).deferred).toBeUndefined();
  });

  it('never wait for one behind them', async () => {
    const keys = opened();
    const first = keys.enter([...others('c'), ...rows(['A', 'a@x.test'])]);
    keys.enter([...others('d'), ...rows(['A2', 'a@x.test'])]);
    expect([first.deferred, await isSettled(first.before)]).toEqual([undefined, true]);
  });

  it('wait as a whole where much of them is concerned', async () => {
    const keys = opened();
    const first = keys.enter(others('c'));
    const again = keys.enter(others('c'));
    expect(again.deferred).toBeUndefined();
    expect(await isSettled(again.before)).toBe(false);
    first.leave();
    expect(await isSettled(again.before)).toBe(true);
  });

  it('lose patience while they hold locks, and only then', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const keys = opened();
    const first = keys.enter(others('c'));
    const { deferred } = keys.enter([...others('d'), ...rows(['C', 'c0@x.test'])]);
    const ready = deferred?.ready().catch((error: unknown) => error);
    const ended = deferred?.ended() ?? Promise.resolve();
    jest.advanceTimersByTime(60_000);
    expect(await ready).toBeInstanceOf(OverdueTurn);
    expect(await isSettled(ended)).toBe(false);
    first.leave();
    expect(await isSettled(ended)).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });
});
