import { sql } from 'kysely';
import { reportLists, type ReportedLink, type ReportList } from '../../../domain/reports/report.ts';
import type { Trx } from '../../database.ts';
import { readCursor, writeCursor } from './cursor.ts';

/** One page of something, with the cursor of the next; null: this is the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** How far one list of a mailing is read. */
export interface ListSummary {
  /** Stored ones. */
  readonly lines: number;
  /** When it was read to its end last; null: not yet. */
  readonly readAt: string | null;
  /** A reading is under way. */
  readonly isReading: boolean;
  /** Lines that could not be read. */
  readonly unreadable: number;
}

/** A mailing with what the platform counts and what is stored. */
export interface MailingSummary {
  readonly id: number;
  readonly externalId: string;
  readonly connectorId: string;
  readonly kind: 'mailing' | 'campaign';
  readonly name: string;
  readonly channel: 'email' | 'sms';
  readonly subject: string | null;
  readonly targetGroup: string | null;
  readonly scheduledAt: string | null;
  readonly sentCount: number | null;
  readonly url: string | null;
  readonly campaign: { readonly id: string; readonly name: string; readonly active: boolean } | null;
  readonly statistics: Readonly<Record<string, number>> | null;
  readonly statisticsAt: string | null;
  readonly lists: Readonly<Record<ReportList, ListSummary>>;
  readonly readAt: string | null;
  readonly dueAt: string | null;
  readonly problem: { readonly code: string; readonly reason: string } | null;
}

