import type { Command } from 'commander';
import type { ErasureDoneView, ReceiptView } from '../../gateway/routes/erasure.ts';
import { run, type CommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { at } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { facts, table } from '../output/table.ts';
import { when } from '../output/times.ts';

/** `records block|unblock|erase|receipts|receipt`, on the command `records`. */
export function addErasureCommands(records: Command, io: CliIo): void {
  records.command('block <record>').description('withdraw all permissions of a contact until it is unblocked, and inactivate it where a platform can').action(run(io, (context, id: string) => act(context, 'block', id, {})));
  records.command('unblock <record>').description('end a block: permissions are as they were said to be besides').action(run(io, (context, id: string) => act(context, 'unblock', id, {})));
  records.command('erase <record>').description('erase a contact for good, in the hub and wherever a platform can').option('--yes', 'do not ask whether it is meant').action(run(io, erase));
  records.command('receipts').description('list what was erased or blocked').option('--record <record>', 'only of this record').option('--limit <number>', 'how many, at most 1000', '50').action(run(io, list));
  records.command('receipt <receipt>').description('show what was done where and when, and what is left to be done by hand').action(run(io, show));
}

async function act(context: CommandContext, verb: 'block' | 'unblock' | 'erase', id: string, body: object): Promise<void> {
  const client = await context.client();
  const answer = await client.send<ErasureDoneView>('POST', at`/records/${recordOf(id)}/${verb}`, body);
  context.print(answer, () => `${answer.message}\n\n${receiptText(answer.receipt)}`);
}

async function erase(context: CommandContext, id: string, { yes = false }: { readonly yes?: boolean }): Promise<void> {
  const record = recordOf(id);
  const isMeant = yes || (context.io.interactive && !context.json && (await context.io.confirm(`Erase the contact of record ${record} for good? Nothing of the person is kept or taken in again, and it can not be undone.`)));
  if (!isMeant) throw new UsageError(`Record ${record} was not erased.`, 'Answer with yes, or give --yes.');
  await act(context, 'erase', record, { confirm: true });
}

async function list(context: CommandContext, { record, limit }: { readonly record?: string; readonly limit: string }): Promise<void> {
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > 1_000) throw new UsageError(`«${limit}» is no number of things to show.`, 'Give a whole number from 1 to 1000.');
  const client = await context.client();
  const answer = await client.get<{ receipts: ReceiptView[] }>('/receipts', { record: record === undefined ? undefined : recordOf(record), limit });
  context.print(answer, () => (answer.receipts.length === 0 ? 'Nothing was erased or blocked.' : table(
    ['receipt', 'record', 'what', 'when (UTC)', 'by', 'elsewhere'],
    answer.receipts.map((one) => [String(one.id), String(one.recordId), one.kind, when(one.at), one.who, one.steps.map((step) => `${step.connectorId}: ${step.state}`).join(', ')]),
  )));
}

async function show(context: CommandContext, id: string): Promise<void> {
  if (!/^[1-9]\d*$/.test(id)) throw new UsageError(`«${id}» is no number of a receipt.`, 'Take it from `hub records receipts`.');
  const client = await context.client();
  const receipt = await client.get<ReceiptView>(at`/receipts/${id}`);
  context.print(receipt, () => receiptText(receipt));
}

function recordOf(id: string): string {
  if (!/^[1-9]\d*$/.test(id)) throw new UsageError(`«${id}» is no number of a record.`, 'Take it from `hub records find`.');
  return id;
}

function receiptText(receipt: ReceiptView): string {
  const done = Object.entries(receipt.counts).filter(([, count]) => count > 0).map(([name, count]) => `${count} ${name}`).join(', ');
  return [
    facts([['receipt', receipt.id], ['record', receipt.recordId], ['what', receipt.kind], ['when (UTC)', when(receipt.at)], ['by', receipt.who], ['in the hub', done === '' ? null : done]]),
    ...(receipt.steps.length === 0 ? [] : [table(['where', 'what', 'things', 'state', 'when (UTC)', ''], receipt.steps.map((step) => [
      step.connectorId, step.kind, String(step.things), step.state, when(step.settledAt), [step.reason, step.note, step.ids.length === 0 ? null : `Ids there: ${step.ids.join(', ')}`].filter((part) => part !== null).join(' '),
    ]))]),
  ].join('\n');
}
