import { sql } from 'kysely';
import type { RejectedRow } from '../../domain/model/source-record.ts';
import { keyValue } from '../../domain/identity/key-value.ts';
import type { Db } from '../database.ts';
import { insertExcluded } from './apply/write.ts';
import { erasedReason, findSuppressed, showableId } from './erase/suppressed.ts';
import { storableText } from '../storable-text.ts';

/** Rejected rows of one request or one page. */
export interface RejectedBatch {
  readonly accountId: string;
  readonly connectorId: string;
  /** The request they came with, or null for rows that were read. */
  readonly inboxId: number | null;
  readonly rows: readonly RejectedRow[];
  /** Keyed hash by which erased persons are known again; nobody is where it is absent. */
  readonly fingerprint?: (plain: string) => string;
}

/**
 * Keeps rejected rows, in one statement. An open one of the same thing and reason is replaced by the newer,
 * so that a source that sends the same mistake each night does not fill the list. Rows about a person who was erased are listed as left out, without
 * anything that they say.
 */
export async function insertRejectedRecords(db: Db, batch: RejectedBatch): Promise<void> {
  const kept = await withoutErased(db, batch);
  if (kept.length === 0) return;
  const rows = JSON.stringify(kept.map((row) => ({
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

async function withoutErased(db: Db, { accountId, connectorId, rows, fingerprint }: RejectedBatch): Promise<readonly RejectedRow[]> {
  if (fingerprint === undefined || rows.length === 0) return rows;
  const scope = { accountId, connectorId, matching: 'email' as const, fingerprint };
  const named = rows.map((row, index) => ({ row, externalId: row.externalId === '' ? `row ${index} without an id` : row.externalId, canonical: { email: addressIn(row.payload) } }));
  const erased = await findSuppressed(db, scope, named.filter(({ row }) => row.dataType === 'contacts'));
  const isErased = ({ row, externalId }: (typeof named)[number]): boolean => row.dataType === 'contacts' && erased.has(externalId);
  for (const { row } of named.filter(isErased)) {
    if (row.externalId !== '') await insertExcluded(db, { accountId, connectorId, dataType: row.dataType }, [showableId(scope, row.externalId)], erasedReason);
  }
  return named.filter((one) => !isErased(one)).map(({ row }) => row);
}

/** The first e-mail address in a payload of whatever shape. */
function addressIn(payload: unknown): string | null {
  if (typeof payload === 'string') return payload.includes('@') ? keyValue('email', payload) : null;
  if (typeof payload !== 'object' || payload === null) return null;
  for (const part of Object.values(payload)) {
    const found = addressIn(part);
    if (found !== null) return found;
  }
  return null;
}
