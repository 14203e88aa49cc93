import { sql } from 'kysely';
import type { Db } from '../../database.ts';
import { recordCodes } from './record-codes.ts';

/**
 * What did not get through: a `record` that was not taken in, a `request` that cannot be applied, a `list` that misses pages, a `call` to
 * the system, a `delivery` of a record to another system, an `action` there (an activity, a list).
 */
export const ownFailureKinds = ['record', 'request', 'list', 'call', 'delivery', 'action'] as const;

/** One thing of a system's data that did not get through, without personal data. */
export interface OwnFailure {
  readonly kind: (typeof ownFailureKinds)[number];
  readonly at: string;
  /** `failed`, or `parked`: it waits for what the reason names. */
  readonly state: 'failed' | 'parked';
  readonly dataType: string | null;
  /** The thing's id at the system. */
  readonly externalId: string | null;
  /** Where in the record. */
  readonly path: string | null;
  /** Where it did not get to; null for what was not taken in. */
  readonly destination: string | null;
  readonly operation: string;
  readonly code: string | null;
  readonly reason: string;
}

/** Which ones, newest first. */
export interface OwnFailureFilter {
  readonly kind?: OwnFailure['kind'] | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Lists what stems from one connector and did not get through, and counts it. */
export async function listOwnFailures(db: Db, connectorId: string, { kind, limit, offset }: OwnFailureFilter): Promise<{ readonly items: readonly OwnFailure[]; readonly total: number }> {
  const { rows } = await sql<OwnFailure & { total: number }>`
    select kind, at, state, data_type "dataType", nullif(external_id, '') "externalId", nullif(path, '') path, destination, operation, code, coalesce(reason, '') reason, count(*) over () total
    from (${records(connectorId)} union all ${requests(connectorId)} union all ${lists(connectorId)} union all ${calls(connectorId)} union all ${deliveries(connectorId)} union all ${actions(connectorId)})
      as own(kind, at, state, data_type, external_id, path, destination, operation, code, reason)
    where ${kind ?? null}::text is null or kind = ${kind ?? null}
    order by at desc, kind, external_id, destination limit ${limit} offset ${offset}`.execute(db);
  return { items: rows.map(({ total: _total, ...item }) => item), total: rows[0]?.total ?? 0 };
}

const records = (id: string) => sql`
  select 'record', created_at, 'failed', data_type, external_id, path, null::text, 'read ' || data_type, code, reason from rejected_record where connector_id = ${id} and state = 'open'`;
const requests = (id: string) => sql`
  select 'request', received_at, 'failed', null, null, null, null, 'apply ' || kind, coalesce(code, 'INTERNAL'), reason from inbox where connector_id = ${id} and state = 'failed'`;
const lists = (id: string) => sql`
  select 'list', started_at, 'parked', 'lists', list_id, null, null, 'list sync ' || sync_id, 'LIST_PAGES_MISSING', reason from list_sync where connector_id = ${id} and state = 'parked'`;
const calls = (id: string) => sql`
  select 'call', created_at, 'failed', null, null, null, ${id}, operation, code, message from call_attempt where connector_id = ${id} and state = 'open' and not code = any(${recordCodes}::text[])`;

/** By the source records: what belongs to a thing of this system, wherever it should have gone; and what should have come to the system itself. */
const deliveries = (id: string) => sql`
  select 'delivery', coalesce(d.settled_at, d.pending_since), d.state, d.data_type, coalesce(s.external_id, nullif(d.target, '')), null, d.connector_id, 'deliver ' || d.data_type, d.code, d.reason
  from delivery d left join source_record s on s.record_id = d.record_id and s.connector_id = ${id} and s.data_type = d.data_type
  where d.state in ('failed', 'parked') and (s.record_id is not null or d.connector_id = ${id})`;

/** A cause begins with the connector that it comes from, behind the kind of a list's action. */
const actions = (id: string) => sql`
  select 'action', coalesce(settled_at, pending_since), case state when 'parked' then 'parked' else 'failed' end,
    case when kind like 'list.%' then 'lists' else 'activities' end,
    case when kind like 'list.%' then payload->>'listId' when starts_with(payload->>'externalId', ${`${id}/`}) then substr(payload->>'externalId', ${id.length + 2}) else target end,
    null, connector_id, kind, code, reason
  from action where state in ('failed', 'parked') and (connector_id = ${id} or payload->>'sourceConnectorId' = ${id} or starts_with(payload->>'externalId', ${`${id}/`}))`;
