/** What the hub made of selections that the destination keeps up to date, and who is in them. */
export const audiences = `
create table audience (
  account_id text not null,
  connector_id text not null,
  source_connector_id text not null,
  list_id text not null,
  name text not null default '',
  given_name text,
  made_at timestamptz,
  primary key (connector_id, source_connector_id, list_id),
  unique (account_id, connector_id, source_connector_id, list_id),
  foreign key (account_id, connector_id) references connector (account_id, id),
  foreign key (account_id, source_connector_id) references connector (account_id, id)
);
create table audience_member (
  account_id text not null,
  connector_id text not null,
  source_connector_id text not null,
  list_id text not null,
  external_id text not null,
  state text not null check (state in ('adding', 'held', 'removing')),
  primary key (connector_id, source_connector_id, list_id, external_id),
  foreign key (account_id, connector_id, source_connector_id, list_id)
    references audience (account_id, connector_id, source_connector_id, list_id) on delete cascade
);
create index audience_member_contact on audience_member (external_id, connector_id);
`;
