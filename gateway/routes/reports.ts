import { z } from 'zod';
import { inAccount, type Trx } from '../../db/database.ts';
import { splitSettings } from '../../db/repositories/connector-settings.ts';
import { listConnectors } from '../../db/repositories/connectors.ts';
import { listTrendReports, reportStates } from '../../db/repositories/reports/overview.ts';
import { findReports, listReportedMailings, listReportLines, type MailingReport } from '../../db/repositories/reports/query.ts';
import { HubError } from '../../domain/errors.ts';
import { reportLists } from '../../domain/reports/report.ts';
import type { PlatformSettings } from '../../platforms/platform.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';
import { lineView, mailingReportSchema, mailingSummarySchema, reportLineSchema, reportStateSchema, reportView, summaryView, trendReportSchema, type ReportStateView } from './report-views.ts';

const instant = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);
const cursor = z.string().max(500).optional().describe('`next` of the page before.');
const next = z.string().nullable().describe('Cursor of the next page; null: this is the last.');
const connector = z.string().optional().describe('Only of this connector.');

const mailingsQuery = z.object({
  connector, cursor,
  from: instant.optional().describe('A date or an instant: of mailings that were to be sent from then on.'),
  to: instant.optional().describe('A date or an instant, not included.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(50).describe('How many.'),
});
const linesQuery = z.object({ connector, cursor, limit: z.coerce.number().int().min(1).max(10_000).default(1_000).describe('How many.') });
const mailingParams = z.object({ mailingId: z.string().max(200).describe('The platform\'s id, as `GET /reports/mailings` shows it.') });
const listParams = mailingParams.extend({ list: z.enum(reportLists) });
const tags = ['reports'];

/** Reports of mailings, as they were pulled. */
export function reportRoutes(app: App, deps: ApiDependencies): void {
  mailingRoutes(app, deps);
  app.get('/reports/trends', {
    config: { access: 'viewer' },
    schema: { tags, summary: 'List trend reports', response: answers(z.object({ trends: z.array(trendReportSchema), connectors: z.array(reportStateSchema) })) },
  }, async (request) => inAccount(deps.db, callerOf(request).accountId, async (trx) => ({
    connectors: await statesOf(deps, trx),
    trends: (await listTrendReports(trx)).map(({ id, connector_id: connectorId, name, enabled, target, content_type: contentType, created_at: createdAt, mailing_count: mailingCount, read_at: readAt }) =>
      ({ id, connectorId, name, enabled, target, contentType, createdAt, mailingCount, readAt })),
  })));
}

function mailingRoutes(app: App, deps: ApiDependencies): void {
  app.get('/reports/mailings', {
    config: { access: 'viewer' },
    schema: {
      tags, summary: 'List mailings with their counts, newest first', querystring: mailingsQuery,
      response: answers(z.object({ mailings: z.array(mailingSummarySchema), next, connectors: z.array(reportStateSchema).describe('Whose reports are pulled, and how far.') })),
    },
  }, async (request) => inAccount(deps.db, callerOf(request).accountId, async (trx) => {
    const { connector: connectorId, from, to, ...page } = request.query;
    const found = await listReportedMailings(trx, { ...page, connectorId, from: asInstant(from), to: asInstant(to) });
    return { mailings: found.items.map(summaryView), next: found.next, connectors: await statesOf(deps, trx) };
  }));
  app.get('/reports/mailings/:mailingId', {
    config: { access: 'viewer' },
    schema: { tags, summary: 'Show what became of a mailing', params: mailingParams, querystring: z.object({ connector }), response: answers(mailingReportSchema) },
  }, async (request) => inAccount(deps.db, callerOf(request).accountId, async (trx) => reportView(await requireReport(trx, request.params.mailingId, request.query.connector))));
  app.get('/reports/mailings/:mailingId/:list', {
    config: { access: 'viewer' },
    schema: {
      tags, summary: 'List who received, opened or clicked a mailing, or where it bounced', params: listParams, querystring: linesQuery, response: answers(z.object({ lines: z.array(reportLineSchema), next })),
      description: 'By contact, in an order that stays: nothing comes twice, and what is read meanwhile may be left out.',
    },
  }, async (request) => inAccount(deps.db, callerOf(request).accountId, async (trx) => {
    const { params: { mailingId, list }, query: { connector: connectorId, ...page } } = request;
    const mailing = await requireReport(trx, mailingId, connectorId);
    const found = await listReportLines(trx, { ...page, mailingId: mailing.id, list });
    return { lines: found.items.map((line) => lineView(line, mailing.links)), next: found.next };
  }));
}

const asInstant = (text: string | undefined): string | undefined => (text === undefined ? undefined : new Date(text).toISOString());

async function requireReport(trx: Trx, mailingId: string, connectorId: string | undefined): Promise<MailingReport> {
  const [report, another] = await findReports(trx, mailingId, connectorId);
  if (report === undefined) {
    const fix = '`hub report mailings` lists the mailings that there are. They are pulled while the setting `reports` of the connector is `on`, back to its setting `reportsFrom`.';
    throw new HubError('NOT_FOUND', `There is no report of a mailing «${mailingId}»${connectorId === undefined ? '' : ` from ${connectorId}`}.`, { fix });
  }
  if (another !== undefined) throw new HubError('REQUEST_INVALID', `${report.connectorId} and ${another.connectorId} both have the mailing «${mailingId}».`, { field: 'connector', fix: `Say which: \`--connector ${report.connectorId}\`.` });
  return report;
}

async function statesOf({ platforms }: ApiDependencies, trx: Trx): Promise<ReportStateView[]> {
  const states = await reportStates(trx);
  return (await listConnectors(trx)).flatMap((row) => {
    const reports = platforms[row.platform]?.reports;
    if (reports === undefined) return [];
    const state = states.get(row.id);
    return [{
      connectorId: row.id, on: reports.settings(splitSettings(row.settings).platform as PlatformSettings).isOn, listedFrom: state?.listed_from ?? null, readAt: state?.read_at ?? null,
      problem: state?.code == null ? null : { code: state.code, reason: state.reason ?? '' },
    }];
  });
}
