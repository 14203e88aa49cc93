import { sql } from 'kysely';
import type { Db } from '../../database.ts';

/** Where a contact stands at a connector, for an action about it. */
export interface ContactStanding {
  /** The record that it is now: another one than was asked for when it was merged. */
  readonly recordId: number;
  readonly deleted: boolean;
  /** Its id at the platform; null: the platform does not have it under an id of this connector. */
  readonly externalId: string | null;
  readonly alternateId: string | null;
  /** What is between it and the platform, when something of it is still on its way there. */
  readonly waitingFor: string | null;
  /** Why what the hub has of it did not get there. */
  readonly problem: { readonly code: string; readonly reason: string } | null;
}

/** Looks up where the contact of a record stands at a connector, following merges. `undefined`: there is no such record. */
export async function contactStanding(db: Db, connectorId: string, recordId: number): Promise<ContactStanding | undefined> {
  const { rows: [row] } = await sql<{ id: number; deleted: boolean; external_id: string | null; alternate_id: string | null; waiting_for: string | null; code: string | null; reason: string | null; state: string | null }>`
    with recursive chain as (
      select id, account_id, merged_into, deleted, 0 depth from record where id = ${recordId} and data_type = 'contacts'
      union all select r.id, r.account_id, r.merged_into, r.deleted, c.depth + 1 from record r join chain c on r.id = c.merged_into and r.account_id = c.account_id where c.depth < 50),
    kept as (select id, deleted from chain where merged_into is null limit 1)
    select k.id, k.deleted, l.external_id, l.alternate_id, (
        select coalesce(d.reason, 'its delivery is on its way') from delivery d where d.record_id = k.id and d.connector_id = ${connectorId} and d.data_type = 'contacts'
          and d.state in ('pending', 'parked') order by d.state desc, d.target limit 1) waiting_for,
      p.state, p.code, p.reason
    from kept k
    left join lateral (select external_id, alternate_id from link where record_id = k.id and connector_id = ${connectorId} and data_type = 'contacts' and is_primary and gone_at is null
      and (read_at is not null or held::text <> '{}') and external_id not like 'enc:%' limit 1) l on true
    left join lateral (select state, code, reason from delivery d where d.record_id = k.id and d.connector_id = ${connectorId} and d.data_type = 'contacts'
      and d.state in ('failed', 'excluded', 'skipped') and d.target in ('', coalesce(l.external_id, '')) order by d.state = 'failed' desc, d.settled_at desc nulls last limit 1) p on true`.execute(db);
  if (row === undefined) return undefined;
  return {
    recordId: row.id, deleted: row.deleted, externalId: row.external_id, alternateId: row.alternate_id, waitingFor: row.waiting_for,
    problem: row.state === null || (row.state !== 'failed' && row.external_id !== null) ? null : { code: row.code ?? 'RECORD_REFUSED', reason: row.reason ?? `its delivery is ${row.state}` },
  };
}

/** Records that a person may mean by an id: the contact that has it at this connector, and the record with this number. */
export async function contactsMeant(db: Db, connectorId: string, id: string): Promise<{ readonly linked: number | null; readonly numbered: number | null }> {
  const number = /^\d{1,15}$/.test(id) ? Number(id) : null;
  const { rows: [row] } = await sql<{ linked: number | null; numbered: number | null }>`
    select (select record_id from link where external_id = ${id} and connector_id = ${connectorId} and data_type = 'contacts') linked,
      (select id from record where id = ${number}::bigint and data_type = 'contacts') numbered`.execute(db);
  return row ?? { linked: null, numbered: null };
}

/** The record of a contact by its id at any connector of the account. */
export async function recordOf(db: Db, connectorId: string, externalId: string): Promise<number | undefined> {
  const { rows: [row] } = await sql<{ id: number }>`
    select record_id id from source_record where external_id = ${externalId} and connector_id = ${connectorId} and data_type = 'contacts'
    union all select record_id from link where external_id = ${externalId} and connector_id = ${connectorId} and data_type = 'contacts' limit 1`.execute(db);
  return row?.id;
}
