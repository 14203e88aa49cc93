import { Option, type Command } from 'commander';
import type { TokenView } from '../../gateway/routes/access.ts';
import { run, type CommandContext } from '../context.ts';
import { at } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { table } from '../output/table.ts';
import { when } from '../output/times.ts';

interface CreateOptions {
  readonly name?: string;
  readonly role?: string;
  readonly connector?: string;
}

/** `token create|list|revoke`. */
export function addTokenCommands(program: Command, io: CliIo): void {
  const token = program.command('token').description('who may do what');
  token.command('create').description('make a token; it is shown once')
    .option('--name <name>', 'what it is for')
    .addOption(new Option('--role <role>', 'what it may do; source and form with --connector').choices(['viewer', 'operator', 'admin', 'source', 'form']))
    .option('--connector <connector>', 'the connector that a source token feeds, or whose forms a form token is for')
    .action(run(io, create));
  token.command('list').description('list tokens, never the secrets').action(run(io, list));
  token.command('revoke <id>').description('revoke a token').action(run(io, revoke));
}

async function create(context: CommandContext, { name, role, connector }: CreateOptions): Promise<void> {
  const client = await context.client();
  const wanted = role ?? (connector === undefined ? 'viewer' : 'source');
  const body = { name: name ?? (connector === undefined ? wanted : `${wanted} ${connector}`), role: wanted, ...(connector === undefined ? {} : { connectorId: connector }) };
  const answer = await client.send<TokenView & { token: string }>('POST', '/tokens', body);
  context.print(answer, () => `Token ${answer.id} (${answer.role}), shown only now:\n${answer.token}`);
}

async function list(context: CommandContext): Promise<void> {
  const client = await context.client();
  const answer = await client.get<{ tokens: TokenView[] }>('/tokens');
  context.print(answer, () => table(['id', 'name', 'role', 'connector', 'made (UTC)', 'revoked (UTC)'],
    answer.tokens.map((one) => [one.id, one.name, one.role, one.connectorId ?? '', when(one.createdAt), when(one.revokedAt)])));
}

async function revoke(context: CommandContext, id: string): Promise<void> {
  const client = await context.client();
  const answer = await client.send<TokenView>('DELETE', at`/tokens/${id}`);
  context.print(answer, () => `Token ${answer.id} (${answer.name}) is revoked.`);
}
