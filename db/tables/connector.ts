import type { Mapping, MappingEntry } from '../../domain/mapping/mapping.ts';
import type { DefaultJson, DefaultTime, Generated, Json, OptionalText, OptionalTime, Time } from './columns.ts';

export interface AccountTable {
  id: string;
  name: string;
  settings: DefaultJson<Record<string, unknown>>;
  created_at: DefaultTime;
}

export interface ConnectorTable {
  id: string;
  account_id: string;
  platform: string;
  class: string;
  preset: string;
  name: string;
  settings: Json<Record<string, unknown>>;
  /** Ciphertext of the credentials (`config/secrets`), never plain. */
  credentials: string;
  /** Keyed hash of the credentials: connectors with the same credential share a hold and a rate bucket. */
  credential_key: string;
  is_test: Generated<boolean>;
  phase: 'onboarding' | 'backfilling' | 'live' | 'removed';
  paused: Generated<boolean>;
  health_in: Generated<'ok' | 'holding' | 'needsOperator'>;
  health_in_reason: OptionalText;
  health_out: Generated<'ok' | 'holding' | 'needsOperator'>;
  health_out_reason: OptionalText;
  sender_epoch: Generated<number>;
  /** Goes up with whatever changes how fields are mapped: settings, mapping, what the account has. Who began with another one begins anew. */
  mapping_generation: Generated<number>;
  activated_at: OptionalTime;
  removed_at: OptionalTime;
  created_at: DefaultTime;
}

export interface ConnectorFieldTable {
  account_id: string;
  connector_id: string;
  fields: Json<unknown>;
  /** Properties and switches that were there once and are not any more: name to since when. */
  gone: DefaultJson<Record<string, string>>;
  discovered_at: Time;
}

/** What a person says about mapping; versions are never changed, the newest holds. */
export interface MappingTable {
  account_id: string;
  connector_id: string;
  data_type: string;
  version: number;
  entries: Json<MappingEntry[]>;
  who: string;
  created_at: DefaultTime;
}

/** The newest time that stored records were brought in line with another mapping, and how far that is. */
export interface MappingRunTable {
  account_id: string;
  connector_id: string;
  data_type: string;
  /** `connector.mapping_generation` of the change. */
  generation: number;
  /** The mapping by which stored payloads were read until now; null when only what is written changes. */
  before: Json<Mapping> | null;
  state: Generated<'running' | 'done'>;
  /** Records up to this id are done. */
  position: Generated<number>;
  total: number;
  looked: Generated<number>;
  /** Source records that say something else now. */
  derived: Generated<number>;
  raised: Generated<number>;
  started_at: DefaultTime;
  finished_at: OptionalTime;
}

export interface PermissionLinkTable {
  account_id: string;
  connector_id: string;
  permission: string;
  platform_key: string;
}

export interface ApiTokenTable {
  id: Generated<number>;
  account_id: string;
  connector_id: OptionalText;
  name: string;
  role: 'viewer' | 'operator' | 'admin' | 'source' | 'form';
  hash: Buffer;
  created_at: DefaultTime;
  revoked_at: OptionalTime;
}

export interface AuditTable {
  id: Generated<number>;
  account_id: string;
  at: DefaultTime;
  who: string;
  what: string;
  connector_id: OptionalText;
  details: DefaultJson<Record<string, unknown>>;
}

export interface HoldTable {
  account_id: string;
  credential_key: string;
  direction: 'in' | 'out';
  step: number;
  not_before: OptionalTime;
  code: string;
  reason: string;
  updated_at: DefaultTime;
}

export interface RateBucketTable {
  account_id: string;
  credential_key: string;
  tokens: number;
  refilled_at: Time;
}
