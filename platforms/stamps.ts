import { DateTime } from 'luxon';
import type { Instant } from '../domain/model/fields.ts';

/**
 * The instant of a stamp in ISO 8601 that was checked (`z.iso.datetime({ offset: true, local: true })`). A stamp without an offset is read in `timeZone` (IANA);
 * an hour that the clocks skip is read as the hour after it, one that comes twice as its first.
 */
export function instantOf(stamp: string, timeZone: string): Instant {
  if (stamp.endsWith('Z')) {
    if (stamp.length === 24) return stamp;
    if (stamp.length === 20) return `${stamp.slice(0, 19)}.000Z`;
  }
  if (/(?:Z|[+-]\d\d:\d\d)$/.test(stamp)) return new Date(stamp).toISOString();
  const candidates = DateTime.fromISO(stamp, { zone: timeZone }).getPossibleOffsets();
  return new Date(Math.min(...candidates.map((candidate) => candidate.toMillis()))).toISOString();
}
