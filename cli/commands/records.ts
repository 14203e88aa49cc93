import type { Command } from 'commander';
import { recordTypes } from '../../domain/model/record-fields.ts';
import type { RecordView } from '../../gateway/routes/records.ts';
import { run, type CommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { at } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { addErasureCommands } from './erasure.ts';
import { facts, table } from '../output/table.ts';
import { when } from '../output/times.ts';

/** `records find <e-mail>`, `records show <connector> <type> <id>`, and what `addErasureCommands` has. */
export function addRecordCommands(program: Command, io: CliIo): void {
  const records = program.command('records').description('what the hub knows');
  records.command('find [e-mail]').description('find records by e-mail address: sources, provenance, consent, links, deliveries')
    .addHelpText('after', '\nAn argument can be seen in the list of processes: «-» reads the address from standard input, and without one you are asked.')
    .action(run(io, find));
  records.command('show <connector> <type> <id>').description('show the record of a product, an order or any other thing by its id at a connector: where it goes, or why not')
    .addHelpText('after', `\nTypes: ${recordTypes.join(', ')}.\n\n  hub records show shop-1 orders O-1`)
    .action(run(io, show));
  addErasureCommands(records, io);
}

async function show(context: CommandContext, connector: string, type: string, id: string): Promise<void> {
  const record = await (await context.client()).get<RecordView>(at`/connectors/${connector}/records/${type}/${id}`);
  context.print(record, () => recordText(record));
}

async function find(context: CommandContext, given: string | undefined): Promise<void> {
  const client = await context.client();
  const answer = await client.send<{ records: RecordView[] }>('POST', '/records/find', { email: await addressOf(context.io, given) });
  context.print(answer, () => (answer.records.length === 0 ? 'The hub has no record with this address.' : answer.records.map(recordText).join('\n\n')));
}

async function addressOf(io: CliIo, given: string | undefined): Promise<string> {
  if (given !== undefined && given !== '-') return given;
  if (given === undefined && io.interactive) return (await io.ask('E-mail address:')).trim();
  const [address = ''] = given === '-' ? (await io.readInput()).trim().split('\n') : [];
  if (address === '') throw new UsageError('No e-mail address is given.', 'Give one as an argument, or «-» and the address on standard input.');
  return address.trim();
}

function recordText(record: RecordView): string {
  return [
    facts([['record', record.id], ['data type', record.dataType], ['version', record.version], ['deleted', record.deleted ? 'yes' : null], ['changed', when(record.updatedAt)]]),
    table(['field', 'value', 'from', 'since (UTC)', ''], record.fields.map((field) => [field.name, String(field.value ?? ''), source(field.connectorId, field.externalId), when(field.at), field.edited ? 'edited there' : ''])),
    ...tableOfSome(['permission', 'state', 'since (UTC)', 'decided by'], record.consent.map((one) => [one.permission === '*' ? 'all (blocked)' : one.permission, one.state, when(one.at), decidedBy(one)])),
    table(['source', 'id', 'as of (UTC)', ''], record.sources.map((one) => [one.connectorId, one.externalId, when(one.sourceTime), one.deletedAt === null ? '' : 'deleted there'])),
    ...tableOfSome(['linked at', 'id', 'written (UTC)', 'read (UTC)', ''], record.links.map((one) => [one.connectorId, one.externalId, when(one.writtenAt), when(one.readAt), one.goneAt !== null ? 'gone' : one.primary ? '' : 'secondary'])),
    ...tableOfSome(['delivery to', 'id', 'state', 'why', 'settled (UTC)'], record.deliveries.map((one) => [one.connectorId, one.target, one.state, [one.code, one.reason].filter((part) => part !== null).join(': '), when(one.settledAt)])),
    ...tableOfSome(['action at', 'kind', 'state', 'why', 'settled (UTC)'], record.actions.map((one) => [one.connectorId, one.kind, one.state, [one.code, one.reason].filter((part) => part !== null).join(': '), when(one.settledAt)])),
    ...tableOfSome(['activity', 'when (UTC)', 'from', 'what'], record.activities.map((one) => [one.type, when(one.at), one.connectorId, one.description])),
  ].join('\n');
}

/** A table without rows tells nothing. */
const tableOfSome = (names: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => (rows.length === 0 ? [] : [table(names, rows)]);

/** A block is the hub's own, and says by which receipt. */
function decidedBy({ connectorId, decidedBy: decided }: RecordView['consent'][number]): string {
  if (decided === null) return connectorId ?? '';
  return decided.connectorId === '' ? decided.evidence : `${source(decided.connectorId, decided.externalId)}: ${decided.evidence}`;
}

function source(connectorId: string | null, externalId: string | null): string {
  return [connectorId, externalId].filter((part) => part !== null).join(' ');
}
