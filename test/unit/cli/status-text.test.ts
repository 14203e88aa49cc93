import { describe, expect, it } from '@jest/globals';
import { frame } from '../../../cli/output/redraw.ts';
import { paintFor } from '../../../cli/output/paint.ts';
import { statusText } from '../../../cli/output/status-text.ts';
import type { ConnectorStatus } from '../../../gateway/status/status-view.ts';

const plain = paintFor(false);
const escape = '\u001B';
const at = '2026-11-21T10:00:00.000Z';

const quiet: ConnectorStatus = {
  connector: {
    id: 'mailplus-1', name: 'Mail+', platform: 'mailplus', class: 'marketing-automation', preset: 'marketing-automation', phase: 'live', paused: false, state: 'live',
    health: { in: { state: 'ok', reason: null }, out: { state: 'ok', reason: null } }, test: false, createdAt: at,
  },
  backfills: [], awaitedImports: [], reasons: [], holds: [], cursors: [], nextPull: null, temporalUi: null,
  counts: { pending: 0, parked: 0, excluded: 0, failed: 0, delivered: 0, skipped: 0, rejected: 0, actionsPending: 0, actionsDone: 0, openCalls: 0, listsReceiving: 0, listed: 0 },
  mapping: { remap: null, heldBack: [] }, mergedAnew: [],
  inbox: { waiting: 0, failed: 0, lagSeconds: 0 },
  sending: { pending: 0, perSecond: 0, estimatedEnd: null },
};
const textOf = (...connectors: readonly Partial<ConnectorStatus>[]) => statusText(plain, { at, connectors: connectors.map((one) => ({ ...quiet, ...one })) });
const reason = (more: Partial<ConnectorStatus['reasons'][number]>): ConnectorStatus['reasons'][number] => ({ what: 'delivery', state: 'excluded', code: null, reason: null, count: 1, fix: null, ...more });

