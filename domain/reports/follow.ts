import type { Instant } from '../model/fields.ts';
import type { MailingStatistics, ReportList } from './report.ts';

/** A mailing is looked at again when it has become a twenty-fourth older: hourly after a day, daily after three weeks. */
const partOfAge = 24;
/** However new it is. */
const soonestMs = 60_000;

/** What decides when a mailing is looked at again. */
export interface Following {
  /** Since when it is there; of a message of a campaign: since when nothing new came. */
  readonly since: Instant;
  /** When the look began that has just ended. */
  readonly readAt: Instant;
  /** For how long its numbers can still change. */
  readonly followMs: number;
  /** A message of an active campaign is looked at for ever. */
  readonly endless: boolean;
}

/** Whether a look is the last one: what it does not find is not looked for again. */
export function isLastLook({ since, readAt, followMs, endless }: Following): boolean {
  return !endless && Date.parse(readAt) - Date.parse(since) >= followMs;
}

/** When a mailing is to be looked at again; null: never. The last look is not before its numbers are taken for final. */
export function nextLook(following: Following): Instant | null {
  if (isLastLook(following)) return null;
  const { since, readAt, followMs } = following;
  const readMs = Date.parse(readAt);
  const ageMs = Math.max(0, readMs - Date.parse(since));
  const nextMs = readMs + Math.max(soonestMs, Math.min(ageMs, followMs) / partOfAge);
  const endMs = Date.parse(since) + followMs;
  return new Date(readMs < endMs ? Math.min(nextMs, endMs) : nextMs).toISOString();
}

/** The counts that move when a list gets longer. A second open by the same person moves none: the last look finds it. */
const countsOf: Readonly<Record<ReportList, readonly string[]>> = {
  recipients: ['sentCount'],
  opens: ['openCount', 'openRenderedCount'],
  clicks: ['clickCount', 'conversionClickCount', 'toWebshopCount', 'unsubscribeCount'],
  bounces: ['hardbounceCount', 'softbounceCount'],
};

/** What the statistics say of a list, as a text to compare. */
export function basisOf(list: ReportList, statistics: MailingStatistics): string {
  return countsOf[list].map((name) => statistics[name] ?? '').join('/');
}

/**
 * Whether a list is to be read: it has lines, and there are other ones than at the last reading (`readBasis`, null before the first), or it
 * is the last look.
 */
export function isWorthReading(list: ReportList, statistics: MailingStatistics, readBasis: string | null, isLast: boolean): boolean {
  const counts = countsOf[list].map((name) => statistics[name]);
  if (counts.every((count) => count === 0)) return false;
  return isLast || readBasis !== basisOf(list, statistics);
}
