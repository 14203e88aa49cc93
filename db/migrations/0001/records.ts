/**
 * Records, their sources, keys, links and consent. Primary keys begin with the column that tells rows apart: before the first
 * statistics exist the planner would otherwise take «all rows of a connector» for a good way to one of them. `link.address` stands beside
 * `held` because an index on `held` itself would make each update of what a platform holds write all indexes of the row anew.
 */
export const records = `
create sequence record_id_seq;
create table record (
  account_id text not null references account,
  id bigint not null default nextval('record_id_seq'),
  data_type text not null,
  canonical json not null,
  provenance json not null,
  consent json not null default '{}',
  version int not null default 1,
  deleted boolean not null default false,
  merged_into bigint,
  erased_at timestamptz,
  email text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (id, account_id)
);
create index record_merged on record (merged_into) where merged_into is not null;
create index record_email on record (account_id, email) where email is not null;
create table match_key (
  account_id text not null,
  data_type text not null,
  kind text not null,
  scope text not null default '',
  value text not null,
  record_id bigint,
  primary key (account_id, data_type, kind, scope, value),
  foreign key (account_id, record_id) references record (account_id, id) deferrable initially deferred
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
  created_at timestamptz,
  match_kind text,
  match_value text,
  deleted_at timestamptz,
  pinned_record_id bigint,
  primary key (external_id, connector_id, data_type),
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
  off_since json not null default '{}',
  outcome_at timestamptz,
  read_at timestamptz,
  gone_at timestamptz,
  anonymised_at timestamptz,
  address text,
  switched_to text,
  lost_id text,
  primary key (external_id, connector_id, data_type),
  foreign key (account_id, record_id) references record (account_id, id)
);
create index link_address on link (address, connector_id) where address is not null;
create index link_record on link (record_id, connector_id);
create index link_alternate on link (connector_id, data_type, alternate_id) where alternate_id is not null;
create table reference (
  account_id text not null,
  record_id bigint not null,
  data_type text not null,
  external_id text not null,
  source text not null,
  primary key (record_id, data_type, external_id),
  foreign key (account_id, record_id) references record (account_id, id)
);
create index reference_thing on reference (external_id, data_type);
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
  foreign key (account_id, record_id) references record (account_id, id)
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
  primary key (external_id, connector_id, data_type),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
`;
