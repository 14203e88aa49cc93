import { sql } from 'kysely';
import type { Db } from '../../database.ts';
import { awaitedCode, dueAgain } from './named-things.ts';

/** A delivery that waits for what its record names to be at the destination. */
export interface AwaitedDelivery {
  readonly accountId: string;
  readonly connectorId: string;
  readonly recordId: number;
}

/** Deliveries that wait for things at their destination, at most `limit` of each connector that is there. */
export async function awaitedDeliveries(db: Db, limit: number): Promise<readonly AwaitedDelivery[]> {
  const { rows } = await sql<AwaitedDelivery>`
    select d.account_id "accountId", d.connector_id "connectorId", d.record_id "recordId" from connector c
    join lateral (select * from delivery o where o.connector_id = c.id and o.state = 'parked' and o.code = ${awaitedCode} order by o.pending_since limit ${limit}) d on true
    where c.phase <> 'removed' order by 2, 3`.execute(db);
  return rows;
}

/** These deliveries are due again. */
export async function releaseDeliveries(db: Db, connectorId: string, recordIds: readonly number[]): Promise<void> {
  await sql`
    update delivery d set ${dueAgain}
    where connector_id = ${connectorId} and record_id = any(${[...recordIds]}::bigint[]) and state = 'parked' and code = ${awaitedCode}`.execute(db);
}
