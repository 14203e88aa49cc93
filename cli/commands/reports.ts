import { Option, type Command } from 'commander';
import { reportLists } from '../../domain/reports/report.ts';
import type { MailingReportView, MailingSummaryView, ReportLineView, ReportStateView, TrendReportView } from '../../gateway/routes/report-views.ts';
import { run, type CommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { at } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { mailingLinesText, mailingReportText, mailingsText, trendsText } from '../output/report-text.ts';

interface MailingsOptions {
  readonly connector?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
  readonly cursor?: string;
}

interface MailingOptions {
  readonly connector?: string;
  readonly list?: string;
  readonly limit: string;
  readonly cursor?: string;
}

/** `report mailings`, `report mailing` and `report trends`. */
export function addReportCommands(report: Command, io: CliIo): void {
  report.command('mailings').description('mailings with their counts, newest first')
    .option('--connector <connector>', 'only of this one').option('--from <date>', 'a date or an instant').option('--to <date>', 'a date or an instant, not included')
    .option('--limit <number>', 'how many, at most 1000', '20').option('--cursor <word>', 'goes on where a list ended').action(run(io, mailings));
  report.command('mailing <id>').description('what became of a mailing: what the platform counts beside what is stored, and its links')
    .option('--connector <connector>', 'where two connectors have it').addOption(new Option('--list <list>', 'who did it, instead of the counts').choices([...reportLists]))
    .option('--limit <number>', 'lines of the list, at most 10000', '50').option('--cursor <word>', 'goes on where a list ended').action(run(io, mailing));
  report.command('trends').description('series of mailings that the platform counts together').action(run(io, trends));
}

async function mailings(context: CommandContext, { limit, ...filter }: MailingsOptions): Promise<void> {
  const client = await context.client();
  const answer = await client.get<{ mailings: MailingSummaryView[]; next: string | null; connectors: ReportStateView[] }>('/reports/mailings', { ...filter, limit: checked(limit, 1_000) });
  context.print(answer, () => mailingsText(answer));
}

async function mailing(context: CommandContext, id: string, { list, limit, connector, cursor }: MailingOptions): Promise<void> {
  const lines = checked(limit, 10_000);
  const client = await context.client();
  if (list === undefined) {
    const answer = await client.get<MailingReportView>(at`/reports/mailings/${id}`, { connector });
    context.print(answer, () => mailingReportText(answer));
    return;
  }
  const answer = await client.get<{ lines: ReportLineView[]; next: string | null }>(`${at`/reports/mailings/${id}`}/${list}`, { connector, cursor, limit: lines });
  context.print(answer, () => mailingLinesText(answer));
}

async function trends(context: CommandContext): Promise<void> {
  const client = await context.client();
  const answer = await client.get<{ trends: TrendReportView[]; connectors: ReportStateView[] }>('/reports/trends');
  context.print(answer, () => trendsText(answer));
}

function checked(limit: string, most: number): string {
  if (/^[1-9]\d*$/.test(limit) && Number(limit) <= most) return limit;
  throw new UsageError(`«${limit}» is no number of things to show.`, `Give a whole number from 1 to ${most}.`);
}
