/** What is on its way: inbox, deliveries, actions, runs, lists, activities. */
export const flow = `
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
  code text,
  reason text,
  received_at timestamptz not null default now(),
  begun_at timestamptz,
  applied_at timestamptz,
  unique (connector_id, kind, key),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
alter table inbox alter column payload set storage external;
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
  primary key (record_id, connector_id, data_type, target),
  foreign key (account_id, record_id) references record (account_id, id)
) with (fillfactor = 70);
create index delivery_pending on delivery (connector_id, lane, pending_since, record_id) where state = 'pending';
create index delivery_pending_things on delivery (connector_id, data_type, lane, pending_since, record_id) where state = 'pending' and data_type <> 'contacts';
create index delivery_unlicensed on delivery (connector_id, data_type, settled_at) where code = 'PLATFORM_NOT_LICENSED';
create index delivery_unsettled on delivery (connector_id, state) where state in ('failed', 'parked', 'excluded');
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
alter table call_intent alter column items set storage external;
create index call_intent_connector on call_intent (connector_id);
create table action (
  id bigint generated always as identity primary key,
  account_id text not null,
  connector_id text not null,
  kind text not null,
  target text not null,
  cause text not null,
  payload json not null,
  record_id bigint,
  body_hash bytea,
  state text not null default 'pending' check (state in ('pending', 'sending', 'done', 'parked', 'failed', 'skipped')),
  code text,
  reason text,
  failures int not null default 0,
  pending_since timestamptz not null default clock_timestamp(),
  begun_at timestamptz,
  not_before timestamptz,
  settled_at timestamptz,
  unique (connector_id, cause),
  foreign key (account_id, connector_id) references connector (account_id, id),
  foreign key (account_id, record_id) references record (account_id, id)
);
create index action_record on action (record_id) where record_id is not null;
create index action_asked on action (connector_id, target, kind) where body_hash is not null;
create index action_pending on action (connector_id, id) where state in ('pending', 'sending', 'parked');
create index action_task on action (split_part(cause, '@', 1), connector_id) where kind = 'task.create';
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
  current_sync_id text,
  removed_at timestamptz,
  primary key (connector_id, external_id),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create table list_name (
  account_id text not null,
  connector_id text not null,
  name text not null,
  list_id text not null,
  campaign_id text,
  sent_at timestamptz not null default now(),
  primary key (connector_id, name),
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
create index activity_contact on activity (contact_external_id, connector_id);
create index activity_record on activity (record_id) where record_id is not null;
create table bounce_case (
  id bigint generated always as identity primary key,
  account_id text not null,
  record_id bigint not null,
  connector_id text not null,
  contact_external_id text not null,
  cause text not null,
  kind text not null check (kind in ('hard', 'soft')),
  bounces int not null,
  bounced_at timestamptz not null,
  last_bounced_at timestamptz not null,
  address bytea not null,
  opened_at timestamptz not null default clock_timestamp(),
  resolved_at timestamptz,
  resolution text check (resolution in ('address-changed', 'mail-arrived', 'contact-gone', 'by-hand', 'joined')),
  check ((resolved_at is null) = (resolution is null)),
  unique (connector_id, cause),
  foreign key (account_id, record_id) references record (account_id, id),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create unique index bounce_case_open on bounce_case (record_id) where resolved_at is null;
create index bounce_case_record on bounce_case (record_id);
create index bounce_case_account on bounce_case (account_id, opened_at);
`;
