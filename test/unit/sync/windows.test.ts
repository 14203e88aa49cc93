import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cutIntoSlices } from '../../../domain/sync/slices.ts';
import { checkMargin, cursorAfter, defaultMarginMs, defaultOverlapMs, initialCursor, pullWindow, type TimeWindow } from '../../../domain/sync/windows.ts';
import { testSeed } from '../../support/test-seed.ts';

fc.configureGlobal({ seed: testSeed() });

const at = (ms: number) => new Date(ms).toISOString();
const minute = 60_000;
const settings = { overlapMs: minute, marginMs: 10 * minute };
const t0 = Date.UTC(2026, 10, 21, 10);

describe('pullWindow', () => {
  it('reads from the cursor less the overlap to the start less the margin', () => {
    expect(pullWindow({ cursor: at(t0), streamStart: at(0), startedAt: at(t0 + 60 * minute), ...settings })).toEqual({ from: at(t0 - minute), to: at(t0 + 50 * minute) });
  });

  it('is clamped at the stream\'s start', () => {
    expect(pullWindow({ cursor: at(t0), streamStart: at(t0), startedAt: at(t0 + 60 * minute), ...settings })?.from).toBe(at(t0));
  });

  it('reads nothing while the margin has not passed the cursor, and never goes backwards', () => {
    for (const after of [-60, 0, 9, 10]) expect(pullWindow({ cursor: at(t0), streamStart: at(0), startedAt: at(t0 + after * minute), ...settings })).toBeNull();
    expect(pullWindow({ cursor: at(t0), streamStart: at(0), startedAt: at(t0 + 10 * minute + 1), ...settings })?.to).toBe(at(t0 + 1));
    expect(pullWindow({ cursor: at(t0), streamStart: at(t0 + 30 * minute), startedAt: at(t0 + 40 * minute), ...settings })).toBeNull();
  });

  it('moves the cursor forward only', () => {
    const window = { from: at(t0), to: at(t0 + minute) };
    expect(cursorAfter(at(t0), window)).toBe(window.to);
    expect(cursorAfter(at(t0 + 2 * minute), window)).toBe(at(t0 + 2 * minute));
  });
});

describe('checkMargin', () => {
  it('allows less than ten minutes at test connectors only', () => {
    expect(checkMargin(defaultMarginMs, false).ok).toBe(true);
    expect(checkMargin(defaultMarginMs - 1, false)).toMatchObject({ ok: false, reason: expect.stringContaining('--test') });
    expect(checkMargin(0, true).ok).toBe(true);
    expect([-1, 0.5, Number.NaN].some((marginMs) => checkMargin(marginMs, true).ok)).toBe(false);
    expect(defaultOverlapMs).toBeGreaterThan(0);
  });
});

/** A change of a row: its stamp, and how much later the source shows it. */
type Change = { stampMs: number; showsAfterMs: number };
/** A pull: when it starts, and what becomes of it. `late` pulls finish after the one that starts next. */
type Pull = { startMs: number; fate: 'done' | 'failed' | 'late' };

const horizonMs = 3_000;
const changes = fc.array(fc.record({ stampMs: fc.nat(horizonMs), showsAfterMs: fc.nat(200) }), { maxLength: 60 });
const pulls = fc.array(fc.record({ startMs: fc.nat(horizonMs + 500), fate: fc.constantFrom<Pull['fate']>('done', 'failed', 'late') }), { maxLength: 30 });

/** Reads the source in windows, as the product does, and tells which changes were seen in a window that was completed. */
function simulate(streamStart: number, cursorMs: number, rows: readonly Change[], runs: readonly Pull[], overlapMs: number, marginMs: number) {
  let cursor = at(cursorMs);
  const seen = new Set<Change>();
  const cursors = [cursor];
  let waiting: TimeWindow[] = [];
  const finish = (window: TimeWindow) => { cursors.push(cursor = cursorAfter(cursor, window)); };
  for (const { startMs, fate } of runs) {
    const window = pullWindow({ cursor, streamStart: at(streamStart), startedAt: at(startMs), overlapMs, marginMs });
    if (window === null || fate === 'failed') continue;
    for (const row of rows) if (shown(row, startMs) && at(row.stampMs) >= window.from && at(row.stampMs) < window.to) seen.add(row);
    const before = waiting;
    waiting = fate === 'late' ? [window] : [];
    if (fate === 'done') finish(window);
    before.forEach(finish);
  }
  return { seen, cursors };
}

const shown = (row: Change, nowMs: number) => row.stampMs + row.showsAfterMs <= nowMs;

describe('windows over random pulls', () => {
  it('cover every row, whatever failed, repeated or finished out of order, when rows show up within the margin', () => {
    fc.assert(fc.property(changes, pulls, fc.nat(300), fc.nat(1_000), (rows, runs, overlapMs, streamStart) => {
      const marginMs = 200;
      const last: Pull = { startMs: horizonMs + marginMs + 1, fate: 'done' };
      const ordered = [...runs].filter((run) => run.startMs < last.startMs);
      const { seen } = simulate(streamStart, streamStart, rows, [...ordered, last], overlapMs, marginMs);
      expect(rows.filter((row) => row.stampMs >= streamStart && !seen.has(row))).toEqual([]);
    }), { numRuns: 2_000 });
  });

  it('never move the cursor backwards and never read before the stream\'s start', () => {
    fc.assert(fc.property(pulls, fc.nat(300), fc.nat(300), fc.nat(1_000), (runs, overlapMs, marginMs, streamStart) => {
      const rows = Array.from({ length: streamStart }, (_, stampMs) => ({ stampMs, showsAfterMs: 0 }));
      const { seen, cursors } = simulate(streamStart, streamStart, rows, runs, overlapMs, marginMs);
      expect(seen.size).toBe(0);
      expect([...cursors].sort()).toEqual(cursors);
    }));
  });

  it('join the first import without a gap: its slices end where the first pull begins', () => {
    fc.assert(fc.property(changes, fc.nat(1_000), fc.integer({ min: 1, max: 9 }), (rows, streamStart, parts) => {
      const [startedMs, marginMs] = [2_000, 200];
      const cursor = initialCursor(at(streamStart), at(startedMs), marginMs);
      const slices = cutIntoSlices(at(streamStart), cursor, parts);
      const last: Pull = { startMs: horizonMs + marginMs + 1, fate: 'done' };
      const { seen } = simulate(streamStart, Date.parse(cursor), rows, [last], 0, marginMs);
      const inSlice = (row: Change) => shown(row, startedMs) && slices.some(({ from, to }) => at(row.stampMs) >= from && at(row.stampMs) < to);
      expect(rows.filter((row) => row.stampMs >= streamStart && !seen.has(row) && !inSlice(row))).toEqual([]);
    }), { numRuns: 1_000 });
  });
});
