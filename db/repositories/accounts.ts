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
  /** Since when its contacts are being matched anew, as ISO instant; null when they are not. */
  readonly rematchingSince: string | null;
}

/** The account, or undefined when there is none of this id. */
export async function findAccount(db: Db, id: string): Promise<Account | undefined> {
  const row = await db.selectFrom('account').select(['id', 'name', 'settings']).where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : { id: row.id, name: row.name, ...readSettings(row.settings) };
}

function readSettings(stored: Readonly<Record<string, unknown>>): Pick<Account, 'settings' | 'rematchingSince'> {
  const text = (name: string): string | null => (typeof stored[name] === 'string' ? stored[name] : null);
  return { settings: { matching: stored['matching'] === 'phone' ? 'phone' : 'email', defaultCountry: text('defaultCountry') }, rematchingSince: text('rematchingSince') };
}

/** Locks the account until the end of the transaction, so that changes of its settings come one after the other. */
export async function lockAccount(trx: Trx, id: string): Promise<void> {
  await sql`select 1 from account where id = ${id} for update`.execute(trx);
}

/** Changes settings; what is not named stays. `rematchingSince` marks that a new matching has to be carried out. */
export async function changeAccountSettings(trx: Trx, id: string, change: Partial<AccountSettings> & { readonly rematchingSince?: string }): Promise<void> {
  await sql`update account set settings = (settings::jsonb || ${JSON.stringify(change)}::jsonb)::json where id = ${id}`.execute(trx);
}

/** The contacts of the account are matched as its settings say. `since`: the mark that was set; another one stays. */
export async function endRematch(db: Db, id: string, since: string): Promise<void> {
  await sql`update account set settings = (settings::jsonb - 'rematchingSince')::json where id = ${id} and settings->>'rematchingSince' = ${since}`.execute(db);
}

/** Accounts whose contacts are to be matched anew. */
export async function accountsToRematch(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`select id from account where settings->>'rematchingSince' is not null order by id`.execute(db);
  return rows.map((row) => row.id);
}

/** Backfills under way in the account of `db`, as `contacts at mailplus-1`. */
export async function backfillsUnderWay(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ what: string }>`
    select distinct r.data_type || ' at ' || r.connector_id what from backfill_run r join connector c on c.id = r.connector_id and c.phase <> 'removed'
    where r.state = 'running' order by 1`.execute(db);
  return rows.map((row) => row.what);
}

/** How many contacts the account of `db` has. */
export async function countContacts(db: Db): Promise<number> {
  const { rows: [row] } = await sql<{ count: number }>`select count(*) count from record where data_type = 'contacts' and merged_into is null`.execute(db);
  return row?.count ?? 0;
}
