import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { gateReason } from './apply/raise.ts';

/** Connectors with work that a lost wake may have left behind. */
export interface DueWork {
  /** Requests in the inbox that are not applied. */
  readonly sync: readonly string[];
  /** Deliveries or actions that may go out now. */
  readonly deliver: readonly string[];
}

/** Finds due work. Connectors that are paused or removed have none; neither do deliveries that need an operator. */
export async function dueWork(db: Db): Promise<DueWork> {
  const { rows: sync } = await sql<{ id: string }>`
    select c.id from connector c where c.phase <> 'removed' and not c.paused
      and exists (select 1 from inbox i where i.connector_id = c.id and i.state = 'new') order by c.id`.execute(db);
  const { rows: deliver } = await sql<{ id: string }>`
    select c.id from connector c where c.phase <> 'removed' and not c.paused and c.health_out <> 'needsOperator' and (
      exists (select 1 from delivery d where d.connector_id = c.id and d.state = 'pending')
      or exists (select 1 from action a where a.connector_id = c.id and a.state in ('pending', 'sending') and (a.not_before is null or a.not_before <= clock_timestamp())))
    order by c.id`.execute(db);
  return { sync: sync.map((row) => row.id), deliver: deliver.map((row) => row.id) };
}

/** For each account with merges to carry out, one of its connectors. */
export async function accountsToMerge(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ account_id: string }>`select distinct account_id from merge_request where state = 'pending' order by 1`.execute(db);
  return rows.map((row) => row.account_id);
}

/** Connectors and data types with deliveries that wait for a first import. */
export async function gatedDeliveries(db: Db): Promise<readonly { readonly connectorId: string; readonly dataType: string }[]> {
  const { rows } = await sql<{ connectorId: string; dataType: string }>`
    select distinct connector_id "connectorId", data_type "dataType" from delivery where state = 'parked' and reason = ${gateReason} order by 1, 2`.execute(db);
  return rows;
}

/** Activities that came before their contact although the contact is linked by now: contacts by connector, at most `limit` in all. */
export async function releasableActivities(db: Db, limit: number): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await sql<{ connector_id: string; contacts: string[] }>`
    select connector_id, array_agg(contact_external_id) contacts from (
      select distinct a.connector_id, a.contact_external_id from activity a
      join link l on l.connector_id = a.connector_id and l.data_type = 'contacts' and l.external_id = a.contact_external_id
      where a.record_id is null limit ${limit}) waiting group by connector_id`.execute(db);
  return new Map(rows.map((row) => [row.connector_id, row.contacts]));
}

/** Connectors with list syncs that still wait for pages. */
export async function receivingConnectors(db: Db): Promise<readonly string[]> {
  const rows = await db.selectFrom('list_sync').select('connector_id').distinct().where('state', '=', 'receiving').execute();
  return rows.map((row) => row.connector_id);
}

/** Backfills under way, by the workflow that carries them out. */
export async function runsByWorkflow(db: Db): Promise<readonly { readonly connectorId: string; readonly workflowId: string; readonly runIds: number[]; readonly dataTypes: string[] }[]> {
  const { rows } = await sql<{ connectorId: string; workflowId: string; runIds: number[]; dataTypes: string[] }>`
    select r.connector_id "connectorId", r.workflow_id "workflowId", array_agg(r.id::int order by r.id) "runIds", array_agg(r.data_type order by r.id) "dataTypes"
    from backfill_run r join connector c on c.id = r.connector_id and c.phase <> 'removed' where r.state = 'running' group by 1, 2 order by 1, 2`.execute(db);
  return rows;
}
