import { sql, type Kysely } from 'kysely';
import { accountTables, secureTables } from './row-security.ts';

const accounts = `
create table account (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null,
  settings json not null default '{}',
  created_at timestamptz not null default now()
);
create table connector (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  account_id text not null references account,
  platform text not null,
  class text not null,
  preset text not null,
  name text not null,
  settings json not null,
  credentials text not null,
  credential_key text not null,
  is_test boolean not null default false,
  phase text not null check (phase in ('onboarding', 'backfilling', 'live', 'removed')),
  paused boolean not null default false,
  health_in text not null default 'ok' check (health_in in ('ok', 'holding', 'needsOperator')),
  health_in_reason text,
  health_out text not null default 'ok' check (health_out in ('ok', 'holding', 'needsOperator')),
  health_out_reason text,
  sender_epoch bigint not null default 0,
  activated_at timestamptz,
  removed_at timestamptz,
  created_at timestamptz not null default now(),
  unique (account_id, id)
);
create table connector_field (
  account_id text not null,
  connector_id text not null,
  fields json not null,
  discovered_at timestamptz not null,
  primary key (connector_id),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create table permission_link (
  account_id text not null,
  connector_id text not null,
  permission text not null,
  platform_key text not null,
  primary key (connector_id, permission),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create table api_token (
  id bigint generated always as identity primary key,
  account_id text not null references account,
  connector_id text,
  name text not null,
  role text not null check (role in ('viewer', 'operator', 'admin', 'source')),
  hash bytea not null unique,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create table audit (
  id bigint generated always as identity primary key,
  account_id text not null references account,
  at timestamptz not null default now(),
  who text not null,
  what text not null,
  connector_id text,
  details json not null default '{}'
);
`;

const records = `
create sequence record_id_seq;
create table record (
  account_id text not null references account,
  id bigint not null default nextval('record_id_seq') primary key,
  data_type text not null,
  canonical json not null,
  provenance json not null,
  consent json not null default '{}',
  version int not null default 1,
  deleted boolean not null default false,
  merged_into bigint,
  email text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (account_id, id)
);
create index record_email on record (account_id, email) where email is not null;
create table match_key (
  account_id text not null references account,
  data_type text not null,
  kind text not null,
  scope text not null default '',
  value text not null,
  record_id bigint,
  primary key (account_id, data_type, kind, scope, value),
  foreign key (account_id, record_id) references record (account_id, id)
);
create index match_key_record on match_key (record_id);
create table source_record (
  account_id text not null,
  connector_id text not null,
  data_type text not null,
  external_id text not null,
  record_id bigint not null,
  payload json not null,
  canonical json not null,
  field_times json not null,
  edited json not null default '[]',
  versions json not null default '[]',
  source_time timestamptz not null,
  match_kind text,
  match_value text,
  deleted_at timestamptz,
  pinned_record_id bigint,
  primary key (connector_id, data_type, external_id),
  foreign key (account_id, connector_id) references connector (account_id, id),
  foreign key (account_id, record_id) references record (account_id, id)
);
create index source_record_record on source_record (record_id);
create table link (
  account_id text not null,
  connector_id text not null,
  data_type text not null,
  external_id text not null,
  alternate_id text,
  record_id bigint not null,
  is_primary boolean not null default true,
  held json not null,
  sent json not null default '{}',
  echoes json not null default '{}',
  outcome_at timestamptz,
  read_at timestamptz,
  gone_at timestamptz,
  primary key (connector_id, data_type, external_id),
  foreign key (account_id, connector_id) references connector (account_id, id),
  foreign key (account_id, record_id) references record (account_id, id)
);
create index link_record on link (record_id, connector_id);
create index link_alternate on link (connector_id, data_type, alternate_id) where alternate_id is not null;
create table merge_request (
  account_id text not null references account,
  id bigint generated always as identity primary key,
  data_type text not null,
  keep_id bigint not null,
  merge_id bigint not null,
  reason text not null,
  state text not null default 'pending' check (state in ('pending', 'done', 'parked')),
  created_at timestamptz not null default now(),
  done_at timestamptz,
  unique (keep_id, merge_id)
);
create index merge_request_pending on merge_request (account_id, id) where state = 'pending';
create table record_change (
  account_id text not null,
  record_id bigint not null,
  version int not null,
  at timestamptz not null,
  changes json not null,
  cause json not null,
  primary key (record_id, version, at)
) partition by range (at);
create table record_change_default partition of record_change default;
create table consent_event (
  id bigint generated always as identity primary key,
  account_id text not null,
  record_id bigint not null,
  permission text not null,
  granted boolean not null,
  stated_at timestamptz,
  received_at timestamptz not null,
  connector_id text not null,
  external_id text not null,
  may_grant boolean not null,
  evidence text not null,
  foreign key (account_id, record_id) references record (account_id, id),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create unique index consent_event_once on consent_event
  (record_id, connector_id, external_id, permission, granted, coalesce(stated_at, '-infinity'));
create table rejected_record (
  id bigint generated always as identity primary key,
  account_id text not null,
  connector_id text not null,
  data_type text not null,
  external_id text not null,
  path text not null,
  code text not null,
  reason text not null,
  payload json,
  inbox_id bigint,
  state text not null default 'open' check (state in ('open', 'skipped', 'resolved')),
  created_at timestamptz not null default now(),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create index rejected_record_open on rejected_record (connector_id, external_id) where state = 'open';
create table excluded_row (
  account_id text not null,
  connector_id text not null,
  data_type text not null,
  external_id text not null,
  reason text not null,
  seen_at timestamptz not null default now(),
  primary key (connector_id, data_type, external_id),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
`;

