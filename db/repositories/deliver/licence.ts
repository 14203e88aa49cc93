import { sql } from 'kysely';
import type { Db } from '../../database.ts';

/** What was said when the platform refused actions of these kinds today (UTC), because its licence has none; undefined: it did not. It is asked once a day, not once an action. */
export async function unlicensedReason(db: Db, connectorId: string, kinds: readonly string[], now: string): Promise<string | undefined> {
  const { rows } = await sql<{ reason: string | null }>`
    select reason from action where connector_id = ${connectorId} and kind = any(${[...kinds]}::text[]) and code = 'PLATFORM_NOT_LICENSED'
      and settled_at >= date_trunc('day', ${now}::timestamptz) order by id limit 1`.execute(db);
  return rows[0] === undefined ? undefined : (rows[0].reason ?? '');
}
