import type { Command } from 'commander';
import type { ConnectorSummary } from '../../gateway/connectors/connector-view.ts';
import type { OperationRunView, OperationView } from '../../gateway/routes/operations.ts';
import { run, type CommandContext } from '../context.ts';
import { FoundProblems, UsageError } from '../errors.ts';
import { at, type GatewayClient } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { operationListText, operationRunText } from '../output/operation-text.ts';

interface CallOptions {
  readonly connector?: string;
  readonly yes?: boolean;
}

/** `mailplus operations|call`. */
export function addMailplusCommands(program: Command, io: CliIo): void {
  const mailplus = program.command('mailplus').description('single calls of the Mail+ API, for support');
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

async function onlyConnector(client: GatewayClient): Promise<string> {
  const { connectors } = await client.get<{ connectors: ConnectorSummary[] }>('/connectors');
  const [one, ...others] = connectors.filter(({ platform }) => platform === 'mailplus').map(({ id }) => id);
  if (one === undefined) throw new UsageError('There is no connector of Mail+.', '`hub connector add mailplus` adds one.');
  if (others.length > 0) throw new UsageError('There is more than one connector of Mail+.', `Choose with --connector: ${[one, ...others].join(', ')}.`);
  return one;
}

/** A change is asked about; a script says --yes. */
async function ask({ io, json }: CommandContext, { name, about, idempotent }: OperationView, connectorId: string): Promise<void> {
  const fix = 'Give --yes when it is meant.';
  if (!io.interactive || json) throw new UsageError(`«${name}» changes Mail+ (${about}), and nobody can be asked.`, fix);
  const warning = idempotent ? '' : ' A second call has a second effect.';
  if (!(await io.confirm(`«${name}» changes Mail+ of «${connectorId}»: ${about}.${warning} Send it?`))) throw new UsageError('Nothing was sent.', fix);
}
