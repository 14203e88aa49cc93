import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** Notes that what an inbox row asks for may have been sent from now on, or with `null` that it certainly was not. */
export async function noteInboxBegun(db: Db, id: number, at: string | null): Promise<void> {
  await db.updateTable('inbox').set({ begun_at: at }).where('id', '=', id).execute();
}

/** Sets an inbox row aside for a person; `reason` is for people and names nobody. */
export async function failInbox(db: Db, id: number, code: string, reason: string): Promise<void> {
  await db.updateTable('inbox').set({ state: 'failed', code, reason }).where('id', '=', id).execute();
}

/** Those of the permissions that somebody with this normalised e-mail address withdrew after `at`, whoever said so, in the account of `db`. */
export async function withdrawnSince(db: Db, email: string, permissions: readonly string[], at: string): Promise<ReadonlySet<string>> {
  if (permissions.length === 0) return new Set();
  const { rows } = await sql<{ permission: string }>`
    select distinct e.permission from record r join consent_event e on e.record_id = r.id
    where r.email = ${email} and r.merged_into is null and not e.granted and e.stated_at > ${at} and e.permission = any(${permissions}::text[])`.execute(db);
  return new Set(rows.map((row) => row.permission));
}
