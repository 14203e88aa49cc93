import type { Fields, Instant } from './fields.ts';

/** One call that wrote to a link, as long as no read has confirmed what became of it. */
export interface SentCall {
  /** What was sent: the platform's key to value. */
  readonly changes: Fields;
  /** When the intent was stored, if known. Whatever the hub knew then is older. */
  readonly startedAt?: Instant;
  /** The dates that were sent with grants, by the platform's key; absent for a platform that is given none. */
  readonly grantDates?: Readonly<Record<string, Instant>>;
  /** When the outcome was stored, or the call was given up; `null` while it is under way. */
  readonly endedAt: Instant | null;
  /** The platform said that it stored it. False for a call under way, and for one whose outcome will never be known. */
  readonly stored: boolean;
}

/** What the hub knows of one thing at one platform, in the platform's own terms (design §4 «Held», §9). */
export interface LinkMemory {
  /** What the platform is last known to hold: set by every confirmed delivery and every read. */
  readonly held: Fields;
  /** The calls since the last confirmed read, by ascending number (`1`, `2`, …); a key leaves its calls when a read confirms it. */
  readonly sent: Readonly<Record<string, SentCall>>;
  /** Dated statements that are known echoes of our own write: key to the date the platform gave them. */
  readonly echoes: Readonly<Record<string, Instant>>;
  /**
   * Permissions of which only the present state can be read and that were off at first sight and ever since: key to when the first read of
   * them began. No withdrawal was concluded from any of these reads.
   */
  readonly offSince: Readonly<Record<string, Instant>>;
  /** When the last outcome of a delivery was stored. */
  readonly outcomeAt: Instant | null;
  /** When the last read that was taken into account began. */
  readonly readAt: Instant | null;
}

/** The memory of a link that was never read and never written. */
export const emptyMemory: LinkMemory = { held: {}, sent: {}, echoes: {}, offSince: {}, outcomeAt: null, readAt: null };
