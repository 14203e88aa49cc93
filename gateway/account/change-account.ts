import { inAccount, type Trx } from '../../db/database.ts';
import {
  backfillsUnderWay, changeAccountSettings, countContacts, findAccount, lockAccount, type Account, type AccountSettings,
} from '../../db/repositories/accounts.ts';
import { writeAudit } from '../../db/repositories/audit.ts';
import { HubError } from '../../domain/errors.ts';
import { workflowIds } from '../../workflows/ids.ts';
import type { Actor } from '../connectors/add-connector.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import type { ConnectorCommands } from '../temporal/commands.ts';

/** What a person changes; what is not named stays. `defaultCountry: null` goes back to each platform's own default. */
export type AccountChange = { readonly [Name in keyof AccountSettings]?: AccountSettings[Name] | undefined };

/** What was changed, and what follows from it: sentences for a person. */
export interface ChangedAccount {
  readonly account: Account;
  readonly notes: readonly string[];
}

type Dependencies = GatewayDependencies & { readonly commands: Pick<ConnectorCommands, 'rematch'> };

/** The account. Throws NOT_FOUND. */
export async function requireAccount(trx: Trx, accountId: string): Promise<Account> {
  const account = await findAccount(trx, accountId);
  if (account === undefined) throw new HubError('NOT_FOUND', `There is no account «${accountId}».`);
  return account;
}

/**
 * Changes settings of an account, with its audit. Another `matching` is stored together with the mark that all contacts are to be matched
 * anew; a workflow does it, and the sweep starts that one when Temporal is away now. Refused while a backfill runs or contacts are
 * being matched anew, since pages on their way would be matched in the old manner for long.
 * Throws NOT_FOUND, BACKFILL_RUNNING, REMATCH_RUNNING.
 */
export async function changeAccount(deps: Dependencies, { accountId, who }: Actor, change: AccountChange): Promise<ChangedAccount> {
  const { rematch, notes } = await inAccount(deps.db, accountId, async (trx) => {
    await lockAccount(trx, accountId);
    const before = await requireAccount(trx, accountId);
    const changed = differences(before.settings, change);
    if (Object.keys(changed).length === 0) return { rematch: false, notes: ['Nothing was to be changed.'] };
    const rematches = changed.matching !== undefined;
    if (rematches) await checkRematch(trx, before);
    await changeAccountSettings(trx, accountId, { ...changed, ...(rematches ? { rematchingSince: new Date(deps.now()).toISOString() } : {}) });
    await writeAudit(trx, { accountId, who, what: 'account.changed', details: { from: pick(before.settings, changed), to: changed } });
    return { rematch: rematches, notes: await notesOn(trx, accountId, changed) };
  });
  const started = rematch ? await startRematch(deps, accountId) : [];
  return { account: await inAccount(deps.db, accountId, (trx) => requireAccount(trx, accountId)), notes: [...notes, ...started] };
}

function differences(before: AccountSettings, { matching, defaultCountry }: AccountChange): Partial<AccountSettings> {
  return {
    ...(matching === undefined || matching === before.matching ? {} : { matching }),
    ...(defaultCountry === undefined || defaultCountry === before.defaultCountry ? {} : { defaultCountry }),
  };
}

function pick(settings: AccountSettings, names: Partial<AccountSettings>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => name in names));
}

async function checkRematch(trx: Trx, { rematchingSince }: Account): Promise<void> {
  if (rematchingSince !== null) throw new HubError('REMATCH_RUNNING', `The contacts of this account are being matched anew since ${rematchingSince}.`, { field: 'matching' });
  const running = await backfillsUnderWay(trx);
  if (running.length > 0) {
    const fix = 'Wait for them, or cancel them in the Temporal UI, and send this again; `hub status` shows how far they are.';
    throw new HubError('BACKFILL_RUNNING', `Contacts are not matched anew while backfills run (${running.join(', ')}).`, { field: 'matching', fix });
  }
}

async function notesOn(trx: Trx, accountId: string, { matching, defaultCountry }: Partial<AccountSettings>): Promise<string[]> {
  const notes: string[] = [];
  if (matching !== undefined) {
    const key = matching === 'phone' ? 'phone number' : 'e-mail address';
    notes.push(
      `Contacts are matched by ${key} from now on. The ${await countContacts(trx)} that are there are matched anew in the background (workflow ${workflowIds.rematch(accountId)}; \`hub account show\` tells when it is done).`,
      `Those with one ${key} become one; those that only had the same ${matching === 'phone' ? 'e-mail address' : 'phone number'} come apart, and withdrawals of consent hold for all of them.`,
    );
    if (matching === 'phone') notes.push('Mail+ keeps one contact for each e-mail address: of several contacts with one address the one that is there stays, the others are parked with the reason.');
  }
  if (defaultCountry !== undefined) {
    const country = defaultCountry === null ? 'the country that each platform has by default' : `the country ${defaultCountry}`;
    notes.push(`Connectors that are added from now on take ${country} for phone numbers without one. Those that are there keep theirs: \`hub connector set <connector> --set defaultCountry=…\` changes it.`);
  }
  return notes;
}

async function startRematch(deps: Dependencies, accountId: string): Promise<string[]> {
  try {
    await deps.commands.rematch(accountId);
    return [];
  } catch (error) {
    deps.log.warn({ accountId, error: error instanceof Error ? error.name : 'unknown' }, 'The workflow that matches contacts anew was not started; the sweep starts it');
    return ['Temporal did not answer: it begins when it does.'];
  }
}
