/** Accounts, connectors, tokens and the audit. */
export const accounts = `
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
  mapping_generation bigint not null default 0,
  activated_at timestamptz,
  removed_at timestamptz,
  created_at timestamptz not null default now(),
  unique (account_id, id)
);
create table connector_field (
  account_id text not null,
  connector_id text not null,
  fields json not null,
  gone json not null default '{}',
  discovered_at timestamptz not null,
  primary key (connector_id),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create table mapping (
  account_id text not null,
  connector_id text not null,
  data_type text not null,
  version int not null,
  entries json not null,
  who text not null,
  created_at timestamptz not null default now(),
  primary key (connector_id, data_type, version),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create table mapping_run (
  account_id text not null,
  connector_id text not null,
  data_type text not null,
  generation bigint not null,
  before json,
  state text not null default 'running' check (state in ('running', 'done')),
  position bigint not null default 0,
  total bigint not null,
  looked bigint not null default 0,
  derived bigint not null default 0,
  raised bigint not null default 0,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (connector_id, data_type),
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
  role text not null check (role in ('viewer', 'operator', 'admin', 'source', 'form')),
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
