import type { BounceReportView } from '../../gateway/routes/bounces.ts';
import { facts, table } from './table.ts';
import { duration, when } from './times.ts';

/** The report of bounces, for a person. */
export function bounceReportText(report: BounceReportView): string {
  return [
    facts([
      ['period (UTC)', `${when(report.from)} to ${when(report.to)}`],
      ['open now', report.openNow], ['oldest open (UTC)', when(report.oldestOpenAt)],
      ['opened', report.opened], ['resolved', resolvedText(report)], ['time to resolve', timesText(report)],
    ]),
    report.tasks.length === 0
      ? 'No CRM is connected: a bounce makes no task, it is an activity of the contact only.'
      : table(['tasks of open bounces at', 'made', 'waiting', 'failed', 'set aside', 'not licensed', 'none', ''], report.tasks.map((one) => [one.connectorId, one.made, one.waiting, one.failed, one.setAside, one.notLicensed, one.without, one.note ?? ''])),
    ...(report.cases.length === 0 ? [] : [table(['id', 'kind', 'bounces', 'last (UTC)', 'open since (UTC)', 'resolved (UTC)', 'contact', 'task'], report.cases.map(caseRow))]),
  ].join('\n');
}

function resolvedText({ resolved }: BounceReportView): string {
  const ways = [[resolved.addressChanged, 'address changed'], [resolved.mailArrived, 'mail arrived'], [resolved.contactGone, 'contact gone'], [resolved.byHand, 'by hand']] as const;
  const shown = ways.filter(([count]) => count > 0).map(([count, way]) => `${count} ${way}`).join(', ');
  return shown === '' ? String(resolved.total) : `${resolved.total} (${shown})`;
}

function timesText({ timeToResolve: { medianSeconds, averageSeconds, longestSeconds } }: BounceReportView): string | null {
  if (medianSeconds === null || averageSeconds === null || longestSeconds === null) return null;
  return `median ${duration(medianSeconds)}, average ${duration(averageSeconds)}, longest ${duration(longestSeconds)}`;
}

const ways: Readonly<Record<string, string>> = { 'address-changed': 'address changed', 'mail-arrived': 'mail arrived', 'contact-gone': 'contact gone', 'by-hand': 'by hand' };

function caseRow(one: BounceReportView['cases'][number]): (string | number)[] {
  const tasks = one.tasks.map((task) => `${task.connectorId} ${task.target}: ${task.state === 'done' && task.reason === null ? 'made' : (task.reason ?? task.state)}`).join('\n');
  const end = one.resolvedAt === null ? '' : `${when(one.resolvedAt)} ${ways[one.resolution ?? ''] ?? ''}`.trim();
  return [one.id, one.kind, one.bounces, when(one.lastBouncedAt), when(one.openedAt), end, `${one.connectorId} ${one.contact}`, tasks === '' ? 'none' : tasks];
}
