import { sql } from 'kysely';
import type { RejectedRow } from '../../domain/model/source-record.ts';
import type { Db } from '../database.ts';
import { storableText } from '../storable-text.ts';

/** Rejected rows of one request or one page. */
export interface RejectedBatch {
  readonly accountId: string;
  readonly connectorId: string;
  /** The request they came with, or null for rows that were read. */
  readonly inboxId: number | null;
  readonly rows: readonly RejectedRow[];
}

/**
 * Keeps rejected rows, in one statement. An open one of the same thing and reason is replaced by the newer,
 * so that a source that sends the same mistake each night does not fill the list.
 */
export async function insertRejectedRecords(db: Db, batch: RejectedBatch): Promise<void> {
  if (batch.rows.length === 0) return;
  const rows = JSON.stringify(batch.rows.map((row) => ({
    data_type: row.dataType, external_id: storableText(row.externalId), path: storableText(row.path), code: row.code, reason: storableText(row.reason), payload: row.payload ?? null,
  })));
  await sql`
    with incoming as (
      select * from json_to_recordset(${rows}::json) as r(data_type text, external_id text, path text, code text, reason text, payload json)
    ), replaced as (
      update rejected_record old set state = 'resolved' from incoming
      where old.connector_id = ${batch.connectorId} and old.state = 'open' and incoming.external_id <> ''
        and old.external_id = incoming.external_id and old.data_type = incoming.data_type and old.path = incoming.path
    )
    insert into rejected_record (account_id, connector_id, data_type, external_id, path, code, reason, payload, inbox_id)
    select ${batch.accountId}, ${batch.connectorId}, data_type, external_id, path, code, reason, payload, ${batch.inboxId}::bigint from incoming`.execute(db);
}
