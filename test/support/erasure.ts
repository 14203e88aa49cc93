import { sql } from 'kysely';
import { inAccount, type Db, type Trx } from '../../db/database.ts';
import { blockRecord, unblockRecord } from '../../db/repositories/erase/block-record.ts';
import { eraseRecord, type ErasureDone } from '../../db/repositories/erase/erase-record.ts';
import { listReceipts, type Receipt } from '../../db/repositories/erase/receipts.ts';
import { erasureScope } from '../../gateway/records/erasure-scope.ts';
import { loadApplyContext } from '../../activities/apply-context.ts';
import { loadConnector } from '../../activities/connector-context.ts';
import { applyPage } from '../../db/repositories/apply/apply-page.ts';
import type { HubWorld } from './hub-world.ts';

const acts = { erase: eraseRecord, block: blockRecord, unblock: unblockRecord };

/** Erases, blocks or unblocks as the API does. */
export async function actOn(world: Pick<HubWorld, 'pipeline'>, act: keyof typeof acts, recordId: number): Promise<ErasureDone> {
  const { deps } = world.pipeline;
  const scope = await inAccount(deps.db, 'default', (trx) => erasureScope(deps, trx, { accountId: 'default', who: 'an operator' }));
  return acts[act](deps.db, scope, recordId);
}

/** The receipts of a record, newest first. */
export async function receiptsOf(world: Pick<HubWorld, 'pipeline'>, recordId: number): Promise<readonly Receipt[]> {
  return inAccount(world.pipeline.deps.db, 'default', (trx: Trx) => listReceipts(trx, { recordId, limit: 20 }));
}

/** The living record with an address. */
export async function recordIdOf(db: Db, email: string): Promise<number> {
  const row = await db.selectFrom('record').select('id').where('email', '=', email).where('merged_into', 'is', null).executeTakeFirstOrThrow();
  return row.id;
}

/** Every text, json and bytea column of every table in which one of the values stands, as `table.column: value`. */
export async function placesWith(db: Db, values: readonly string[]): Promise<readonly string[]> {
  const { rows: columns } = await sql<{ table: string; column: string }>`
    select c.table_name "table", c.column_name "column" from information_schema.columns c join information_schema.tables t on t.table_name = c.table_name and t.table_schema = c.table_schema
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and (c.data_type in ('text', 'json', 'jsonb', 'bytea', 'character varying', 'ARRAY')) order by 1, 2`.execute(db);
  const found: string[] = [];
  for (const { table, column } of columns) {
    const text = sql`case when pg_typeof(${sql.ref(column)})::text = 'bytea' then encode(${sql.ref(column)}::text::bytea, 'escape') else ${sql.ref(column)}::text end`;
    const { rows } = await sql<{ value: string }>`select distinct v as value from ${sql.table(table)}, unnest(${[...values]}::text[]) v where strpos(lower(${text}), lower(v)) > 0`.execute(db);
    found.push(...rows.map(({ value }) => `${table}.${column}: ${value}`));
  }
  return found;
}

/** A read of a connector finds that it does not have a contact any more. */
export async function deleteAt({ pipeline: { deps } }: HubWorld, connectorId: string, externalId: string): Promise<void> {
  const now = new Date().toISOString();
  await applyPage(deps.db, {
    ...(await loadApplyContext(deps, await loadConnector(deps, connectorId))), readAt: now, receivedAt: now, isPushed: false, mayCreate: false, urgency: 'live', cause: { kind: 'test' },
    rows: [{ dataType: 'contacts', externalId, sourceTime: now, deleted: true, payload: null, canonical: {}, held: {}, heldKeyOf: {}, consents: [] }],
  });
}
