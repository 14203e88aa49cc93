import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cutIntoSlices } from '../../../domain/sync/slices.ts';
import { testSeed } from '../../support/test-seed.ts';

fc.configureGlobal({ seed: testSeed() });

const at = (ms: number) => new Date(ms).toISOString();

describe('cutIntoSlices', () => {
  it('cuts at the beginning of each month, newest first', () => {
    expect(cutIntoSlices('2025-11-21T10:00:00.000Z', '2026-02-03T00:00:00.000Z', 'month')).toEqual([
      { from: '2026-02-01T00:00:00.000Z', to: '2026-02-03T00:00:00.000Z' },
      { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' },
      { from: '2025-12-01T00:00:00.000Z', to: '2026-01-01T00:00:00.000Z' },
      { from: '2025-11-21T10:00:00.000Z', to: '2025-12-01T00:00:00.000Z' },
    ]);
    expect(cutIntoSlices('2016-11-21T10:00:00.000Z', '2026-11-21T10:00:00.000Z', 'month')).toHaveLength(121);
  });

  it('makes no empty slice when an end is the beginning of a month', () => {
    const slices = cutIntoSlices('2026-01-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z', 'month');
    expect(slices.map(({ from }) => from)).toEqual(['2026-02-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z']);
  });

  it('cuts into a number of parts, fewer when there are fewer milliseconds', () => {
    expect(cutIntoSlices(at(0), at(10), 5).map(({ from }) => from)).toEqual([at(8), at(6), at(4), at(2), at(0)]);
    expect(cutIntoSlices(at(0), at(3), 10)).toHaveLength(3);
    expect(cutIntoSlices(at(0), at(10), 0)).toEqual([{ from: at(0), to: at(10) }]);
  });

  it('gives none for a lookback that is empty', () => {
    expect(cutIntoSlices(at(5), at(5), 'month')).toEqual([]);
    expect(cutIntoSlices(at(6), at(5), 3)).toEqual([]);
  });

  it('covers each instant of any lookback exactly once, newest first', () => {
    const tenYearsMs = 10 * 366 * 86_400_000;
    const cuts = fc.oneof(fc.constant('month' as const), fc.integer({ min: 1, max: 200 }));
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 41 }), fc.integer({ min: 1, max: tenYearsMs }), cuts, (fromMs, lengthMs, cut) => {
      const slices = cutIntoSlices(at(fromMs), at(fromMs + lengthMs), cut);
      expect(slices[0]?.to).toBe(at(fromMs + lengthMs));
      expect(slices.at(-1)?.from).toBe(at(fromMs));
      slices.forEach(({ from, to }, index) => {
        expect(from < to).toBe(true);
        if (index > 0) expect(to).toBe(slices[index - 1]?.from);
      });
    }), { numRuns: 500 });
  });
});
