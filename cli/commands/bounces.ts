import { Option, type Command } from 'commander';
import type { BounceReportView } from '../../gateway/routes/bounces.ts';
import { run, type CommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { at } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { bounceReportText } from '../output/bounce-text.ts';

interface ReportOptions {
  readonly from?: string;
  readonly to?: string;
  readonly state?: string;
  readonly limit: string;
}

/** `report bounces` and `bounces resolve`. */
export function addBounceCommands(program: Command, report: Command, io: CliIo): void {
  report.command('bounces').description('contacts whom mail does not reach: open, resolved, time to resolve, tasks')
    .option('--from <date>', 'a date or an instant; 30 days before the end when not given').option('--to <date>', 'a date or an instant, not included; now when not given')
    .addOption(new Option('--state <state>', 'list only these').choices(['open', 'resolved'])).option('--limit <number>', 'how many to list, at most 1000', '50')
    .action(run(io, bounces));
  program.command('bounces').description('contacts whom mail does not reach')
    .command('resolve <id>').description('end the follow-up of one by hand; `hub report bounces` shows the ids').action(run(io, resolve));
}

async function bounces(context: CommandContext, { from, to, state, limit }: ReportOptions): Promise<void> {
  if (!/^\d+$/.test(limit) || Number(limit) > 1_000) throw new UsageError(`«${limit}» is no number of things to show.`, 'Give a whole number from 0 to 1000.');
  const client = await context.client();
  const answer = await client.get<BounceReportView>('/reports/bounces', { from, to, state, limit });
  context.print(answer, () => bounceReportText(answer));
}

async function resolve(context: CommandContext, id: string): Promise<void> {
  if (!/^[1-9]\d*$/.test(id)) throw new UsageError(`«${id}» is no id of a bounce.`, 'Take ids from `hub report bounces`.');
  const client = await context.client();
  const answer = await client.send<{ message: string }>('POST', at`/bounces/${id}/resolve`, {});
  context.print(answer, () => answer.message);
}
