import type { ColumnType } from 'kysely';
import type { DefaultJson, DefaultTime, Generated, Json, OptionalText, OptionalTime, Time } from './columns.ts';

export interface InboxTable {
  id: Generated<number>;
  account_id: string;
  connector_id: string;
  kind: string;
  key: string;
  body_hash: Buffer;
  payload: Json<unknown> | null;
  answer: Json<{ status: number; body: unknown }> | null;
  state: Generated<'new' | 'applied' | 'failed'>;
  failures: Generated<number>;
  /** Why it failed, where that is no mistake of the hub. */
  code: OptionalText;
  reason: OptionalText;
  received_at: DefaultTime;
  /** When what it asks for may have been sent to the platform, with an outcome that is not known. */
  begun_at: OptionalTime;
  applied_at: OptionalTime;
}

export type DeliveryState = 'pending' | 'delivered' | 'parked' | 'excluded' | 'failed' | 'skipped';

export interface DeliveryTable {
  account_id: string;
  connector_id: string;
  data_type: string;
  record_id: number;
  /** The link's external id, or empty for a thing that the platform does not have yet. */
  target: string;
  wanted: number;
  delivered: number;
  lane: number;
  state: DeliveryState;
  code: OptionalText;
  reason: OptionalText;
  failures: number;
  pending_since: DefaultTime;
  settled_at: OptionalTime;
}

/** What a call that is about to be made is for. The values that it sends are in the memory of the links; nothing of a person is kept here. */
export interface IntentItem {
  readonly recordId: number;
  readonly target: string;
  /** The id under which the link was kept when the call was made. */
  readonly link: string;
  /** The id that the call gives the thing, where that is another one. */
  readonly named?: string;
  readonly wanted: number;
}

export interface CallIntentTable {
  id: Generated<number>;
  account_id: string;
  connector_id: string;
  epoch: number;
  operation: string;
  body_hash: Buffer;
  items: Json<IntentItem[]>;
  created_at: DefaultTime;
}

export type ActionState = 'pending' | 'sending' | 'done' | 'parked' | 'failed' | 'skipped';

export interface ActionTable {
  id: Generated<number>;
  account_id: string;
  connector_id: string;
  kind: string;
  target: string;
  cause: string;
  payload: Json<unknown>;
  /** The contact that an action which was asked for is about. */
  record_id: ColumnType<number | null, number | null | undefined, number | null>;
  /** SHA-256 of what was asked for; null for what the hub decided itself. */
  body_hash: ColumnType<Buffer | null, Buffer | null | undefined, Buffer | null>;
  state: Generated<ActionState>;
  code: OptionalText;
  reason: OptionalText;
  failures: Generated<number>;
  pending_since: DefaultTime;
  /** When the call that may have arrived was begun; null before the first one and after one that did not arrive. */
  begun_at: OptionalTime;
  not_before: OptionalTime;
  settled_at: OptionalTime;
}

export interface CallAttemptTable {
  id: Generated<number>;
  account_id: string;
  connector_id: string;
  direction: 'in' | 'out';
  operation: string;
  attempt: number;
  status: number | null;
  code: string;
  message: string;
  platform_code: OptionalText;
  record_ids: DefaultJson<number[]>;
  workflow_id: OptionalText;
  state: Generated<'open' | 'resolved' | 'skipped'>;
  next_attempt_at: OptionalTime;
  created_at: DefaultTime;
}

export interface StreamStateTable {
  account_id: string;
  connector_id: string;
  stream: string;
  cursor: OptionalTime;
  look_ahead_at: OptionalTime;
  updated_at: DefaultTime;
}

export interface BackfillRunTable {
  id: Generated<number>;
  account_id: string;
  connector_id: string;
  data_type: string;
  from_at: Time;
  to_at: Time;
  state: Generated<'running' | 'done' | 'cancelled' | 'failed'>;
  is_first: Generated<boolean>;
  workflow_id: string;
  rows: Generated<number>;
  reason: OptionalText;
  started_at: DefaultTime;
  finished_at: OptionalTime;
}

export interface SliceTable {
  account_id: string;
  run_id: number;
  stream: string;
  from_at: Time;
  to_at: Time;
  state: Generated<'waiting' | 'running' | 'done'>;
  page_token: OptionalText;
  pages: Generated<number>;
  rows: Generated<number>;
}

export interface ListTable {
  account_id: string;
  connector_id: string;
  external_id: string;
  name: string;
  campaign_id: OptionalText;
  current_sync_id: OptionalText;
  removed_at: OptionalTime;
}

/** Every name under which a list was written to a destination: leads from a mailing back to the list and the campaign of that day. */
export interface ListNameTable {
  account_id: string;
  /** The source of the list. */
  connector_id: string;
  name: string;
  list_id: string;
  campaign_id: OptionalText;
  sent_at: DefaultTime;
}

export interface ListSyncTable {
  account_id: string;
  connector_id: string;
  sync_id: string;
  list_id: string;
  page_count: number;
  campaign_id: OptionalText;
  started_at: DefaultTime;
  state: Generated<'receiving' | 'complete' | 'parked' | 'superseded' | 'removed'>;
  reason: OptionalText;
  completed_at: OptionalTime;
}

export interface ListSyncPageTable {
  account_id: string;
  connector_id: string;
  sync_id: string;
  page: number;
}

export interface ListMemberTable {
  account_id: string;
  connector_id: string;
  sync_id: string;
  external_id: string;
}

export interface CampaignTable {
  account_id: string;
  connector_id: string;
  external_id: string;
  name: string;
  start_date: OptionalText;
  end_date: OptionalText;
}

export interface ActivityTable {
  account_id: string;
  connector_id: string;
  external_id: string;
  type: string;
  at: Time;
  contact_external_id: string;
  record_id: number | null;
  subject_id: OptionalText;
  audience_name: OptionalText;
  description: string;
  url: OptionalText;
  extra: DefaultJson<Record<string, unknown>>;
  received_at: DefaultTime;
}

/** A contact whom mail does not reach, from the bounce that showed it to what ended it. */
export interface BounceCaseTable {
  id: Generated<number>;
  account_id: string;
  record_id: number;
  /** Reported the bounces. */
  connector_id: string;
  /** The contact there. */
  contact_external_id: string;
  /** External id of the bounce that decided it. */
  cause: string;
  kind: 'hard' | 'soft';
  bounces: number;
  /** Of the bounce that decided it. */
  bounced_at: Time;
  last_bounced_at: Time;
  /** SHA-256 of the normalised address: shows that it changed. */
  address: Buffer;
  opened_at: DefaultTime;
  resolved_at: OptionalTime;
  resolution: ColumnType<BounceResolution | null, BounceResolution | null | undefined, BounceResolution | null>;
}

/** `joined`: it went on in the case of another record of the same contact. */
export type BounceResolution = 'address-changed' | 'mail-arrived' | 'contact-gone' | 'by-hand' | 'joined';
