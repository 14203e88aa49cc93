import { Option, type Command } from 'commander';
import type { FailedView } from '../../gateway/routes/failed.ts';
import { run, type CommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { at, type GatewayClient } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { failedListText, recordText } from '../output/failed-text.ts';
import { facts } from '../output/table.ts';
import { when } from '../output/times.ts';

interface ListOptions {
  readonly connector?: string;
  readonly kind?: string;
  readonly code?: string;
  readonly limit?: string;
}

interface SelectOptions {
  readonly connector?: string;
  readonly code?: string;
  readonly all?: boolean;
}

/** `failed list|show|retry|skip`. */
export function addFailedCommands(program: Command, io: CliIo): void {
  const failed = program.command('failed').description('what did not work, and what to do about it');
  failed.command('list').description('list what failed, newest first')
    .option('--connector <connector>', 'only of this connector').addOption(new Option('--kind <kind>', 'only of this kind').choices(['delivery', 'action', 'record', 'call', 'inbox', 'list']))
    .option('--code <code>', 'only with this code').option('--limit <number>', 'how many, at most 1000', '50')
    .action(run(io, list));
  failed.command('show <id>').description('show one').action(run(io, show));
  const select = (name: string, description: string) => failed.command(`${name} [ids...]`).description(description)
    .option('--connector <connector>', 'all of this connector').option('--code <code>', 'all with this code').option('--all', 'all there are');
  select('retry', 'try again at once, everything when nothing is chosen; ends a wait in progress').action(run(io, (context, ids: string[], options: SelectOptions) => settle(context, 'retry', ids, options)));
  select('skip', 'set aside, until the record changes again').action(run(io, (context, ids: string[], options: SelectOptions) => settle(context, 'skip', ids, options)));
}

async function list(context: CommandContext, { connector, kind, code, limit = '' }: ListOptions): Promise<void> {
  if (!/^\d+$/.test(limit) || Number(limit) < 1 || Number(limit) > 1_000) throw new UsageError(`«${limit}» is no number of things to show.`, 'Give a whole number from 1 to 1000.');
  const client = await context.client();
  const answer = await client.get<{ total: number; items: FailedView[] }>('/failed', { connector, kind, code, limit });
  context.print(answer, () => failedListText(context.paint, answer));
}

async function show(context: CommandContext, id: string): Promise<void> {
  const client = await context.client();
  const item = await client.get<FailedView>(at`/failed/${id}`);
  context.print(item, () => facts([
    ['id', item.id], ['when (UTC)', when(item.at)], ['connector', item.connectorId], ['operation', item.operation], ['record', recordText(item)], ['attempts', item.attempts],
    ['status', item.status], ['code', item.code], ['message', item.message], ['platform code', item.platformCode], ['cause', item.cause], ['what to do', item.fix], ['next attempt', when(item.nextAttemptAt)],
  ]));
}

async function settle(context: CommandContext, verb: 'retry' | 'skip', ids: readonly string[], options: SelectOptions): Promise<void> {
  const chosen = ids.length > 0 || options.connector !== undefined || options.code !== undefined || options.all === true;
  if (verb === 'skip' && !chosen) throw new UsageError('It is not said what to set aside.', 'Give ids from `hub failed list`, or --connector, --code or --all.');
  const client = await context.client();
  const answers: { connectorId: string; message: string }[] = [];
  for (const [connectorId, selection] of await selectionsOf(client, ids, options)) {
    const { message } = await client.send<{ message: string }>('POST', at`/connectors/${connectorId}/failed/${verb}`, selection);
    answers.push({ connectorId, message });
  }
  context.print({ answers }, () => (answers.length === 0 ? 'Nothing failed.' : answers.map(({ connectorId, message }) => `${connectorId}: ${message}`).join('\n')));
}

type Selection = { readonly ids?: readonly string[]; readonly code?: string };

/** What to send to which connector: ids name theirs; without ids it is the one given, or each that has failures. */
async function selectionsOf(client: GatewayClient, ids: readonly string[], { connector, code }: SelectOptions): Promise<ReadonlyMap<string, Selection>> {
  if (ids.length > 0) return byConnector(ids);
  const selection: Selection = code === undefined ? {} : { code };
  if (connector !== undefined) return new Map([[connector, selection]]);
  const { items } = await client.get<{ items: FailedView[] }>('/failed', { code, limit: 1_000 });
  return new Map(items.map((item) => [item.connectorId, selection]));
}

function byConnector(ids: readonly string[]): Map<string, { ids: string[] }> {
  const grouped = new Map<string, { ids: string[] }>();
  for (const id of ids) {
    const [, connectorId] = id.split(':');
    if (connectorId === undefined) throw new UsageError(`«${id}» is no id of a failed thing.`, 'Take ids from `hub failed list`.');
    const group = grouped.get(connectorId) ?? { ids: [] };
    group.ids.push(id);
    grouped.set(connectorId, group);
  }
  return grouped;
}
