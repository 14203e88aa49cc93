import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseRetryAfter } from '../../../domain/sync/retry-after.ts';
import { climb, delayMs, groundStep, jitterShare, maxRetryAfterMs, retryLadderMs } from '../../../domain/sync/retry-ladder.ts';
import { testSeed } from '../../support/test-seed.ts';

fc.configureGlobal({ seed: testSeed() });

const random01 = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const steps = fc.nat(retryLadderMs.length - 1);
const minutes = (ms: number) => ms / 60_000;

describe('the retry ladder', () => {
  it('begins with 1, 5 and 10 minutes, then 1, 2 and 4 hours', () => {
    expect(retryLadderMs.slice(0, 6).map(minutes)).toEqual([1, 5, 10, 60, 120, 240]);
  });

  it('differs from its steps by at most a tenth', () => {
    fc.assert(fc.property(steps, random01, (step, random) => {
      const [waitMs, stepMs] = [delayMs(step, random) ?? 0, retryLadderMs[step] ?? 0];
      expect(Math.abs(waitMs - stepMs)).toBeLessThanOrEqual(stepMs * jitterShare);
    }));
  });

  it('increases with each step whatever the chance, and ends', () => {
    fc.assert(fc.property(steps, random01, random01, (step, random, other) => {
      const next = delayMs(step + 1, other);
      if (next !== null) expect(next).toBeGreaterThan(delayMs(step, random) ?? 0);
    }));
    expect(delayMs(retryLadderMs.length, 0.5)).toBeNull();
  });

  it('needs an operator after its last step, however it was climbed, and not before', () => {
    fc.assert(fc.property(fc.array(random01, { minLength: retryLadderMs.length + 1, maxLength: 20 }), (chances) => {
      let step = groundStep;
      const kinds = chances.map((random) => {
        const move = climb(step, { kind: 'failed' }, random);
        step = move.step;
        return move.kind;
      });
      expect(kinds.indexOf('needsOperator')).toBe(retryLadderMs.length);
      expect(step).toBe(retryLadderMs.length);
    }));
  });

  it('comes back no earlier than the platform asks, and never later than a day', () => {
    const asked = fc.integer({ min: 0, max: 10 * maxRetryAfterMs });
    fc.assert(fc.property(steps, asked, random01, fc.constantFrom('failed', 'rateLimited'), (step, retryAfterMs, random, kind) => {
      const move = climb(step, { kind, retryAfterMs }, random);
      const waitMs = move.kind === 'wait' ? move.delayMs : -1;
      expect(waitMs).toBeGreaterThanOrEqual(Math.min(retryAfterMs, maxRetryAfterMs));
      expect(waitMs).toBeLessThanOrEqual(maxRetryAfterMs * (1 + jitterShare));
    }));
  });

  it('does not climb on 429, at any height', () => {
    fc.assert(fc.property(fc.nat(20), fc.option(fc.nat(3_600_000), { nil: undefined }), random01, (step, retryAfterMs, random) => {
      const move = climb(step, retryAfterMs === undefined ? { kind: 'rateLimited' } : { kind: 'rateLimited', retryAfterMs }, random);
      expect(move).toMatchObject({ kind: 'wait', step });
    }));
    expect(climb(2, { kind: 'rateLimited', retryAfterMs: 7_000 }, 0.9)).toEqual({ kind: 'wait', step: 2, delayMs: 7_000 });
    expect(climb(groundStep, { kind: 'rateLimited' }, 0.5)).toEqual({ kind: 'wait', step: 0, delayMs: 60_000 });
  });

  it('takes another ladder, for tests', () => {
    expect(climb(0, { kind: 'failed' }, 0.5, [100, 200])).toEqual({ kind: 'wait', step: 1, delayMs: 100 });
    expect(climb(2, { kind: 'failed' }, 0.5, [100, 200])).toEqual({ kind: 'needsOperator', step: 2 });
  });
});

describe('parseRetryAfter', () => {
  const nowMs = Date.UTC(1994, 10, 6, 8, 49, 7);

  it.each([
    ['120', 120_000], [' 0 ', 0], ['1.5', 1_500],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000], ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000], ['Sun Nov  6 08:49:37 1994', 30_000],
    ['Sun, 06 Nov 1994 08:49:00 GMT', 0],
  ])('reads %j as %d milliseconds', (header, expected) => {
    expect(parseRetryAfter(header, nowMs)).toBe(expected);
  });

  it.each([undefined, '', 'soon', '-5', '5 apples', '1e9', '1994-11-06', 'Sun, 99 Nov 1994 08:49:37 GMT', '06 Nov 1994 08:49:37', '9'.repeat(40)])('reads nothing from %j', (header) => {
    expect(parseRetryAfter(header, nowMs)).toBeNull();
  });

  it('never gives a negative wait, whatever the header', () => {
    fc.assert(fc.property(fc.string(), fc.nat(), (header, now) => {
      expect(parseRetryAfter(header, now) ?? 0).toBeGreaterThanOrEqual(0);
    }));
  });
});
