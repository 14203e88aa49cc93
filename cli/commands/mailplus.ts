import type { Command } from 'commander';
import type { FoundContactsView } from '../../gateway/routes/contact-search.ts';
import type { OperationRunView, OperationView } from '../../gateway/routes/operations.ts';
import { run, type CommandContext } from '../context.ts';
import { FoundProblems, UsageError } from '../errors.ts';
import { at, type GatewayClient } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { pairsOf } from '../pairs.ts';
import { foundContactsText } from '../output/contacts-text.ts';
import { operationListText, operationRunText } from '../output/operation-text.ts';
import { addActionCommands } from './mailplus-actions.ts';
import { onlyConnector } from './mailplus-connector.ts';

interface CallOptions {
  readonly connector?: string;
  readonly yes?: boolean;
}

const propertyWords = { none: 'Nothing is given to search by.', what: 'property', example: 'discountCode=SPRING-7Q2X', twice: 'A contact has one value of a property: give it once.' };

/** `mailplus operations|call|search`, and those of `addActionCommands`. */
export function addMailplusCommands(program: Command, io: CliIo): void {
  const mailplus = program.command('mailplus').description('Mail+: campaigns, automations, forms, contacts, and single calls of its API');
  mailplus.command('operations [part]').description('list the operations, or those whose name has this part; one alone with what it needs').action(run(io, list));
  mailplus.command('call <operation> [input]').description('run one operation; shows what was sent and what came back')
    .option('--connector <connector>', 'the connector of Mail+ to use; not needed when there is one').option('--yes', 'do not ask whether a change is meant')
    .addHelpText('after', `
The input is JSON: parts of the path and query parameters by name, and the body as «body».
An argument can be seen in the list of processes: «-» reads the input from standard input.

  hub mailplus call contact.get '{"externalId":"P1"}'
  hub mailplus call contact.updates --json '{"fromDate":"2026-05-01T00:00:00Z","toDate":"2026-05-02T00:00:00Z","pageSize":10}'
  hub mailplus call templist.create '{"body":{"externalTemporaryListId":"l1","name":"Spring","contacts":["P1"]}}'`)
    .action(run(io, call));
  mailplus.command('search <property=value...>').description('find contacts in Mail+ that have all of these values')
    .option('--connector <connector>', 'the connector of Mail+ to use; not needed when there is one').option('--limit <number>', 'at most this many contacts', '20')
    .addHelpText('after', `
An argument can be seen in the list of processes: «-» reads the pairs from standard input, one a line.

  hub mailplus search discountCode=SPRING-7Q2X
  hub mailplus search city=Leeds lastName=Hill --limit 100`)
    .action(run(io, search));
  addActionCommands(mailplus, io);
}

async function list(context: CommandContext, part: string | undefined): Promise<void> {
  const client = await context.client();
  const all = await operationsOf(client);
  const exact = all.filter(({ name }) => name === part);
  const operations = exact.length > 0 ? exact : all.filter(({ name }) => part === undefined || name.includes(part));
  context.print({ operations }, () => operationListText(operations));
}

async function call(context: CommandContext, name: string, given: string | undefined, { connector, yes = false }: CallOptions): Promise<void> {
  const input = inputOf(given === '-' ? await context.io.readInput() : given);
  const client = await context.client();
  const operation = (await operationsOf(client)).find((one) => one.name === name);
  if (operation === undefined) throw new UsageError(`There is no operation «${name}».`, '`hub mailplus operations` lists them.');
  const connectorId = connector ?? await onlyConnector(client);
  if (operation.changes && !yes) await ask(context, operation, connectorId);
  const answer = await client.send<OperationRunView>('POST', at`/connectors/${connectorId}/operations/${name}`, { input, confirm: operation.changes });
  context.print(answer, () => operationRunText(context.paint, answer));
  if (answer.problem !== null) throw new FoundProblems();
}

async function search(context: CommandContext, given: readonly string[], { connector, limit = '20' }: { readonly connector?: string; readonly limit?: string }): Promise<void> {
  if (!/^\d{1,6}$/.test(limit)) throw new UsageError(`«${limit}» is no number of contacts.`, 'Give --limit a whole number from 1 to 1000.');
  const values = Object.fromEntries(await pairsOf(context.io, given, propertyWords));
  const client = await context.client();
  const connectorId = connector ?? await onlyConnector(client);
  const answer = await client.send<FoundContactsView>('POST', at`/connectors/${connectorId}/contacts/search`, { values, limit: Number(limit) });
  context.print(answer, () => foundContactsText(answer));
}

async function operationsOf(client: GatewayClient): Promise<OperationView[]> {
  return (await client.get<{ operations: OperationView[] }>('/platforms/mailplus/operations')).operations;
}

function inputOf(text = '{}'): object {
  const input = parsed(text);
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  throw new UsageError('The input is no JSON object.', 'Give it as {"externalId":"P1"}, in single quotes, or «-» and the JSON on standard input.');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A change is asked about; a script says --yes. */
async function ask({ io, json }: CommandContext, { name, about, idempotent }: OperationView, connectorId: string): Promise<void> {
  const fix = 'Give --yes when it is meant.';
  if (!io.interactive || json) throw new UsageError(`«${name}» changes Mail+ (${about}), and nobody can be asked.`, fix);
  const warning = idempotent ? '' : ' A second call has a second effect.';
  if (!(await io.confirm(`«${name}» changes Mail+ of «${connectorId}»: ${about}.${warning} Send it?`))) throw new UsageError('Nothing was sent.', fix);
}
