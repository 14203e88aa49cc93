const day = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const month = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const time = String.raw`\d\d:\d\d:\d\d`;

/** The three forms of an HTTP date (RFC 9110 §5.6.7); the last one names no zone and is in UTC. */
const datesWithZone = [
  new RegExp(String.raw`^${day}, \d\d ${month} \d{4} ${time} GMT$`),
  new RegExp(String.raw`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-${month}-\d\d ${time} GMT$`),
];
const dateWithoutZone = new RegExp(String.raw`^${day} ${month} [ \d]\d ${time} \d{4}$`);

/**
 * Reads a `Retry-After` header: how long to wait, in milliseconds, 0 when the date has passed. `null` for an absent header
 * and for anything that is neither seconds (also with decimals) nor an HTTP date.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,12}(?:\.\d{1,6})?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  const atMs = httpDateMs(text);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}

function httpDateMs(text: string): number {
  if (datesWithZone.some((form) => form.test(text))) return Date.parse(text);
  return dateWithoutZone.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
}
