import type { Fields, Instant, Scalar } from './fields.ts';

/** What the hub knows of one thing at one platform, in the platform's own terms (design §4 «Held», §9). */
export interface LinkMemory {
  /** What the platform is last known to hold: set by every confirmed delivery and every read. */
  readonly held: Fields;
  /** Every value that we sent since the last confirmed read, by key. */
  readonly sent: Readonly<Record<string, readonly Scalar[]>>;
  /** Dated statements that are known echoes of our own write: key to the date the platform gave them. */
  readonly echoes: Readonly<Record<string, Instant>>;
  /** When the last outcome of a delivery was stored. */
  readonly outcomeAt: Instant | null;
  /** When the last read that was taken into account began. */
  readonly readAt: Instant | null;
}

/** The memory of a link that was never read and never written. */
export const emptyMemory: LinkMemory = { held: {}, sent: {}, echoes: {}, outcomeAt: null, readAt: null };
