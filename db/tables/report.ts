import type { ReportedLink, ReportList } from '../../domain/reports/report.ts';
import type { Generated, Json, OptionalText, OptionalTime, Time } from './columns.ts';

/** A mailing, or a message of a campaign, and what the platform says of it. */
export interface ReportMailingTable {
  account_id: string;
  id: Generated<number>;
  connector_id: string;
  external_id: string;
  kind: 'mailing' | 'campaign';
  name: string;
  channel: 'email' | 'sms';
  scheduled_at: OptionalTime;
  sent_count: number | null;
  url: OptionalText;
  campaign_id: OptionalText;
  campaign_name: OptionalText;
  /** Whether its campaign is. */
  is_active: Generated<boolean>;
  subject: OptionalText;
  target_group: OptionalText;
  /** Null until the details are read. */
  links: Json<readonly ReportedLink[]> | null;
  statistics: Json<Readonly<Record<string, number>>> | null;
  statistics_at: OptionalTime;
  /** Since when it is there, or since when nothing new came: by it looks become rarer. */
  since: Time;
  first_seen_at: Time;
  /** Beginning of the last look that ended. */
  read_at: OptionalTime;
  /** When it is to be looked at again; null: never. */
  due_at: OptionalTime;
  /** Why the last look did not get everything. */
  code: OptionalText;
  reason: OptionalText;
}

/** How far one list of a mailing is read. */
export interface ReportListTable {
  account_id: string;
  mailing_id: number;
  list: ReportList;
  /** How many lines are stored. */
  lines: Generated<number>;
  /** Offset at which the reading goes on; null when none is under way. */
  next_after: number | null;
  /** What the statistics said when the reading began. */
  basis: OptionalText;
  /** What the reading is limited to, for messages of campaigns. */
  window_from: OptionalTime;
  window_to: OptionalTime;
  unreadable: Generated<number>;
  /** Of the last reading that came to its end. */
  read_basis: OptionalText;
  read_unreadable: Generated<number>;
  read_to: OptionalTime;
  read_at: OptionalTime;
}

/** A person as a platform's reports name one: its own id for the contact, and ours where it has one. */
export interface ReportContactTable {
  account_id: string;
  id: Generated<number>;
  connector_id: string;
  contact_key: string;
  external_id: OptionalText;
}

/** One line of a list. `at` is `-infinity` where the platform does not say it. */
export interface ReportEventTable {
  account_id: string;
  mailing_id: number;
  list: ReportList;
  contact_id: number;
  at: Time;
  run_id: Generated<number>;
  link_id: Generated<number>;
  bounce: 'hard' | 'soft' | null;
}

/** How far the mailings of a connector are listed, and why its reports are not read. */
export interface ReportStateTable {
  account_id: string;
  connector_id: string;
  listed_from: OptionalTime;
  listed_to: OptionalTime;
  read_at: OptionalTime;
  code: OptionalText;
  reason: OptionalText;
  updated_at: Generated<string>;
}

export interface TrendReportTable {
  account_id: string;
  connector_id: string;
  id: number;
  name: string;
  enabled: boolean;
  target: OptionalText;
  content_type: OptionalText;
  created_at: OptionalTime;
  mailing_count: number | null;
  read_at: Time;
}
