/** The longest wait that a header can ask for; a longer one is taken for a mistake of the sender and cut to this. */
const longestWaitMs = 24 * 60 * 60 * 1000;

/**
 * Reads a `Retry-After` header in both forms of RFC 9110 §10.2.3: seconds, or an HTTP date.
 * Milliseconds to wait from `nowMs`, never negative, at most a day; `undefined` when there is no header or it is neither form.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.min(longestWaitMs, Math.ceil(Number(text) * 1000));
  if (!/^[A-Z][a-z]+,? /.test(text)) return undefined;
  const dateMs = Date.parse(text);
  if (Number.isNaN(dateMs)) return undefined;
  return Math.min(longestWaitMs, Math.max(0, dateMs - nowMs));
}
