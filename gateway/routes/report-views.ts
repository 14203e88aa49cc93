import { z } from 'zod';
import type { MailingReport, MailingSummary, ReportLine } from '../../db/repositories/reports/query.ts';
import type { ReportedLink, ReportList } from '../../domain/reports/report.ts';

const time = z.string().nullable();

const listSchema = z.object({
  lines: z.number().describe('Stored.'),
  readAt: time.describe('When it was read to its end last.'),
  reading: z.boolean().describe('It is being read.'),
  unreadable: z.number().describe('Lines that the hub could not read.'),
}).meta({ id: 'ReportListState' });

/** A mailing as lists show it. */
export const mailingSummarySchema = z.object({
  id: z.string().describe('The platform\'s.'),
  connectorId: z.string(),
  kind: z.enum(['mailing', 'campaign']).describe('`campaign`: a message of a campaign, of which the platform counts nothing itself.'),
  name: z.string(),
  channel: z.enum(['email', 'sms']),
  subject: time,
  targetGroup: time.describe('Name of the list or selection.'),
  scheduledAt: time,
  sentCount: z.number().nullable().describe('As the platform says in its list.'),
  url: time.describe('Its page on the web.'),
  campaign: z.object({ id: z.string(), name: z.string(), active: z.boolean() }).nullable(),
  statistics: z.record(z.string(), z.number()).nullable().describe('As the platform counts, by its own names; money in cents. Null: it does not, or was not asked yet.'),
  statisticsAt: time.describe('When it said so.'),
  lists: z.object({ recipients: listSchema, opens: listSchema, clicks: listSchema, bounces: listSchema }),
  readAt: time.describe('When the hub looked last.'),
  dueAt: time.describe('When it looks again; null: the numbers are final.'),
  problem: z.object({ code: z.string(), reason: z.string() }).nullable().describe('Why the last look did not get everything.'),
}).meta({ id: 'MailingSummary' });

/** A mailing with its links. */
export const mailingReportSchema = mailingSummarySchema.extend({
  links: z.array(z.object({ id: z.number(), name: z.string(), url: z.string(), clicks: z.number(), contacts: z.number().describe('Who clicked, each once.') })),
  contacts: z.object({ opens: z.number(), clicks: z.number(), bounces: z.number() }).describe('Who is in the list, each once.'),
}).meta({ id: 'MailingReport' });

/** A line of a list. */
export const reportLineSchema = z.object({
  contact: z.string().describe('Id of the contact at the platform; `enc:` and the platform\'s own for one without.'),
  recordId: z.number().nullable().describe('The hub\'s record; null: the hub does not have the contact.'),
  at: time,
  run: z.number().nullable().describe('Which run of the campaign.'),
  link: z.object({ id: z.number(), name: z.string().nullable() }).nullable().describe('What was clicked.'),
  bounce: z.enum(['hard', 'soft']).nullable(),
}).meta({ id: 'ReportLine' });

/** How far reports of one connector are pulled. */
export const reportStateSchema = z.object({
  connectorId: z.string(),
  on: z.boolean().describe('The setting `reports`.'),
  listedFrom: time.describe('Since when mailings are pulled.'),
  readAt: time.describe('When the last complete pull began.'),
  problem: z.object({ code: z.string(), reason: z.string() }).nullable(),
}).meta({ id: 'ReportState' });

/** A series of mailings that the platform counts together. */
export const trendReportSchema = z.object({
  id: z.number(), connectorId: z.string(), name: z.string(), enabled: z.boolean(), target: time, contentType: time, createdAt: time, mailingCount: z.number().nullable(), readAt: z.string(),
}).meta({ id: 'TrendReport' });

/** `mailingSummarySchema`. */
export type MailingSummaryView = z.infer<typeof mailingSummarySchema>;
/** `mailingReportSchema`. */
export type MailingReportView = z.infer<typeof mailingReportSchema>;
/** `reportLineSchema`. */
export type ReportLineView = z.infer<typeof reportLineSchema>;
/** `reportStateSchema`. */
export type ReportStateView = z.infer<typeof reportStateSchema>;
/** `trendReportSchema`. */
export type TrendReportView = z.infer<typeof trendReportSchema>;

/** A stored mailing as the API shows it. */
export function summaryView({ id: _id, externalId, lists, statistics, ...mailing }: MailingSummary): MailingSummaryView {
  const view = (list: ReportList) => {
    const { isReading, ...rest } = lists[list];
    return { ...rest, reading: isReading };
  };
  return {
    ...mailing, id: externalId, statistics: statistics === null ? null : { ...statistics },
    lists: { recipients: view('recipients'), opens: view('opens'), clicks: view('clicks'), bounces: view('bounces') },
  };
}

/** A stored mailing with its links. */
export function reportView({ links, contacts, ...mailing }: MailingReport): MailingReportView {
  return { ...summaryView(mailing), links: links.map((link) => ({ ...link })), contacts: { ...contacts } };
}

/** A stored line; `links` are the mailing's. */
export function lineView({ runId, linkId, ...line }: ReportLine, links: readonly ReportedLink[]): ReportLineView {
  return { ...line, run: runId, link: linkId === null ? null : { id: linkId, name: links.find(({ id }) => id === linkId)?.name ?? null } };
}
