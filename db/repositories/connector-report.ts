import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** What a person looking at a connector's workflow wants to know. Ids, counts, states, and sentences of our own. */
export interface ConnectorCounts {
  readonly inboxWaiting: number;
  readonly deliveries: Readonly<Record<string, number>>;
  readonly actionsPending: number;
  readonly rejected: number;
}

/** Counts what is not settled, by partial indexes only, so that it stays cheap on large tables. */
export async function connectorCounts(db: Db, connectorId: string): Promise<ConnectorCounts> {
  const { rows: [row] } = await sql<{ inbox: number; actions: number; rejected: number }>`
    select (select count(*) from inbox where connector_id = ${connectorId} and state = 'new') inbox,
      (select count(*) from action where connector_id = ${connectorId} and state in ('pending', 'sending', 'parked')) actions,
      (select count(*) from rejected_record where connector_id = ${connectorId} and state = 'open') rejected`.execute(db);
  const { rows } = await sql<{ state: string; count: number }>`
    select state, count(*) count from delivery where connector_id = ${connectorId} and state in ('failed', 'parked', 'excluded') group by state
    union all select 'pending', count(*) from delivery where connector_id = ${connectorId} and state = 'pending' order by 1`.execute(db);
  return {
    inboxWaiting: row?.inbox ?? 0, actionsPending: row?.actions ?? 0, rejected: row?.rejected ?? 0,
    deliveries: Object.fromEntries(rows.map(({ state, count }) => [state, count])),
  };
}

/** The newest failed call of a connector that is not settled, or undefined. */
export async function lastFailedCall(db: Db, connectorId: string): Promise<{ readonly code: string; readonly message: string; readonly at: string; readonly nextAttemptAt: string | null } | undefined> {
  return db.selectFrom('call_attempt').select(['code', 'message', 'created_at as at', 'next_attempt_at as nextAttemptAt'])
    .where('connector_id', '=', connectorId).where('state', '=', 'open').orderBy('id', 'desc').limit(1).executeTakeFirst();
}
