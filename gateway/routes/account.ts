import { z } from 'zod';
import { inAccount } from '../../db/database.ts';
import type { Account } from '../../db/repositories/accounts.ts';
import { changeAccount, requireAccount } from '../account/change-account.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';

const settingsSchema = z.object({
  matching: z.enum(['email', 'phone']).describe('By what contacts of different systems are found to be the same person.'),
  defaultCountry: z.string().nullable().describe('Country of phone numbers without one, for connectors that are added from now on; null: each platform\'s own default.'),
});

const accountSchema = z.object({
  id: z.string(), name: z.string(), settings: settingsSchema, rematchingSince: z.string().nullable().describe('Since when contacts are being matched anew; null when they are not.'),
}).meta({ id: 'Account' });

const changeSchema = z.strictObject({
  matching: z.enum(['email', 'phone']).optional().describe('All contacts are matched anew.'),
  defaultCountry: z.string().regex(/^[A-Z]{2}$/, 'must be a country code of two capitals, as GB').nullable().optional().describe('Two capitals, as GB.'),
}).meta({ id: 'ChangeAccount' });

const changedSchema = accountSchema.extend({ notes: z.array(z.string()).describe('What was changed and what follows from it, for a person.') }).meta({ id: 'ChangedAccount' });

/** `accountSchema`. */
export type AccountView = z.infer<typeof accountSchema>;
/** `changedSchema`. */
export type ChangedAccountView = z.infer<typeof changedSchema>;

/** The settings of the caller's account. */
export function accountRoutes(app: App, deps: ApiDependencies): void {
  const tags = ['account'];
  app.get('/account', { config: { access: 'viewer' }, schema: { tags, summary: 'Show the account and its settings', response: answers(accountSchema) } }, async (request) => {
    const { accountId } = callerOf(request);
    return view(await inAccount(deps.db, accountId, (trx) => requireAccount(trx, accountId)));
  });
  app.patch('/account', {
    config: { access: 'admin' },
    schema: {
      tags, summary: 'Change settings of the account', body: changeSchema, response: answers(changedSchema),
      description: 'Another `matching` matches all contacts anew, in the background. It is refused while a backfill runs (`BACKFILL_RUNNING`) or contacts are being matched anew (`REMATCH_RUNNING`).',
    },
  }, async (request) => {
    const { account, notes } = await changeAccount(deps, callerOf(request), request.body);
    return { ...view(account), notes: [...notes] };
  });
}

function view({ id, name, settings, rematchingSince }: Account): AccountView {
  return { id, name, settings: { ...settings }, rematchingSince };
}
