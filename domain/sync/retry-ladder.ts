const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Waits between attempts, in milliseconds (seed 001: 1, 5, 10 minutes, an hour, and so on, increasing and limited). Two days in all. */
export const retryLadderMs: readonly number[] = [
  minuteMs, 5 * minuteMs, 10 * minuteMs, hourMs, 2 * hourMs, 4 * hourMs, 8 * hourMs, 12 * hourMs, 24 * hourMs,
];

/** A wait differs by at most this share from its step, so that connectors do not come back all at once. */
export const jitterShare = 0.1;

/** The longest wait that a platform may ask for; after it we ask again. */
export const maxRetryAfterMs = 24 * hourMs;

/** The step before any failure, and after every success. */
export const groundStep = 0;

/** What went wrong: `failed` climbs, `rateLimited` (429) does not. `retryAfterMs` is what the platform asked for, if anything. */
export interface LadderFailure {
  readonly kind: 'failed' | 'rateLimited';
  readonly retryAfterMs?: number;
}

/** What to do now. `step` is to be stored: the number of waits climbed since the last success. */
export type LadderMove =
  | { readonly kind: 'wait'; readonly step: number; readonly delayMs: number }
  | { readonly kind: 'needsOperator'; readonly step: number };

/**
 * The wait of a step (from 0), ±10 %; `null` above the end of the ladder. `random01` is in [0, 1). Waits of different steps
 * never overlap. `ladderMs` replaces the ladder, for tests: it has to increase.
 */
export function delayMs(step: number, random01: number, ladderMs: readonly number[] = retryLadderMs): number | null {
  const waitMs = ladderMs[step];
  return waitMs === undefined ? null : Math.round(waitMs * (1 - jitterShare + 2 * jitterShare * random01));
}

/**
 * The next move after a failure at `step`. The attempt is never before the time that the platform asked for; a 429 that
 * names its time is tried at that time and climbs nothing. At the end of the ladder an operator is needed.
 */
export function climb(step: number, failure: LadderFailure, random01: number, ladderMs: readonly number[] = retryLadderMs): LadderMove {
  const askedMs = Math.min(failure.retryAfterMs ?? 0, maxRetryAfterMs);
  if (failure.kind === 'rateLimited') {
    const ownMs = delayMs(Math.min(step, ladderMs.length - 1), random01, ladderMs) ?? 0;
    return { kind: 'wait', step, delayMs: failure.retryAfterMs === undefined ? ownMs : askedMs };
  }
  const waitMs = delayMs(step, random01, ladderMs);
  if (waitMs === null) return { kind: 'needsOperator', step };
  return { kind: 'wait', step: step + 1, delayMs: Math.max(waitMs, askedMs) };
}
