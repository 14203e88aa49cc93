import type { Command } from 'commander';
import type { AccountView, ChangedAccountView } from '../../gateway/routes/account.ts';
import { run, type CommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import type { CliIo } from '../io.ts';
import { facts } from '../output/table.ts';
import { when } from '../output/times.ts';

/** `account show|set`. */
export function addAccountCommands(program: Command, io: CliIo): void {
  const account = program.command('account').description('settings that all connectors share');
  account.command('show').description('show them').action(run(io, show));
  account.command('set <setting...>').description('change them: matching=email|phone, defaultCountry=GB (or defaultCountry= for each platform\'s own)')
    .option('--yes', 'do not ask whether it is meant')
    .addHelpText('after', '\nAnother matching matches all contacts anew in the background; it is refused while a backfill runs.')
    .action(run(io, set));
}

async function show(context: CommandContext): Promise<void> {
  const client = await context.client();
  const account = await client.get<AccountView>('/account');
  context.print(account, () => accountText(account));
}

function accountText({ id, name, settings, rematchingSince }: AccountView): string {
  return facts([
    ['account', id], ['name', name], ['matching', `${settings.matching} (contacts with one ${settings.matching === 'phone' ? 'phone number' : 'e-mail address'} are one)`],
    ['defaultCountry', settings.defaultCountry ?? 'each platform\'s own'],
    ['matching anew', rematchingSince === null ? null : `since ${when(rematchingSince)} UTC; connectors go on meanwhile`],
  ]);
}

async function set(context: CommandContext, given: readonly string[], { yes = false }: { readonly yes?: boolean }): Promise<void> {
  const change = changeOf(given);
  const client = await context.client();
  if (change.matching !== undefined && context.io.interactive && !yes && !context.json) await ask(context, change.matching, await client.get<AccountView>('/account'));
  const changed = await client.send<ChangedAccountView>('PATCH', '/account', change);
  context.print(changed, () => [...changed.notes, accountText(changed)].join('\n'));
}

async function ask({ io }: CommandContext, matching: string, { settings }: AccountView): Promise<void> {
  if (matching === settings.matching) return;
  if (await io.confirm(`Match all contacts by ${matching} instead of ${settings.matching}? Some become one, others come apart.`)) return;
  throw new UsageError('Nothing was changed.', 'Answer with yes, or give --yes.');
}

interface Change {
  matching?: string;
  defaultCountry?: string | null;
}

function changeOf(given: readonly string[]): Change {
  const change: Change = {};
  for (const argument of given) {
    const [name, value] = [argument.slice(0, argument.indexOf('=')), argument.slice(argument.indexOf('=') + 1)];
    if (argument.includes('=') && name === 'matching') change.matching = value;
    else if (argument.includes('=') && name === 'defaultCountry') change.defaultCountry = value === '' ? null : value.toUpperCase();
    else throw new UsageError(`«${argument}» is no setting of an account.`, 'Give matching=email, matching=phone or defaultCountry=GB.');
  }
  return change;
}
