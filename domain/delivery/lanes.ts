/** The order in which deliveries go out: a lower lane first, chronological within a lane (design §4.4). */
export const lanes = {
  /** Withdrawals and erasure. */
  withdrawal: 0,
  /** Changes as they happen. */
  live: 1,
  /** First imports, first exports, repairs. */
  bulk: 2,
} as const;

/** One of the numbers of `lanes`. */
export type Lane = (typeof lanes)[keyof typeof lanes];

/** How soon a change is wanted, apart from what is in it. */
export type Urgency = 'live' | 'bulk';
