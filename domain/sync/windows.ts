import type { Instant } from '../model/fields.ts';

/** Half-open `[from, to)`, of the source's own change times. */
export interface TimeWindow {
  readonly from: Instant;
  readonly to: Instant;
}

/** Between the moment of a read and the end of its window, so that changes that show up late are not missed (seed 001: at least 10 minutes). */
export const defaultMarginMs = 10 * 60_000;
/** How far a window starts before the cursor, for rows whose stamp is a little older than the moment they show up. */
export const defaultOverlapMs = 60_000;

/** What decides a pull's window. */
export interface PullState {
  /** End of the last window that was read completely. */
  readonly cursor: Instant;
  /** Nothing older belongs to the stream: the start of its first import, or the activation. */
  readonly streamStart: Instant;
  /** When this pull starts, by our clock. */
  readonly startedAt: Instant;
  readonly overlapMs: number;
  readonly marginMs: number;
}

/**
 * The window of one pull: `[cursor - overlap, start - margin)`, clamped at the stream's start. `null` when there is nothing
 * new to read yet: a window never ends at or before the cursor, so the cursor never goes backwards. Windows that follow
 * each other through `cursorAfter` leave no gap.
 */
export function pullWindow({ cursor, streamStart, startedAt, overlapMs, marginMs }: PullState): TimeWindow | null {
  const toMs = Date.parse(startedAt) - marginMs;
  const cursorMs = Date.parse(cursor);
  const fromMs = Math.max(cursorMs - overlapMs, Date.parse(streamStart));
  if (toMs <= cursorMs || toMs <= fromMs) return null;
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** The cursor once a window has been read completely. A pull that finishes after a later one moves nothing. */
export function cursorAfter(cursor: Instant, window: TimeWindow): Instant {
  return Date.parse(window.to) > Date.parse(cursor) ? window.to : cursor;
}

/**
 * The cursor to set before the first slice is read: the first import covers everything before it, the pulls everything
 * from it on. Never before the stream's start.
 */
export function initialCursor(streamStart: Instant, startedAt: Instant, marginMs: number): Instant {
  const startMs = Date.parse(streamStart);
  return new Date(Math.max(startMs, Date.parse(startedAt) - marginMs)).toISOString();
}

/** Whether a margin may be used: below the default only at a connector that was added as a test connector. */
export function checkMargin(marginMs: number, isTestConnector: boolean): { readonly ok: true } | { readonly ok: false; readonly reason: string } {
  if (!Number.isInteger(marginMs) || marginMs < 0) return { ok: false, reason: 'The margin is a whole number of milliseconds, 0 or more.' };
  if (isTestConnector || marginMs >= defaultMarginMs) return { ok: true };
  return { ok: false, reason: 'The margin is at least 10 minutes; only a connector that was added with --test may have a lower one.' };
}