describe('the status', () => {
  it('says of an import that the system itself called complete that it is, and counts no rows', () => {
    const run = { dataType: 'products', state: 'done', first: true, from: at, rows: 0, slices: 0, slicesDone: 0, percent: 100, rowsPerSecond: null, estimatedEnd: null, startedAt: at, finishedAt: at, reason: null } as const;
    expect(textOf({ backfills: [run] })).toMatch(/Reading {3}first import of products: complete$/m);
    expect(textOf({ backfills: [{ ...run, slices: 1, slicesDone: 1 }] })).toContain('first import of products since 2026-11-21: done, 0 rows');
  });

  it('says how far records are that are merged anew', () => {
    expect(textOf({ mergedAnew: [{ dataType: 'products', looked: 5_000, total: 20_000, percent: 25 }] })).toContain('Merging   stored products anew, for whose word counts first has changed: █████░░░░░░░░░░░░░░░ 25 %, 5,000 of 20,000');
  });

  it('says what a system that sends by itself has to say yet, and how', () => {
    expect(textOf({ awaitedImports: ['contacts', 'activities'] })).toMatch(/Awaits {4}the word of its system that it has sent all of: contacts, activities\. .*POST \/inbound\/mailplus\/mailplus-1\/<data type>\/complete/);
    expect(textOf({})).not.toContain('Awaits');
  });

  it('says how far an import is, how fast, and until when', () => {
    const run = { dataType: 'contacts', state: 'running', first: true, from: '2016-11-21T00:00:00.000Z', rows: 50_000, slices: 4, slicesDone: 1, percent: 25, rowsPerSecond: 6_000, estimatedEnd: '2026-11-21T10:00:25.000Z', startedAt: at, finishedAt: null, reason: null } as const;
    expect(textOf({ backfills: [run] })).toContain('Reading   first import of contacts since 2016-11-21: █████░░░░░░░░░░░░░░░ 25 %, 50,000 rows, 6,000 a second, until about 10:00:25 UTC (in 25 s)');
    expect(textOf({ backfills: [{ ...run, state: 'done', estimatedEnd: null }] })).toContain('first import of contacts since 2016-11-21: done, 50,000 rows');
    expect(textOf({ backfills: [{ ...run, state: 'cancelled', reason: 'its workflow was cancelled' }] })).toContain('cancelled at 25 %, 50,000 rows: its workflow was cancelled');
  });

  it('says how far the deliveries are, how fast, and until when', () => {
    const text = textOf({ counts: { ...quiet.counts, pending: 15_000, delivered: 5_000 }, sending: { pending: 15_000, perSecond: 3_000, estimatedEnd: '2026-11-21T10:00:05.000Z' } });
    expect(text).toContain('Sending   █████░░░░░░░░░░░░░░░ 25 %, 15,000 to go, 3,000 a second, until about 10:00:05 UTC (in 5 s)');
  });

  it('says why things are left out, wait or failed, the most frequent first, and what to do', () => {
    const text = textOf({ counts: { ...quiet.counts, listed: 13 }, reasons: [
      reason({ what: 'rejected', state: 'open', code: 'NO_MATCH_KEY', reason: 'no email and no phone', count: 13, fix: 'Add one at the source and send the record again.' }),
      reason({ what: 'excluded', reason: 'created only by a list sync', count: 1_994 }),
      reason({ state: 'parked', reason: 'waiting for its own first import', count: 1 }),
      reason({ what: 'list', state: 'parked' }), reason({ what: 'list', state: 'complete', count: 7 }), reason({ state: 'pending', count: 9 }),
    ] });
    const lines = text.split('\n').slice(text.split('\n').indexOf('mailplus-1') + 1);
    expect(lines).toEqual([
      '  Left out  1,994 records of the source: created only by a list sync',
      '  Rejected  13 records of the source: no email and no phone (NO_MATCH_KEY). What to do: Add one at the source and send the record again.',
      '  Parked    1 record: waiting for its own first import',
      '  Parked    1 list sync: pages are missing',
      '            `hub failed list --connector mailplus-1` shows what failed.',
    ]);
  });

  it('estimates no end while the platform is waited for', () => {
    const holding = { ...quiet.connector, state: 'holding', health: { in: { state: 'ok', reason: null }, out: { state: 'holding', reason: 'It answered 503.' } } } as const;
    const text = textOf({ connector: holding, counts: { ...quiet.counts, pending: 20, delivered: 80 }, sending: { pending: 20, perSecond: 65, estimatedEnd: '2026-11-21T10:00:05.000Z' } });
    expect(text).toMatch(/80 %, 20 to go$/m);
  });

  it('tells the same trouble of both directions once, and when the next attempt is', () => {
    const both = { state: 'needsOperator', reason: 'Mail+ refused key and secret. Set them.' } as const;
    const needs = textOf({ connector: { ...quiet.connector, state: 'needsOperator', health: { in: both, out: both } } });
    expect(needs).toContain('Needs you reading and sending: Mail+ refused key and secret. Set them.');
    const waits = textOf({
      connector: { ...quiet.connector, state: 'holding', health: { in: { state: 'ok', reason: null }, out: { state: 'holding', reason: 'It answered 503.' } } },
      holds: [{ direction: 'out', step: 2, notBefore: '2026-11-21T10:05:00.000Z', code: 'PLATFORM_ERROR', reason: 'x' }],
    });
    expect(waits).toContain('Waits     sending: It answered 503. Next attempt at 10:05:00 UTC, or at once with `hub failed retry --connector mailplus-1`.');
  });

  it('marks test connectors and paused ones, and does not drown in reasons', () => {
    const text = textOf({ connector: { ...quiet.connector, test: true, paused: true, state: 'paused' }, reasons: Array.from({ length: 20 }, (_, i) => reason({ reason: `reason ${i}` })) });
    expect(text).toMatch(/│ mailplus-1 \(test connector\) │ paused/);
    expect(text).toContain('`hub resume mailplus-1` goes on');
    expect(text).toContain('and 12 more reasons');
  });

  it('says where to begin when there is nothing', () => {
    expect(textOf()).toContain('hub onboarding');
  });
});

describe('redrawing', () => {
  it('overwrites line by line and clears what is left of the last frame, without clearing the screen', () => {
    const drawn = frame('one\ntwo', { rows: 10, columns: 80 });
    expect(drawn).toBe(`${escape}[Hone${escape}[K\ntwo${escape}[K${escape}[J`);
    expect(drawn).not.toContain(`${escape}[2J`);
  });

  it('leaves out from below what does not fit, lines that wrap counted', () => {
    const fits = (text: string, rows: number) => frame(text, { rows, columns: 10 }).split('\n').length;
    expect(fits('1\n2\n3', 5)).toBe(3);
    expect(fits('1\n2\n3\n4\n5\n6', 5)).toBe(4);
    expect(fits(`${'x'.repeat(35)}\n2\n3`, 5)).toBe(1);
    expect(fits(`${escape}[31m${'x'.repeat(10)}${escape}[0m\n2\n3`, 5)).toBe(3);
  });
});
