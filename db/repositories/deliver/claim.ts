import { sql } from 'kysely';
import type { LinkMemory } from '../../../domain/model/link-memory.ts';
import type { MergedRecord } from '../../../domain/model/record.ts';
import type { Fields } from '../../../domain/model/fields.ts';
import type { PermissionState } from '../../../domain/model/record.ts';
import type { RecordType } from '../../../domain/model/record-fields.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Db } from '../../database.ts';
import { unpackProvenance, type StoredProvenance } from '../../stored-forms.ts';
import { alternatePrefix } from '../apply/adopt-links.ts';

/** A pending delivery with all that planning needs. */
export interface ClaimedDelivery {
  readonly recordId: number;
  /** Empty for a thing that the platform does not have yet. */
  readonly target: string;
  readonly wanted: number;
  readonly lane: number;
  readonly failures: number;
  readonly pendingSince: string;
  readonly record: Pick<MergedRecord, 'canonical' | 'provenance' | 'consent' | 'deleted' | 'version'>;
  /** The record that the platform's thing with the target's id belongs to; without a target, the id that the hub would give. */
  readonly idOwner: number | null;
  /** The record's thing there was anonymised, for good. */
  readonly isFinal: boolean;
  /** For a thing without an id of ours: whether another connector knows the contact too. */
  readonly isShared: boolean;
  readonly link: { readonly externalId: string; readonly alternateId: string | null; readonly isPrimary: boolean; readonly memory: LinkMemory;
    /** Another thing has the id: the record of that one, where the hub knows it. */
    readonly switched: { readonly otherRecord: number | null } | null;
    /** The id of ours that was left to another thing. */
    readonly lostId: string | null } | null;
}

interface ClaimRow {
  record_id: number; target: string; wanted: number; lane: number; failures: number; pending_since: string;
  canonical: Fields; provenance: StoredProvenance; consent: Record<string, PermissionState>; deleted: boolean; version: number;
  external_id: string | null; alternate_id: string | null; is_primary: boolean | null; held: Fields | null;
  sent: LinkMemory['sent'] | null; echoes: Record<string, string> | null; off_since: Record<string, string> | null; outcome_at: string | null; read_at: string | null; id_owner: number | null; is_shared: boolean; is_final: boolean;
  switched_to: string | null; lost_id: string | null; other_record: number | null;
}

/** Which deliveries. The data type is written into the statement, so that the index of what is no contact is used. */
export interface ClaimScope {
  readonly connectorId: string;
  readonly dataType: RecordType;
  /** What the ids begin with that the hub gives there. */
  readonly idPrefix: string;
}

/**
 * The next pending deliveries of a connector and data type in order: lane, then time, then record. Not locked: there is one sender at a time.
 * A delivery without a target whose record has got a primary link meanwhile goes to that link. Those of the records `except` are left out.
 */
export async function claimDeliveries(db: Db, { connectorId, dataType, idPrefix }: ClaimScope, maxLane: number, limit: number, except: readonly number[] = []): Promise<readonly ClaimedDelivery[]> {
  const { rows } = await sql<ClaimRow>`
    select d.record_id, d.target, d.wanted, d.lane, d.failures, d.pending_since, r.canonical, r.provenance, r.consent, r.deleted, r.version,
      l.external_id, l.alternate_id, l.is_primary, l.held, l.sent, l.echoes, l.off_since, l.outcome_at, l.read_at, l.switched_to, l.lost_id,
      case when l.switched_to is not null then (
        select o.record_id from link o where o.connector_id = d.connector_id and o.data_type = d.data_type and o.alternate_id = l.switched_to limit 1) end as other_record,
      case when l.external_id is null or l.external_id like ${`${alternatePrefix}%`} then (
        select o.record_id from link o where o.connector_id = d.connector_id and o.data_type = d.data_type
          and o.external_id = case when d.target = '' or l.external_id is not null then ${idPrefix} || d.record_id::text else d.target end) end as id_owner,
      l.external_id like ${`${alternatePrefix}%`} and exists (
        select 1 from source_record s where s.record_id = d.record_id and s.connector_id <> d.connector_id and s.deleted_at is null) as is_shared,
      exists (select 1 from link f where f.record_id = d.record_id and f.connector_id = d.connector_id and f.anonymised_at is not null) as is_final
    from (select * from delivery where connector_id = ${connectorId} and data_type = ${sql.lit(dataType)} and state = 'pending' and lane <= ${maxLane}${except.length === 0 ? sql`` : sql` and record_id <> all(${arrays.int8(except)})`}
          order by lane, pending_since, record_id limit ${limit}) d
    join record r on r.id = d.record_id
    left join lateral (
      select * from link l where l.connector_id = d.connector_id and l.data_type = d.data_type and l.record_id = d.record_id and l.gone_at is null
        and (l.external_id = d.target or (d.target = '' and l.is_primary)) order by l.is_primary desc, l.external_id limit 1) l on true
    order by d.lane, d.pending_since, d.record_id`.execute(db);
  return rows.map(toClaimed);
}

function toClaimed(row: ClaimRow): ClaimedDelivery {
  const link = row.external_id === null ? null : {
    externalId: row.external_id, alternateId: row.alternate_id, isPrimary: row.is_primary ?? true,
    memory: { held: row.held ?? {}, sent: row.sent ?? {}, echoes: row.echoes ?? {}, offSince: row.off_since ?? {}, outcomeAt: row.outcome_at, readAt: row.read_at },
    switched: row.switched_to === null ? null : { otherRecord: row.other_record }, lostId: row.lost_id,
  };
  return {
    recordId: row.record_id, target: row.target, wanted: row.wanted, lane: row.lane, failures: row.failures, pendingSince: row.pending_since,
    record: { canonical: row.canonical, provenance: unpackProvenance(row.provenance, row.canonical), consent: row.consent, deleted: row.deleted, version: row.version }, link, idOwner: row.id_owner, isShared: row.is_shared, isFinal: row.is_final,
  };
}

/** The most urgent lane in which something is pending, of each data type that has something. */
export async function pendingLanes(db: Db, connectorId: string, dataTypes: readonly RecordType[]): Promise<ReadonlyMap<RecordType, number>> {
  if (dataTypes.length === 0) return new Map();
  const laneOf = (dataType: RecordType) => sql`
    (select data_type, lane from delivery where connector_id = ${connectorId} and data_type = ${sql.lit(dataType)} and state = 'pending' order by lane limit 1)`;
  const { rows } = await sql<{ data_type: RecordType; lane: number }>`${sql.join(dataTypes.map(laneOf), sql` union all `)}`.execute(db);
  return new Map(rows.map((row) => [row.data_type, row.lane]));
}

/** Whether something is waiting that is more urgent than a lane: what is in it yields after each call. */
export async function hasMoreUrgent(db: Db, connectorId: string, lane: number): Promise<boolean> {
  if (lane === 0) return false;
  const { rows } = await sql<{ urgent: boolean }>`
    select exists (select 1 from delivery where connector_id = ${connectorId} and state = 'pending' and lane < ${lane}) as urgent`.execute(db);
  return rows[0]?.urgent ?? false;
}
