import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { switchedCode } from './apply/switched.ts';
import { recordCodes } from './failed/record-codes.ts';

/** Rows of one state and reason towards one connector. */
export interface FlowCount {
  readonly connectorId: string;
  readonly what: 'delivery' | 'action' | 'rejected' | 'excluded' | 'list';
  readonly state: string;
  readonly code: string | null;
  readonly reason: string | null;
  readonly count: number;
}

/**
 * How many deliveries, actions, rejected and excluded rows and list syncs there are, by connector, state and reason.
 * Reads whole tables where nothing else tells: for people, not for a loop that never ends.
 */
export async function flowCounts(db: Db): Promise<readonly FlowCount[]> {
  const { rows } = await sql<FlowCount>`
    select connector_id "connectorId", 'delivery' what, state, code, case when (state = 'delivered' and code is null) or code = ${switchedCode} then null else reason end reason, count(*) count
    from delivery group by 1, 3, 4, 5
    union all select connector_id, 'action', state, code, case when state = 'done' then null when code = 'PLATFORM_OUTCOME_UNKNOWN' then 'it is not known whether they were carried out: hub failed list has the questions' else reason end, count(*) from action group by 1, 3, 4, 5
    union all select connector_id, 'rejected', state, code, reason, count(*) from rejected_record where state = 'open' group by 1, 3, 4, 5
    union all select connector_id, 'excluded', 'excluded', null, reason, count(*) from excluded_row group by 1, 5
    union all select connector_id, 'list', state, null, null, count(*) from list_sync group by 1, 3
    order by 1, 2, 3`.execute(db);
  return rows;
}

/** What waits in the inbox of one connector. */
export interface InboxState {
  readonly connectorId: string;
  readonly waiting: number;
  readonly failed: number;
  readonly lagSeconds: number;
}

/** The inboxes with something in them that is not applied. */
export async function inboxStates(db: Db): Promise<readonly InboxState[]> {
  const { rows } = await sql<InboxState>`
    select connector_id "connectorId", count(*) filter (where state = 'new') waiting, count(*) filter (where state = 'failed') failed,
      coalesce(extract(epoch from clock_timestamp() - min(received_at) filter (where state = 'new')), 0)::float8 "lagSeconds"
    from inbox where state in ('new', 'failed') group by 1`.execute(db);
  return rows;
}

/** The newest backfill of one data type. */
export interface BackfillState {
  readonly connectorId: string;
  readonly dataType: string;
  readonly runId: number;
  readonly state: 'running' | 'done' | 'cancelled' | 'failed';
  readonly first: boolean;
  readonly from: string;
  readonly workflowId: string;
  readonly rows: number;
  readonly slices: number;
  readonly slicesDone: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly reason: string | null;
}

/** The newest backfill of each connector and data type with its progress. */
export async function backfillStates(db: Db): Promise<readonly BackfillState[]> {
  const { rows } = await sql<BackfillState>`
    select r.connector_id "connectorId", r.data_type "dataType", r.id "runId", r.state, r.is_first "first", r.from_at "from", r.workflow_id "workflowId",
      greatest(r.rows, s.rows)::bigint "rows", s.slices, s.done "slicesDone", r.started_at "startedAt", r.finished_at "finishedAt", r.reason
    from (select distinct on (connector_id, data_type) * from backfill_run order by connector_id, data_type, id desc) r
    cross join lateral (
      select count(*) slices, count(*) filter (where state = 'done') done, coalesce(sum(rows), 0) rows from slice where run_id = r.id) s
    order by 1, 2`.execute(db);
  return rows;
}

/** Where the pulls of a connector's streams are. */
export interface StreamCursor {
  readonly connectorId: string;
  readonly stream: string;
  readonly cursor: string | null;
}

/** All streams that were read. */
export async function streamCursors(db: Db): Promise<readonly StreamCursor[]> {
  return db.selectFrom('stream_state').select(['connector_id as connectorId', 'stream', 'cursor']).orderBy('connector_id').orderBy('stream').execute();
}

/** A wait on the retry ladder. */
export interface HoldState {
  readonly connectorId: string;
  readonly direction: 'in' | 'out';
  readonly step: number;
  readonly notBefore: string | null;
  readonly code: string;
  readonly reason: string;
}

/** Waits of the credentials of all connectors. */
export async function holdStates(db: Db): Promise<readonly HoldState[]> {
  const { rows } = await sql<HoldState>`
    select c.id "connectorId", h.direction, h.step, h.not_before "notBefore", h.code, h.reason
    from hold h join connector c on c.account_id = h.account_id and c.credential_key = h.credential_key and c.phase <> 'removed'
    order by 1, 2`.execute(db);
  return rows;
}

/** How fast one connector delivers. */
export interface DeliverySpeed {
  readonly connectorId: string;
  readonly perSecond: number;
}

/** How many records a second were delivered over the last minute, or since the first of them; nothing for a connector that was idle. */
export async function deliverySpeeds(db: Db): Promise<readonly DeliverySpeed[]> {
  const { rows } = await sql<DeliverySpeed>`
    select connector_id "connectorId", (count(*) / greatest(5, extract(epoch from clock_timestamp() - min(settled_at))))::float8 "perSecond"
    from delivery where state = 'delivered' and settled_at > clock_timestamp() - interval '60 s' group by 1`.execute(db);
  return rows;
}

/** Failed calls to a platform that are not settled, by connector; without those that a record is to blame for. */
export async function openCalls(db: Db): Promise<readonly { readonly connectorId: string; readonly count: number }[]> {
  const { rows } = await sql<{ connectorId: string; count: number }>`select connector_id "connectorId", count(*) count from call_attempt where state = 'open' and not code = any(${recordCodes}::text[]) group by 1`.execute(db);
  return rows;
}
