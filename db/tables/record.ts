import type { LinkMemory } from '../../domain/model/link-memory.ts';
import type { Fields, Instant, Scalar } from '../../domain/model/fields.ts';
import type { PermissionState, SourceVersion } from '../../domain/model/record.ts';
import type { StoredFieldTimes, StoredProvenance } from '../stored-forms.ts';
import type { DefaultJson, DefaultTime, Generated, Json, OptionalText, OptionalTime, Time } from './columns.ts';

export interface RecordTable {
  account_id: string;
  id: Generated<number>;
  data_type: string;
  canonical: Json<Fields>;
  provenance: Json<StoredProvenance>;
  consent: DefaultJson<Record<string, PermissionState>>;
  version: Generated<number>;
  deleted: Generated<boolean>;
  merged_into: number | null;
  /** When the person was erased: nothing but the id is left, and nothing is added any more. */
  erased_at: OptionalTime;
  /** Normalised e-mail of the merged contact, for look-ups; no key. */
  email: OptionalText;
  created_at: DefaultTime;
  updated_at: DefaultTime;
}

export interface MatchKeyTable {
  account_id: string;
  data_type: string;
  kind: string;
  scope: Generated<string>;
  value: string;
  record_id: number | null;
}

export interface SourceRecordTable {
  account_id: string;
  connector_id: string;
  data_type: string;
  external_id: string;
  record_id: number;
  payload: Json<unknown>;
  canonical: Json<Fields>;
  field_times: Json<StoredFieldTimes>;
  edited: DefaultJson<string[]>;
  versions: DefaultJson<SourceVersion[]>;
  source_time: Time;
  /** When the source made the thing, where it says so. */
  created_at: OptionalTime;
  match_kind: OptionalText;
  match_value: OptionalText;
  deleted_at: OptionalTime;
  pinned_record_id: number | null;
}

export interface LinkTable {
  account_id: string;
  connector_id: string;
  data_type: string;
  external_id: string;
  alternate_id: OptionalText;
  record_id: number;
  is_primary: Generated<boolean>;
  /** The e-mail address that a thing holds, or is being made with, where the platform finds things by it; null elsewhere. */
  address: OptionalText;
  held: Json<Fields>;
  sent: DefaultJson<LinkMemory['sent']>;
  echoes: DefaultJson<Record<string, Instant>>;
  off_since: DefaultJson<Record<string, Instant>>;
  outcome_at: OptionalTime;
  read_at: OptionalTime;
  gone_at: OptionalTime;
  /** The platform's own id of the other thing that has our id by now: nothing is sent until that is settled. */
  switched_to: OptionalText;
  /** The id of ours that was left to another thing: it is never given again. */
  lost_id: OptionalText;
  /** When the thing was, or was to be, anonymised because the contact was deleted at its last source: nothing is sent to the platform for this record any more. */
  anonymised_at: OptionalTime;
}

/** A thing that a record names, by its id at the connector that reported the record. */
export interface ReferenceTable {
  account_id: string;
  record_id: number;
  data_type: string;
  external_id: string;
  /** The connector that brings the thing; empty for any. */
  source: string;
}

export interface MergeRequestTable {
  account_id: string;
  id: Generated<number>;
  data_type: string;
  keep_id: number;
  merge_id: number;
  reason: string;
  state: Generated<'pending' | 'done' | 'parked'>;
  created_at: DefaultTime;
  done_at: OptionalTime;
}

export interface RecordChangeTable {
  account_id: string;
  record_id: number;
  version: number;
  at: Time;
  changes: Json<Record<string, { from?: Scalar; to?: Scalar }>>;
  cause: Json<Record<string, unknown>>;
}

export interface ConsentEventTable {
  account_id: string;
  record_id: number;
  permission: string;
  granted: boolean;
  stated_at: OptionalTime;
  received_at: Time;
  connector_id: string;
  external_id: string;
  may_grant: boolean;
  evidence: string;
}

export interface RejectedRecordTable {
  id: Generated<number>;
  account_id: string;
  connector_id: string;
  data_type: string;
  external_id: string;
  path: string;
  code: string;
  reason: string;
  payload: Json<unknown> | null;
  inbox_id: number | null;
  state: Generated<'open' | 'skipped' | 'resolved'>;
  created_at: DefaultTime;
}

export interface ExcludedRowTable {
  account_id: string;
  connector_id: string;
  data_type: string;
  external_id: string;
  reason: string;
  seen_at: DefaultTime;
}
