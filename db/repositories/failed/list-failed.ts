import { sql, type RawBuilder } from 'kysely';
import type { Db } from '../../database.ts';
import { switchedCode } from '../apply/switched.ts';
import { formatFailedId, type FailedId, type FailedKind } from './failed-id.ts';
import { recordCodes } from './record-codes.ts';

/** One failed thing, as the overview shows it. Without personal data: records are named by their ids. */
export interface FailedItem {
  readonly id: string;
  readonly kind: FailedKind;
  readonly connectorId: string;
  readonly at: string;
  readonly operation: string;
  readonly recordId: number | null;
  readonly externalId: string | null;
  readonly attempts: number;
  /** HTTP status of the platform's answer. */
  readonly status: number | null;
  readonly code: string;
  /** The platform's message, or ours. */
  readonly message: string;
  readonly platformCode: string | null;
  readonly nextAttemptAt: string | null;
}

/** Which ones, newest first. */
export interface FailedFilter {
  readonly connectorId?: string | undefined;
  readonly kind?: FailedKind | undefined;
  readonly code?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

interface Row {
  kind: FailedKind; connector_id: string; at: string; operation: string; data_type: string | null; record_id: number | null; external_id: string | null;
  item_id: number | null; attempts: number; status: number | null; code: string | null; message: string | null; platform_code: string | null; next_attempt_at: string | null;
}

interface PageRow extends Row {
  total: number; answered_status: number | null; answered_code: string | null;
}

const deliveries = sql`
  select 'delivery' kind, connector_id, coalesce(settled_at, pending_since) at, 'deliver ' || data_type operation, data_type, record_id,
    target external_id, null::bigint item_id, greatest(failures, 1) attempts, null::int status, code, reason message, null platform_code, null::timestamptz next_attempt_at
  from delivery where state = 'failed' or (state = 'parked' and code = ${switchedCode})`;
const actions = sql`
  select 'action', connector_id, coalesce(settled_at, pending_since), kind, null, record_id, case when record_id is null then target end, id, greatest(failures, 1), null::int, code, reason, null, not_before
  from action where state = 'failed' or (state = 'parked' and code is not null)`;
const records = sql`
  select 'record', connector_id, created_at, 'read ' || data_type || case when path = '' then '' else ', ' || path end, data_type, null::bigint, external_id, id, 1, null::int, code, reason, null, null::timestamptz
  from rejected_record where state = 'open'`;
const calls = sql`
  select 'call', connector_id, created_at, operation, null, case when json_array_length(record_ids) = 1 then (record_ids->>0)::bigint end, null, id, attempt, status, code, message, platform_code, next_attempt_at
  from call_attempt where state = 'open' and not code = any(${recordCodes}::text[])`;
const inbox = sql`
  select 'inbox', connector_id, received_at, 'apply ' || kind, null, null::bigint, null, id, greatest(failures, 1), null::int, code, reason, null, null::timestamptz
  from inbox where state = 'failed'`;
const lists = sql`
  select 'list', connector_id, started_at, 'list sync', null, null::bigint, sync_id, null::bigint, 1, null::int, 'LIST_PAGES_MISSING', reason, null, null::timestamptz
  from list_sync where state = 'parked'`;

const everything = sql`(${deliveries} union all ${actions} union all ${records} union all ${calls} union all ${inbox} union all ${lists}) failed`;

/** What the platform answered to the record of a delivery, looked up for the rows of one page only. */
const lastCall = sql`left join lateral (
    select status, platform_code from call_attempt c
    where page.kind = 'delivery' and c.connector_id = page.connector_id and c.direction = 'out' and c.record_ids->>0 = page.record_id::text order by c.id desc limit 1) answered on true`;

/** Lists failed things and counts all that the filter lets through. */
export async function listFailed(db: Db, filter: FailedFilter): Promise<{ readonly items: readonly FailedItem[]; readonly total: number }> {
  const where = sql.join(conditions(filter), sql` and `);
  const { rows } = await sql<PageRow>`
    select page.*, answered.status answered_status, answered.platform_code answered_code from (
      select failed.*, count(*) over () total from ${everything} where ${where} order by at desc, kind, item_id desc limit ${filter.limit} offset ${filter.offset}) page
    ${lastCall} order by at desc, kind, item_id desc`.execute(db);
  return { items: rows.map(toItem), total: rows[0]?.total ?? 0 };
}

function conditions(filter: FailedFilter): RawBuilder<unknown>[] {
  const all: RawBuilder<unknown>[] = [sql`true`];
  if (filter.connectorId !== undefined) all.push(sql`connector_id = ${filter.connectorId}`);
  if (filter.kind !== undefined) all.push(sql`kind = ${filter.kind}`);
  if (filter.code !== undefined) all.push(sql`code = ${filter.code}`);
  return all;
}

/** How many failed things each connector has. */
export async function countFailed(db: Db): Promise<readonly { readonly connectorId: string; readonly count: number }[]> {
  const { rows } = await sql<{ connectorId: string; count: number }>`select connector_id "connectorId", count(*) count from ${everything} group by 1`.execute(db);
  return rows;
}

/** One failed thing, or undefined when it is settled by now. */
export async function findFailed(db: Db, id: FailedId): Promise<FailedItem | undefined> {
  const same = id.kind === 'delivery' ? sql`data_type = ${id.dataType} and record_id = ${id.recordId} and external_id = ${id.target}`
    : id.kind === 'list' ? sql`external_id = ${id.syncId}` : sql`item_id = ${id.id}`;
  const { rows } = await sql<PageRow>`
    select page.*, 1 total, answered.status answered_status, answered.platform_code answered_code
    from (select * from ${everything} where kind = ${id.kind} and connector_id = ${id.connectorId} and ${same} limit 1) page ${lastCall}`.execute(db);
  return rows[0] === undefined ? undefined : toItem(rows[0]);
}

function toItem(row: PageRow): FailedItem {
  return {
    id: formatFailedId(idOf(row)), kind: row.kind, connectorId: row.connector_id, at: row.at, operation: row.operation, recordId: row.record_id,
    externalId: row.external_id === '' ? null : row.external_id, attempts: row.attempts, status: row.status ?? row.answered_status, code: row.code ?? 'INTERNAL',
    message: row.message ?? '', platformCode: row.platform_code ?? row.answered_code, nextAttemptAt: row.next_attempt_at,
  };
}

function idOf(row: Row): FailedId {
  const connectorId = row.connector_id;
  if (row.kind === 'delivery') return { kind: 'delivery', connectorId, dataType: row.data_type ?? '', recordId: row.record_id ?? 0, target: row.external_id ?? '' };
  if (row.kind === 'list') return { kind: 'list', connectorId, syncId: row.external_id ?? '' };
  return { kind: row.kind, connectorId, id: row.item_id ?? 0 };
}
