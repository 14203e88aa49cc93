import { invalidParams } from '../http/api-error.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { pageOf, readPageRequest } from '../http/paging.ts';
import { queryValue } from '../http/query.ts';
import type { TrendReport } from '../state/trend-reports.ts';
import { isoStamp } from './views.ts';

/** Trend reports (contract 3.20). */
export const trendReportOperations: readonly Operation[] = [
  { method: 'GET', path: 'trend-report', handle: listReports },
];

function listReports(call: Call): Reply {
  const enabled = queryValue(call.query, 'enabled');
  if (enabled !== undefined && enabled !== 'true' && enabled !== 'false') throw invalidParams('enabled must be true or false');
  const reports = call.account.trendReports.all().filter((report) => enabled === undefined || String(report.enabled) === enabled);
  const page = pageOf(call, readPageRequest(call, false), reports.length, (from, to) => reports.slice(from, to));
  return { status: 200, body: { paging: page.paging, trendReports: page.items.map((report) => reportView(call, report)) } };
}

function reportView(call: Call, { createdMs, reportEmails, ...report }: TrendReport): unknown {
  const emails = reportEmails.map((email, index) => [`reportEmail${index + 1}`, email] as const);
  return {
    ...report,
    ...Object.fromEntries(emails),
    createDate: isoStamp(createdMs),
    mailingCount: call.account.mailings.all().filter(({ trendReportId }) => trendReportId === report.id).length,
  };
}
