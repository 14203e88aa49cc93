import { sql } from 'kysely';
import type { MatchStrategy } from '../../domain/identity/match-keys.ts';
import type { Db, Trx } from '../database.ts';

/** Makes sure that an account exists; a second time changes nothing. */
export async function ensureAccount(db: Db, id: string, name: string): Promise<void> {
  await db.insertInto('account').values({ id, name }).onConflict((c) => c.doNothing()).execute();
}

/** Settings of an account. */
export interface AccountSettings {
  /** By what contacts of different systems are found to be the same person. */
  readonly matching: MatchStrategy;
  /** Country (ISO 3166-1 alpha-2) of phone numbers without one, for connectors that are added from now on; null: each platform's own default. */
  readonly defaultCountry: string | null;
}

/** An account with its settings. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly settings: AccountSettings;
}

/** The account, or undefined when there is none of this id. */
export async function findAccount(db: Db, id: string): Promise<Account | undefined> {
  const row = await db.selectFrom('account').select(['id', 'name', 'settings']).where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : { id: row.id, name: row.name, settings: readSettings(row.settings) };
}

function readSettings({ matching, defaultCountry }: Readonly<Record<string, unknown>>): AccountSettings {
  return { matching: matching === 'phone' ? 'phone' : 'email', defaultCountry: typeof defaultCountry === 'string' ? defaultCountry : null };
}

/** Locks the account until the end of the transaction, so that changes of its settings come one after the other. */
export async function lockAccount(trx: Trx, id: string): Promise<void> {
  await sql`select 1 from account where id = ${id} for update`.execute(trx);
}

/** Changes settings; what is not named stays. */
export async function changeAccountSettings(trx: Trx, id: string, change: Partial<AccountSettings>): Promise<void> {
  await sql`update account set settings = (settings::jsonb || ${JSON.stringify(change)}::jsonb)::json where id = ${id}`.execute(trx);
}
