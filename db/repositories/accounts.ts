import type { Db } from '../database.ts';

/** Makes sure that an account exists; a second time changes nothing. */
export async function ensureAccount(db: Db, id: string, name: string): Promise<void> {
  await db.insertInto('account').values({ id, name }).onConflict((c) => c.doNothing()).execute();
}