/** Which mailings; instants are ISO 8601, `to` is not included. */
export interface MailingFilter {
  readonly connectorId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

interface MailingRow extends Omit<MailingSummary, 'lists'> {
  readonly sortedBy: string;
  readonly links: readonly ReportedLink[] | null;
  readonly read: Partial<Record<ReportList, ListSummary>>;
}

const sortTime = sql`coalesce(m.scheduled_at, m.first_seen_at)`;
const iso = (column: string) => sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const mailingColumns = sql`
  m.id, m.external_id "externalId", m.connector_id "connectorId", m.kind, m.name, m.channel, m.subject, m.target_group "targetGroup", m.scheduled_at "scheduledAt", m.sent_count "sentCount", m.url, m.links,
  case when m.campaign_id is not null then json_build_object('id', m.campaign_id, 'name', m.campaign_name, 'active', m.is_active) end campaign, m.statistics, m.statistics_at "statisticsAt",
  m.read_at "readAt", m.due_at "dueAt", case when m.code is not null then json_build_object('code', m.code, 'reason', m.reason) end problem, ${sortTime} "sortedBy",
  coalesce((select json_object_agg(l.list, json_build_object('lines', l.lines, 'readAt', ${iso('l.read_at')}, 'isReading', l.next_after is not null, 'unreadable', l.read_unreadable))
    from report_list l where l.mailing_id = m.id), '{}') read`;

const nothingRead: ListSummary = { lines: 0, readAt: null, isReading: false, unreadable: 0 };

function summaryOf({ sortedBy: _sorted, links: _links, read, ...mailing }: MailingRow): MailingSummary {
  return { ...mailing, lists: Object.fromEntries(reportLists.map((list) => [list, read[list] ?? nothingRead])) as Record<ReportList, ListSummary> };
}

/** Mailings of the account that the session sees, the newest first. Throws REQUEST_INVALID for a wrong cursor. */
export async function listReportedMailings(trx: Trx, { connectorId, from, to, limit, cursor }: MailingFilter): Promise<Page<MailingSummary>> {
  const [at, id] = cursor === undefined ? [] : readCursor(cursor, ['instant', 'number']);
  const { rows } = await sql<MailingRow>`
    select ${mailingColumns} from report_mailing m
    where ${connectorId === undefined ? sql`true` : sql`m.connector_id = ${connectorId}`}
      and ${from === undefined ? sql`true` : sql`${sortTime} >= ${from}::timestamptz`} and ${to === undefined ? sql`true` : sql`${sortTime} < ${to}::timestamptz`}
      and ${at === undefined ? sql`true` : sql`(${sortTime}, m.id) < (${at}::timestamptz, ${id}::bigint)`}
    order by ${sortTime} desc, m.id desc limit ${limit + 1}`.execute(trx);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { items: rows.slice(0, limit).map(summaryOf), next: last === undefined ? null : writeCursor([last.sortedBy, last.id]) };
}

/** A mailing with its links, and of those who did something with it how many different ones there are. */
export interface MailingReport extends MailingSummary {
  readonly links: readonly (ReportedLink & { readonly clicks: number; readonly contacts: number })[];
  readonly contacts: Readonly<Record<'opens' | 'clicks' | 'bounces', number>>;
}

/** The reports of the mailings with this id at the platform: more than one where connectors are to the same account. */
export async function findReports(trx: Trx, externalId: string, connectorId: string | undefined): Promise<readonly MailingReport[]> {
  const { rows } = await sql<MailingRow>`
    select ${mailingColumns} from report_mailing m where m.external_id = ${externalId} and ${connectorId === undefined ? sql`true` : sql`m.connector_id = ${connectorId}`} order by m.connector_id`.execute(trx);
  const reports: MailingReport[] = [];
  for (const row of rows) reports.push({ ...summaryOf(row), ...await countsOf(trx, row) });
  return reports;
}

async function countsOf(trx: Trx, { id, links }: MailingRow): Promise<Pick<MailingReport, 'links' | 'contacts'>> {
  const { rows: lists } = await sql<{ list: 'opens' | 'clicks' | 'bounces'; contacts: number }>`
    select list, count(distinct contact_id) contacts from report_event where mailing_id = ${id} and list in ('opens', 'clicks', 'bounces') group by list`.execute(trx);
  const { rows: clicks } = await sql<{ id: number; clicks: number; contacts: number }>`
    select link_id id, count(*) clicks, count(distinct contact_id) contacts from report_event where mailing_id = ${id} and list = 'clicks' group by link_id`.execute(trx);
  const clicked = new Map(clicks.map((one) => [one.id, one]));
  return {
    contacts: { opens: 0, clicks: 0, bounces: 0, ...Object.fromEntries(lists.map(({ list, contacts }) => [list, contacts])) },
    links: (links ?? []).map((link) => ({ ...link, clicks: clicked.get(link.id)?.clicks ?? 0, contacts: clicked.get(link.id)?.contacts ?? 0 })),
  };
}

/** One line of a list: a contact by its id at the platform, and the record where the hub has one. */
export interface ReportLine {
  /** `enc:` and the platform's own id for a contact that has none of ours. */
  readonly contact: string;
  readonly recordId: number | null;
  readonly at: string | null;
  readonly runId: number | null;
  readonly linkId: number | null;
  readonly bounce: 'hard' | 'soft' | null;
}

/** A page of a list, in an order that stays. Throws REQUEST_INVALID for a wrong cursor. */
export async function listReportLines(trx: Trx, { mailingId, list, limit, cursor }: { readonly mailingId: number; readonly list: ReportList; readonly limit: number; readonly cursor?: string | undefined }): Promise<Page<ReportLine>> {
  const [contact, at, run, link] = cursor === undefined ? [] : readCursor(cursor, ['number', 'instant', 'number', 'number']);
  const { rows } = await sql<{ contactId: number; at: string; runId: number; linkId: number; bounce: 'hard' | 'soft' | null; contact: string; recordId: number | null }>`
    select e.contact_id "contactId", e.at, e.run_id "runId", e.link_id "linkId", e.bounce, coalesce(c.external_id, 'enc:' || c.contact_key) contact, coalesce(l.record_id, a.record_id) "recordId"
    from (select * from report_event where mailing_id = ${mailingId} and list = ${list}
      and ${contact === undefined ? sql`true` : sql`(contact_id, at, run_id, link_id) > (${contact}::bigint, ${at}::timestamptz, ${run}::int, ${link}::int)`}
      order by contact_id, at, run_id, link_id limit ${limit + 1}) e
    join report_contact c on c.id = e.contact_id
    left join link l on l.external_id = c.external_id and l.connector_id = c.connector_id and l.data_type = 'contacts'
    left join link a on l.record_id is null and a.connector_id = c.connector_id and a.data_type = 'contacts' and a.alternate_id = c.contact_key
    order by e.contact_id, e.at, e.run_id, e.link_id`.execute(trx);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map((row) => ({
      contact: row.contact, recordId: row.recordId, at: row.at === '-infinity' ? null : row.at, runId: row.runId === 0 ? null : row.runId, linkId: list === 'clicks' ? row.linkId : null, bounce: row.bounce,
    })),
    next: last === undefined ? null : writeCursor([last.contactId, last.at, last.runId, last.linkId]),
  };
}
