import type { Command } from 'commander';
import type { AccountView, ChangedAccountView } from '../../gateway/routes/account.ts';
import { run, type CommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import type { CliIo } from '../io.ts';
import { facts } from '../output/table.ts';

/** `account show|set`. */
export function addAccountCommands(program: Command, io: CliIo): void {
  const account = program.command('account').description('settings that all connectors share');
  account.command('show').description('show them').action(run(io, show));
  account.command('set <setting...>').description('change them: defaultCountry=GB (or defaultCountry= for each platform\'s own)')
    .action(run(io, set));
}

async function show(context: CommandContext): Promise<void> {
  const client = await context.client();
  const account = await client.get<AccountView>('/account');
  context.print(account, () => accountText(account));
}

function accountText({ id, name, settings }: AccountView): string {
  return facts([
    ['account', id], ['name', name], ['matching', `${settings.matching} (contacts with one ${settings.matching === 'phone' ? 'phone number' : 'e-mail address'} are one)`],
    ['defaultCountry', settings.defaultCountry ?? 'each platform\'s own'],
  ]);
}

async function set(context: CommandContext, given: readonly string[]): Promise<void> {
  const change = changeOf(given);
  const client = await context.client();
  const changed = await client.send<ChangedAccountView>('PATCH', '/account', change);
  context.print(changed, () => [...changed.notes, accountText(changed)].join('\n'));
}

interface Change {
  defaultCountry?: string | null;
}

function changeOf(given: readonly string[]): Change {
  const change: Change = {};
  for (const argument of given) {
    const [name, value] = [argument.slice(0, argument.indexOf('=')), argument.slice(argument.indexOf('=') + 1)];
    if (argument.includes('=') && name === 'defaultCountry') change.defaultCountry = value === '' ? null : value.toUpperCase();
    else throw new UsageError(`«${argument}» is no setting of an account.`, 'Give defaultCountry=GB, or defaultCountry= for each platform\'s own.');
  }
  return change;
}