const flow = `
create table inbox (
  id bigint generated always as identity primary key,
  account_id text not null,
  connector_id text not null,
  kind text not null,
  key text not null,
  body_hash bytea not null,
  payload json,
  answer json,
  state text not null default 'new' check (state in ('new', 'applied', 'failed')),
  failures int not null default 0,
  reason text,
  received_at timestamptz not null default now(),
  applied_at timestamptz,
  unique (connector_id, kind, key),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create index inbox_new on inbox (connector_id, id) where state = 'new';
create table delivery (
  account_id text not null,
  connector_id text not null,
  data_type text not null,
  record_id bigint not null,
  target text not null default '',
  wanted int not null default 1,
  delivered int not null default 0,
  lane smallint not null,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'parked', 'excluded', 'failed', 'skipped')),
  code text,
  reason text,
  failures int not null default 0,
  pending_since timestamptz not null default clock_timestamp(),
  settled_at timestamptz,
  primary key (connector_id, data_type, record_id, target),
  foreign key (account_id, connector_id) references connector (account_id, id),
  foreign key (account_id, record_id) references record (account_id, id)
) with (fillfactor = 70);
create index delivery_pending on delivery (connector_id, lane, pending_since, record_id) where state = 'pending';
create index delivery_unsettled on delivery (connector_id, state) where state in ('failed', 'parked', 'excluded');
create index delivery_record on delivery (record_id);
create table call_intent (
  id bigint generated always as identity primary key,
  account_id text not null,
  connector_id text not null,
  epoch bigint not null,
  operation text not null,
  body_hash bytea not null,
  items json not null,
  created_at timestamptz not null default clock_timestamp(),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create index call_intent_connector on call_intent (connector_id);
create table action (
  id bigint generated always as identity primary key,
  account_id text not null,
  connector_id text not null,
  kind text not null,
  target text not null,
  cause text not null,
  payload json not null,
  state text not null default 'pending' check (state in ('pending', 'sending', 'done', 'parked', 'failed', 'skipped')),
  code text,
  reason text,
  failures int not null default 0,
  pending_since timestamptz not null default clock_timestamp(),
  not_before timestamptz,
  settled_at timestamptz,
  unique (connector_id, cause),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create index action_pending on action (connector_id, id) where state in ('pending', 'sending', 'parked');
create table call_attempt (
  id bigint generated always as identity primary key,
  account_id text not null,
  connector_id text not null,
  direction text not null check (direction in ('in', 'out')),
  operation text not null,
  attempt int not null,
  status int,
  code text not null,
  message text not null,
  platform_code text,
  record_ids json not null default '[]',
  workflow_id text,
  state text not null default 'open' check (state in ('open', 'resolved', 'skipped')),
  next_attempt_at timestamptz,
  created_at timestamptz not null default now(),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create index call_attempt_recent on call_attempt (connector_id, id desc);
create table hold (
  credential_key text not null,
  direction text not null check (direction in ('in', 'out')),
  account_id text not null references account,
  step int not null,
  not_before timestamptz,
  code text not null,
  reason text not null,
  updated_at timestamptz not null default now(),
  primary key (account_id, credential_key, direction)
);
create table rate_bucket (
  account_id text not null references account,
  credential_key text not null,
  tokens double precision not null,
  refilled_at timestamptz not null,
  primary key (account_id, credential_key)
);
create table stream_state (
  account_id text not null,
  connector_id text not null,
  stream text not null,
  cursor timestamptz,
  look_ahead_at timestamptz,
  updated_at timestamptz not null default now(),
  primary key (connector_id, stream),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create table backfill_run (
  id bigint generated always as identity primary key,
  account_id text not null,
  connector_id text not null,
  data_type text not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  state text not null default 'running' check (state in ('running', 'done', 'cancelled', 'failed')),
  is_first boolean not null default false,
  workflow_id text not null,
  rows bigint not null default 0,
  reason text,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create unique index backfill_run_one on backfill_run (connector_id, data_type) where state = 'running';
create table slice (
  account_id text not null,
  run_id bigint not null references backfill_run,
  stream text not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done')),
  page_token text,
  pages int not null default 0,
  rows bigint not null default 0,
  primary key (run_id, stream, from_at)
);
create table list (
  account_id text not null,
  connector_id text not null,
  external_id text not null,
  name text not null,
  campaign_id text,
  sent_name text,
  current_sync_id text,
  removed_at timestamptz,
  primary key (connector_id, external_id),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create table list_sync (
  account_id text not null,
  connector_id text not null,
  sync_id text not null,
  list_id text not null,
  page_count int not null,
  campaign_id text,
  started_at timestamptz not null default now(),
  state text not null default 'receiving' check (state in ('receiving', 'complete', 'parked', 'superseded', 'removed')),
  reason text,
  completed_at timestamptz,
  primary key (connector_id, sync_id),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create index list_sync_receiving on list_sync (started_at) where state = 'receiving';
create table list_sync_page (
  account_id text not null,
  connector_id text not null,
  sync_id text not null,
  page int not null,
  primary key (connector_id, sync_id, page)
);
create table list_member (
  account_id text not null,
  connector_id text not null,
  sync_id text not null,
  external_id text not null,
  primary key (connector_id, sync_id, external_id)
);
create table campaign (
  account_id text not null,
  connector_id text not null,
  external_id text not null,
  name text not null,
  start_date date,
  end_date date,
  primary key (connector_id, external_id),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create table activity (
  account_id text not null,
  connector_id text not null,
  external_id text not null,
  type text not null,
  at timestamptz not null,
  contact_external_id text not null,
  record_id bigint,
  subject_id text,
  audience_name text,
  description text not null,
  url text,
  extra json not null default '{}',
  received_at timestamptz not null default now(),
  primary key (connector_id, external_id, at)
) partition by range (at);
create table activity_default partition of activity default;
create index activity_waiting on activity (connector_id, contact_external_id) where record_id is null;
create index activity_record on activity (record_id) where record_id is not null;
`;

/** The tables of design §7 that contacts, consent, lists, campaigns and activities need. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [accounts, records, flow]) await sql.raw(part).execute(db);
  await secureTables(db, accountTables);
}
