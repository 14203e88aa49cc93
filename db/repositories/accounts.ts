import type { Db } from '../database.ts';

/** Makes sure that an account exists; a second time changes nothing. */
export async function ensureAccount(db: Db, id: string, name: string): Promise<void> {
  await db.insertInto('account').values({ id, name }).onConflict((c) => c.doNothing()).execute();
}

/** The account's own settings, or undefined when there is no such account. */
export async function findAccountSettings(db: Db, id: string): Promise<Record<string, unknown> | undefined> {
  const row = await db.selectFrom('account').select('settings').where('id', '=', id).executeTakeFirst();
  return row?.settings;
}
