import type { Instant } from './fields.ts';

/** The earlier of two instants; one that is absent does not count. */
export function earlier(a: Instant, b: Instant | undefined): Instant {
  return b !== undefined && b < a ? b : a;
}

/** The next instant that can be told apart from this one: a millisecond later. */
export function justAfter(at: Instant): Instant {
  return new Date(Date.parse(at) + 1).toISOString();
}

/** The last instant that can be told apart from this one: a millisecond earlier. */
export function justBefore(at: Instant): Instant {
  return new Date(Date.parse(at) - 1).toISOString();
}

/** The later of two instants; `null` when there is none. */
export function later(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null) return b;
  return b === null || a >= b ? a : b;
}
