import type { Instant, Scalar } from '../model/fields.ts';
import type { LinkMemory } from '../model/link-memory.ts';
import { isSameValue } from '../model/same-value.ts';
import { traceOf, type KeyTrace } from './sent-calls.ts';

/**
 * What the shown value of one key means: `unchanged` since the last read or our confirmed write; the `echo` of a write of ours;
 * `overtaken`: the value of an older write of ours, after a newer one was stored; `unsure`: the read began before a write of ours to
 * this key had ended, so it may show the time before; `news`: somebody else set it.
 */
export type Verdict = 'unchanged' | 'echo' | 'overtaken' | 'unsure' | 'news';

/** True when the read began before a write of ours to the key had ended. */
export function isCrossed(trace: KeyTrace, readAt: Instant): boolean {
  return trace.endedAt !== null && readAt <= trace.endedAt;
}

/** Judges the shown value of one key of a read against a link's memory. */
export function judgeKey(memory: LinkMemory, shown: Scalar | undefined, key: string, readAt: Instant): Verdict {
  const held = memory.held[key];
  const trace = traceOf(memory.sent, key);
  if (trace === null) return isSameValue(shown, held) ? 'unchanged' : 'news';
  if (isCrossed(trace, readAt)) return 'unsure';
  if (isSameValue(shown, held)) return 'unchanged';
  if (trace.stored !== null && isSameValue(trace.storedValue, shown)) return 'echo';
  if (trace.unsettled.some((value) => isSameValue(value, shown))) return 'echo';
  if (trace.superseded.some((value) => isSameValue(value, shown))) return 'overtaken';
  return 'news';
}
