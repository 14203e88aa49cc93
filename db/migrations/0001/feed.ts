/**
 * What systems read by themselves. Entries are read in the order (xid, seq) and only below the oldest transaction under way (ADR 0025):
 * a sequence number alone is given before the commit, so that «greater than the last seen» would lose what commits late.
 */
export const feed = `
create table change_feed (
  account_id text not null,
  connector_id text not null,
  xid xid8 not null default pg_current_xact_id(),
  seq bigint generated always as identity,
  key text not null,
  data_type text not null,
  kind text not null check (kind in ('upserted', 'deleted', 'happened')),
  external_id text not null,
  changes json not null default '[]',
  data json not null,
  record_id bigint,
  created_at timestamptz not null default clock_timestamp(),
  primary key (connector_id, xid, seq),
  unique (key, connector_id),
  foreign key (account_id, connector_id) references connector (account_id, id),
  foreign key (account_id, record_id) references record (account_id, id)
);
create index change_feed_record on change_feed (record_id) where record_id is not null;
create table change_feed_cut (
  account_id text not null,
  connector_id text not null,
  xid xid8 not null,
  seq bigint not null,
  cut_at timestamptz not null default clock_timestamp(),
  primary key (connector_id),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
`;
