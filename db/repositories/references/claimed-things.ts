import { sql } from 'kysely';
import type { RecordType } from '../../../domain/model/record-fields.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Db } from '../../database.ts';
import { byAddress } from './named-things.ts';

/** A thing that a record names, as one destination sees it. */
export interface NamedState {
  readonly recordId: number;
  readonly dataType: RecordType;
  /** Its id at the connector that reported the record. */
  readonly externalId: string;
  /** The connector that is to bring it; empty for any; `byAddress` for the contact of a guest. */
  readonly source: string;
  /** The thing's record; null when nobody has brought it yet. */
  readonly thingId: number | null;
  /** Its id at the destination; null when it is not there. */
  readonly linkedId: string | null;
}

/** Whether any record of the account names another one. */
export async function hasReferences(db: Db, accountId: string): Promise<boolean> {
  const { rows } = await sql<{ some: boolean }>`select exists (select 1 from reference where account_id = ${accountId}) as some`.execute(db);
  return rows[0]?.some ?? false;
}

/**
 * The things that records name, and where they are at a destination. What several connectors know by one id is nobody's where any would do.
 * A link of which nothing is confirmed yet does not count.
 */
export async function namedStates(db: Db, connectorId: string, recordIds: readonly number[]): Promise<readonly NamedState[]> {
  if (recordIds.length === 0) return [];
  const { rows } = await sql<NamedState>`
    select r.record_id "recordId", r.data_type "dataType", r.external_id "externalId", r.source, t.id "thingId",
      (select l.external_id from link l where l.record_id = t.id and l.connector_id = ${connectorId} and l.data_type = r.data_type and l.gone_at is null
        and (l.read_at is not null or l.held::text <> '{}') order by l.is_primary desc, l.external_id limit 1) "linkedId"
    from reference r
    left join lateral (
      select min(x.record_id) id from (
        select s.record_id from source_record s where s.external_id = r.external_id and s.data_type = r.data_type and s.account_id = r.account_id and (r.source = '' or s.connector_id = r.source)
        union select o.record_id from link o where o.external_id = r.external_id and o.data_type = r.data_type and o.account_id = r.account_id and o.connector_id = r.source
        union select c.id from record c where r.source = ${byAddress} and c.account_id = r.account_id and c.email = r.external_id and c.data_type = 'contacts' and c.merged_into is null and not c.deleted) x
      having count(*) = 1) t on true
    where r.record_id = any(${arrays.int8(recordIds)}) order by 1, 2, 3`.execute(db);
  return rows;
}
