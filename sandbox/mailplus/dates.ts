const isoPattern = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Reads the local wall time of the vendor's zone at an instant. */
const amsterdamClock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Amsterdam', hourCycle: 'h23',
  year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
});

/** Whether `text` is a calendar date `yyyy-MM-dd` that exists. */
export function isCalendarDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && wallTimeMs(isoPattern.exec(text)) !== undefined;
}

/**
 * Epoch milliseconds of an ISO 8601 date or date-time, as the API's date parameters take it: date only, with or without
 * seconds and fractions, `Z`, `+02:00` and `+0200`. Without an offset it is read in Europe/Amsterdam (contract 1.6,
 * an assumption). `undefined` when it is anything else.
 */
export function parseIsoInstant(text: string): number | undefined {
  const match = isoPattern.exec(text);
  const wallMs = wallTimeMs(match);
  if (wallMs === undefined) return undefined;
  const offset = match?.[8];
  return offset === undefined ? fromAmsterdam(wallMs) : wallMs - offsetMs(offset);
}

/** Whether `text` is a complete ISO 8601 date-time that carries its offset. */
export function hasTimeAndOffset(text: string): boolean {
  const match = isoPattern.exec(text);
  return match?.[4] !== undefined && match[8] !== undefined;
}

function wallTimeMs(match: RegExpExecArray | null): number | undefined {
  if (match === null) return undefined;
  const part = (index: number): number => Number(match[index] ?? '0');
  const fractionMs = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1000);
  const wallMs = Date.UTC(part(1), part(2) - 1, part(3), part(4), part(5), part(6), fractionMs);
  const back = new Date(wallMs);
  const exists = back.getUTCMonth() === part(2) - 1 && back.getUTCDate() === part(3)
    && part(4) < 24 && part(5) < 60 && part(6) < 60;
  return exists ? wallMs : undefined;
}

function offsetMs(offset: string): number {
  if (offset === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

function fromAmsterdam(wallMs: number): number {
  const first = wallMs - amsterdamOffsetMs(wallMs);
  return wallMs - amsterdamOffsetMs(first);
}

function amsterdamOffsetMs(instantMs: number): number {
  const values = new Map(amsterdamClock.formatToParts(instantMs).map((part) => [part.type, Number(part.value)]));
  const value = (type: Intl.DateTimeFormatPartTypes): number => values.get(type) ?? 0;
  const shown = Date.UTC(value('year'), value('month') - 1, value('day'), value('hour'), value('minute'), value('second'));
  return shown - Math.floor(instantMs / 1000) * 1000;
}
