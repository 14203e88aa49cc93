import type { Command } from 'commander';
import type { BackfillHowTo } from '../../gateway/backfill/how-to.ts';
import { run, type CommandContext } from '../context.ts';
import { at } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';

interface BackfillOptions {
  readonly type?: string;
  readonly from?: string;
  readonly how?: boolean;
}

/** `backfill`, `pause`, `resume`. */
export function addOperatorCommands(program: Command, io: CliIo): void {
  program.command('backfill <connector>').description('read a connector\'s past again')
    .option('--type <data type>', 'only this data type; all that are imported otherwise')
    .option('--from <date>', 'from this date on; the preset\'s lookback otherwise')
    .option('--how', 'only print the lines that start it with `temporal` and `tctl`')
    .action(run(io, backfill));
  program.command('pause <connector>').description('stop new work; what is under way is finished').action(run(io, (context, id: string) => simple(context, at`/connectors/${id}/pause`)));
  program.command('resume <connector>').description('go on after a pause').action(run(io, (context, id: string) => simple(context, at`/connectors/${id}/resume`)));
}

async function simple(context: CommandContext, path: string): Promise<void> {
  const client = await context.client();
  const answer = await client.send<{ message: string }>('POST', path, {});
  context.print(answer, () => answer.message);
}

async function backfill(context: CommandContext, id: string, { type, from, how = false }: BackfillOptions): Promise<void> {
  const client = await context.client();
  if (how) {
    const answer = await client.get<BackfillHowTo>(at`/connectors/${id}/backfill/how`, { dataType: type, from });
    context.print(answer, () => howText(answer));
    return;
  }
  const body = { ...(type === undefined ? {} : { dataType: type }), ...(from === undefined ? {} : { from }) };
  const answer = await client.send<{ message: string }>('POST', at`/connectors/${id}/backfill`, body);
  context.print(answer, () => answer.message);
}

function howText(how: BackfillHowTo): string {
  return [
    ...(how.secrets.length === 0 ? [] : [`First, in the shell: export ${how.secrets.map((name) => `${name}=…`).join(' ')}`]),
    `With the temporal CLI:\n  ${how.temporal}`,
    `With tctl:\n  ${how.tctl}`,
    `Or as a signal to the connector:\n  ${how.temporalSignal}\n  ${how.tctlSignal}`,
    `In the Temporal UI: Start Workflow, type «${how.workflowType}», task queue «${how.taskQueue}», id «${how.workflowId}», input ${JSON.stringify(how.input)}`,
  ].join('\n');
}
