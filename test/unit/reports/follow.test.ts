import { describe, expect, it } from '@jest/globals';
import { basisOf, isLastLook, isWorthReading, nextLook } from '../../../domain/reports/follow.ts';

const hour = 3_600_000;
const day = 24 * hour;
const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
const following = (ageMs: number, more: object = {}) => ({ since: at(0), readAt: at(ageMs), followMs: 30 * day, endless: false, ...more });

describe('the next look at a mailing', () => {
  it.each([[0, 60_000], [hour, 150_000], [day, hour], [21 * day, 21 * hour]])('comes %i ms after it was sent when another %i ms have passed', (ageMs, waitMs) => {
    expect(nextLook(following(ageMs))).toBe(at(ageMs + waitMs));
  });

  it('is never before the one that has ended, comes to the end of the following exactly, and there it ends', () => {
    let [looks, ageMs] = [0, 0];
    for (let next = nextLook(following(0)); next !== null; next = nextLook(following(ageMs))) {
      expect(Date.parse(next)).toBeGreaterThan(Date.parse(at(ageMs)));
      ageMs = Date.parse(next) - Date.parse(at(0));
      looks += 1;
      expect(ageMs).toBeLessThanOrEqual(30 * day);
    }
    expect([ageMs, isLastLook(following(ageMs))]).toEqual([30 * day, true]);
    expect(looks).toBeGreaterThan(100);
    expect(looks).toBeLessThan(400);
  });

  it('comes about once a day, without end, for a message of an active campaign', () => {
    const old = following(400 * day, { endless: true });
    expect([isLastLook(old), nextLook(old)]).toEqual([false, at(400 * day + 30 * hour)]);
  });

  it('is not confused by a mailing that is dated ahead', () => {
    expect(nextLook(following(-5 * day))).toBe(at(-5 * day + 60_000));
  });
});

describe('a list', () => {
  const counts = { sentCount: 5, openCount: 2, openRenderedCount: 2, clickCount: 0, conversionClickCount: 0, toWebshopCount: 0, unsubscribeCount: 0, hardbounceCount: 0, softbounceCount: 1 };

  it('is read when its own counts moved, and only then', () => {
    const basis = basisOf('opens', counts);
    expect([isWorthReading('opens', counts, null, false), isWorthReading('opens', counts, basis, false), isWorthReading('opens', { ...counts, openCount: 3 }, basis, false)]).toEqual([true, false, true]);
    expect(isWorthReading('opens', { ...counts, sentCount: 9, softbounceCount: 4 }, basis, false)).toBe(false);
  });

  it('is read at the last look in any case, and never when the platform counts nothing in it', () => {
    expect(isWorthReading('opens', counts, basisOf('opens', counts), true)).toBe(true);
    expect(isWorthReading('clicks', counts, null, true)).toBe(false);
  });

  it('is read where the platform does not say how long it is', () => {
    expect(isWorthReading('bounces', {}, null, false)).toBe(true);
  });
});
