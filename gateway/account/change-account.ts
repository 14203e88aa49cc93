import { inAccount, type Trx } from '../../db/database.ts';
import { changeAccountSettings, findAccount, lockAccount, type Account, type AccountSettings } from '../../db/repositories/accounts.ts';
import { writeAudit } from '../../db/repositories/audit.ts';
import { HubError } from '../../domain/errors.ts';
import type { Actor } from '../connectors/add-connector.ts';
import type { GatewayDependencies } from '../dependencies.ts';

/** What a person changes; what is not named stays. `defaultCountry: null` goes back to each platform's own default. */
export interface AccountChange {
  readonly defaultCountry?: AccountSettings['defaultCountry'] | undefined;
}

/** What was changed, and what follows from it: sentences for a person. */
export interface ChangedAccount {
  readonly account: Account;
  readonly notes: readonly string[];
}

/** The account. Throws NOT_FOUND. */
export async function requireAccount(trx: Trx, accountId: string): Promise<Account> {
  const account = await findAccount(trx, accountId);
  if (account === undefined) throw new HubError('NOT_FOUND', `There is no account «${accountId}».`);
  return account;
}

/** Changes settings of an account, with its audit. Throws NOT_FOUND. */
export async function changeAccount(deps: GatewayDependencies, { accountId, who }: Actor, { defaultCountry }: AccountChange): Promise<ChangedAccount> {
  return inAccount(deps.db, accountId, async (trx) => {
    await lockAccount(trx, accountId);
    const before = await requireAccount(trx, accountId);
    if (defaultCountry === undefined || defaultCountry === before.settings.defaultCountry) return { account: before, notes: ['Nothing was to be changed.'] };
    await changeAccountSettings(trx, accountId, { defaultCountry });
    await writeAudit(trx, { accountId, who, what: 'account.changed', details: { from: { defaultCountry: before.settings.defaultCountry }, to: { defaultCountry } } });
    return { account: await requireAccount(trx, accountId), notes: [noteOn(defaultCountry)] };
  });
}

function noteOn(defaultCountry: string | null): string {
  const country = defaultCountry === null ? 'the country that each platform has by default' : `the country ${defaultCountry}`;
  return `Connectors that are added from now on take ${country} for phone numbers without one. Those that are there keep theirs: \`hub connector set <connector> --set defaultCountry=…\` changes it.`;
}
