import type { Instant } from '../model/fields.ts';

/** The lists of a mailing's report: who received it, and who did what with it. */
export const reportLists = ['recipients', 'opens', 'clicks', 'bounces'] as const;

/** One of `reportLists`. */
export type ReportList = (typeof reportLists)[number];

/** A mailing, or a message of a campaign: the first is sent once, the second for as long as its campaign lives. */
export interface ReportedMailing {
  readonly externalId: string;
  readonly kind: 'mailing' | 'campaign';
  readonly name: string;
  readonly channel: 'email' | 'sms';
  /** When it was to be sent; none for a message of a campaign. */
  readonly scheduledAt?: Instant;
  /** As the platform says in its list. */
  readonly sentCount?: number;
  /** Its page on the web, the same for everybody. */
  readonly url?: string;
  /** Of a message of a campaign. */
  readonly campaign?: { readonly externalId: string; readonly name: string; readonly active: boolean };
}

/** A link of a mailing; clicks name its id. */
export interface ReportedLink {
  readonly id: number;
  readonly name: string;
  readonly url: string;
}

/** What a mailing says, and to whom it went. Names and addresses of its authors are left out. */
export interface MailingDetails {
  readonly subject?: string;
  /** Name of the list or selection. */
  readonly targetGroup?: string;
  readonly links: readonly ReportedLink[];
}

/** Counts of a mailing as the platform gives them, by its own names; money in cents. */
export type MailingStatistics = Readonly<Record<string, number>>;

/** One line of a list. */
export interface ReportRow {
  /** By what the platform knows the contact for good; no address. */
  readonly contactKey: string;
  /** Its external id at the platform; absent while it has none. */
  readonly contactExternalId?: string;
  /** Absent where the platform does not say it (recipients of a mailing). */
  readonly at?: Instant;
  /** Which run of a campaign. */
  readonly runId?: number;
  /** Of a click. */
  readonly linkId?: number;
  /** Of a bounce. */
  readonly bounce?: 'hard' | 'soft';
}

/** One page of a list. */
export interface ReportPage {
  readonly rows: readonly ReportRow[];
  /** Lines that could not be read: the rest of the page goes on without them. */
  readonly unreadable: number;
  /** Offset of the next page; absent: this was the last. */
  readonly next?: number;
}

/** A series of mailings that the platform counts together. Addresses and names of those who get it are left out. */
export interface TrendReport {
  readonly id: number;
  readonly name: string;
  readonly enabled: boolean;
  readonly target?: string;
  readonly contentType?: string;
  readonly createdAt?: Instant;
  readonly mailingCount?: number;
}
