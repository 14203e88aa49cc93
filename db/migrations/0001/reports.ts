/** Reports of mailings: what a platform says of them, and who received, opened and clicked them. */
export const reports = `
create table report_mailing (
  account_id text not null,
  id bigint generated always as identity primary key,
  connector_id text not null,
  external_id text not null,
  kind text not null check (kind in ('mailing', 'campaign')),
  name text not null,
  channel text not null check (channel in ('email', 'sms')),
  scheduled_at timestamptz,
  sent_count int,
  url text,
  campaign_id text,
  campaign_name text,
  is_active boolean not null default false,
  subject text,
  target_group text,
  links json,
  statistics json,
  statistics_at timestamptz,
  since timestamptz not null,
  first_seen_at timestamptz not null,
  read_at timestamptz,
  due_at timestamptz,
  code text,
  reason text,
  unique (connector_id, external_id),
  unique (account_id, id),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create index report_mailing_due on report_mailing (connector_id, due_at) where due_at is not null;
create index report_mailing_account on report_mailing (account_id, (coalesce(scheduled_at, first_seen_at)) desc, id desc);
create table report_list (
  account_id text not null,
  mailing_id bigint not null,
  list text not null check (list in ('recipients', 'opens', 'clicks', 'bounces')),
  lines int not null default 0,
  next_after int,
  basis text,
  window_from timestamptz,
  window_to timestamptz,
  unreadable int not null default 0,
  read_basis text,
  read_unreadable int not null default 0,
  read_to timestamptz,
  read_at timestamptz,
  primary key (mailing_id, list),
  foreign key (account_id, mailing_id) references report_mailing (account_id, id)
);
create table report_contact (
  account_id text not null,
  id bigint generated always as identity primary key,
  connector_id text not null,
  contact_key text not null,
  external_id text,
  unique (contact_key, connector_id)
);
create index report_contact_external on report_contact (external_id, connector_id) where external_id is not null;
create table report_event (
  account_id text not null,
  mailing_id bigint not null,
  list text not null,
  contact_id bigint not null,
  at timestamptz not null,
  run_id int not null default 0,
  link_id int not null default 0,
  bounce text check (bounce in ('hard', 'soft')),
  primary key (mailing_id, list, contact_id, at, run_id, link_id)
);
create table report_state (
  account_id text not null,
  connector_id text primary key,
  listed_from timestamptz,
  listed_to timestamptz,
  read_at timestamptz,
  code text,
  reason text,
  updated_at timestamptz not null default clock_timestamp(),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create table trend_report (
  account_id text not null,
  connector_id text not null,
  id int not null,
  name text not null,
  enabled boolean not null,
  target text,
  content_type text,
  created_at timestamptz,
  mailing_count int,
  read_at timestamptz not null,
  primary key (connector_id, id),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
`;
