import { reportLists } from '../../domain/reports/report.ts';
import type { MailingReportView, MailingSummaryView, ReportLineView, ReportStateView, TrendReportView } from '../../gateway/routes/report-views.ts';
import { facts, table } from './table.ts';
import { when } from './times.ts';

/** Mailings, for a person. */
export function mailingsText({ mailings, next, connectors }: { readonly mailings: readonly MailingSummaryView[]; readonly next: string | null; readonly connectors: readonly ReportStateView[] }): string {
  const rows = mailings.map(({ id, name, channel, scheduledAt, kind, statistics, lists, sentCount, dueAt, problem }) => [
    id, name, channel, kind === 'campaign' ? 'campaign' : when(scheduledAt), statistics?.['sentCount'] ?? sentCount ?? lists.recipients.lines, statistics?.['openCount'] ?? lists.opens.lines,
    statistics?.['clickCount'] ?? lists.clicks.lines, bouncesOf(statistics) ?? lists.bounces.lines, problem?.code ?? (dueAt === null ? 'final' : 'followed'),
  ]);
  return [
    ...connectors.map(stateLine),
    ...(rows.length === 0 ? ['No mailings.'] : [table(['id', 'name', 'channel', 'sent (UTC)', 'recipients', 'opened', 'clicked', 'bounced', ''], rows)]),
    ...moreLine(next),
  ].join('\n');
}

/** One mailing, for a person: what the platform counts beside what is stored. */
export function mailingReportText(report: MailingReportView): string {
  const { statistics, lists, contacts, links, problem } = report;
  const said = { recipients: statistics?.['sentCount'], opens: statistics?.['openRenderedCount'], clicks: statistics?.['clickCount'], bounces: bouncesOf(statistics) };
  const different = { ...contacts, recipients: lists.recipients.lines };
  const others = Object.entries(statistics ?? {}).map(([name, count]) => `${name} ${count}`).join(', ');
  return [
    facts([
      ['mailing', `${report.name} (${report.id}, ${report.connectorId})`], ['subject', report.subject], ['channel', report.channel], ['to', report.targetGroup], ['campaign', report.campaign?.name],
      ['sent (UTC)', when(report.scheduledAt)], ['page', report.url], ['counted (UTC)', when(report.statisticsAt)], ['counts', others],
      ['looked at (UTC)', when(report.readAt)], ['next look (UTC)', report.dueAt === null ? 'none: the numbers are final' : when(report.dueAt)],
      ['problem', problem === null ? null : `${problem.reason} (${problem.code})`],
    ]),
    table(['list', 'the platform counts', 'contacts here', 'lines here', 'read (UTC)', ''], reportLists.map((list) =>
      [list, said[list] ?? '', different[list], lists[list].lines, when(lists[list].readAt), noteOf(lists[list])])),
    ...(links.length === 0 ? [] : [table(['link', 'name', 'clicks', 'contacts', 'address'], links.map(({ id, name, clicks, contacts: people, url }) => [id, name, clicks, people, url]))]),
  ].join('\n');
}

/** A page of a list, for a person. */
export function mailingLinesText({ lines, next }: { readonly lines: readonly ReportLineView[]; readonly next: string | null }): string {
  const rows = lines.map(({ contact, recordId, at, link, bounce, run }) => [contact, recordId ?? '', when(at), link === null ? (bounce ?? '') : (link.name ?? String(link.id)), run ?? '']);
  return [rows.length === 0 ? 'No lines.' : table(['contact', 'record', 'at (UTC)', '', 'run'], rows), ...moreLine(next)].join('\n');
}

/** Trend reports, for a person. */
export function trendsText({ trends, connectors }: { readonly trends: readonly TrendReportView[]; readonly connectors: readonly ReportStateView[] }): string {
  const rows = trends.map(({ id, connectorId, name, enabled, target, contentType, mailingCount, readAt }) => [id, connectorId, name, enabled ? 'yes' : 'no', target ?? '', contentType ?? '', mailingCount ?? '', when(readAt)]);
  return [...connectors.map(stateLine), rows.length === 0 ? 'No trend reports.' : table(['id', 'connector', 'name', 'enabled', 'target', 'content', 'mailings', 'as of (UTC)'], rows)].join('\n');
}

const bouncesOf = (statistics: Readonly<Record<string, number>> | null): number | undefined =>
  (statistics === null ? undefined : (statistics['hardbounceCount'] ?? 0) + (statistics['softbounceCount'] ?? 0));

function noteOf({ reading, unreadable }: MailingReportView['lists']['opens']): string {
  return [...(reading ? ['being read'] : []), ...(unreadable > 0 ? [`${unreadable} could not be read`] : [])].join(', ');
}

const moreLine = (next: string | null): string[] => (next === null ? [] : [`There is more: --cursor ${next}`]);

function stateLine({ connectorId, on, listedFrom, readAt, problem }: ReportStateView): string {
  if (!on) return `${connectorId}: reports are not pulled. Switch them on with: hub connector set ${connectorId} --set reports=on`;
  if (problem !== null) return `${connectorId}: ${problem.reason} (${problem.code})`;
  return readAt === null ? `${connectorId}: the first pull is not complete.` : `${connectorId}: mailings since ${(listedFrom ?? '').slice(0, 10)}, as of ${when(readAt)} UTC.`;
}
