import type { Instant } from '../model/fields.ts';
import type { TimeWindow } from './windows.ts';

/** How a lookback is cut: at the beginning of each calendar month (UTC), or into a number of equal parts. */
export type SliceCut = 'month' | number;

/**
 * Cuts `[from, to)` into slices, newest first. They cover it exactly once: each slice begins where the next in the list
 * ends. Empty when `from` is not before `to`. A number gives at most that many slices, fewer when there are fewer milliseconds.
 */
export function cutIntoSlices(from: Instant, to: Instant, cut: SliceCut): readonly TimeWindow[] {
  const fromMs = Date.parse(from);
  const toMs = Date.parse(to);
  if (!(fromMs < toMs)) return [];
  const inner = cut === 'month' ? monthStarts(fromMs, toMs) : equalParts(fromMs, toMs, cut);
  const bounds = [fromMs, ...inner, toMs].map((atMs) => new Date(atMs).toISOString());
  const slices: TimeWindow[] = [];
  let end: Instant | undefined;
  for (const start of bounds.reverse()) {
    if (end !== undefined) slices.push({ from: start, to: end });
    end = start;
  }
  return slices;
}

/** Beginnings of months strictly between two instants. */
function monthStarts(fromMs: number, toMs: number): number[] {
  const first = new Date(fromMs);
  const starts: number[] = [];
  for (let month = first.getUTCMonth() + 1; ; month += 1) {
    const startMs = Date.UTC(first.getUTCFullYear(), month, 1);
    if (startMs >= toMs) return starts;
    starts.push(startMs);
  }
}

function equalParts(fromMs: number, toMs: number, count: number): number[] {
  const parts = Math.max(1, Math.min(Math.floor(count), toMs - fromMs));
  const lengthMs = (toMs - fromMs) / parts;
  return Array.from({ length: parts - 1 }, (_, index) => Math.round(fromMs + (index + 1) * lengthMs));
}
