/**
 * Whose word on a data type counts first. `default_source`: by whose word records are merged first now, which changes only while no page and
 * no merge is under way. `default_source_run`: how far stored records are merged anew by it. `connector_id` of a run is the connector for whose sake it is
 * done: the one that has the first word now, or that had it last.
 */
export const defaultSource = `
create table default_source (
  account_id text not null references account (id),
  data_type text not null,
  connector_id text,
  primary key (account_id, data_type),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create table default_source_run (
  account_id text not null,
  data_type text not null,
  connector_id text not null,
  generation bigint not null default 1,
  state text not null default 'running' check (state in ('running', 'done')),
  position bigint not null default 0,
  total bigint not null,
  looked bigint not null default 0,
  changed bigint not null default 0,
  raised bigint not null default 0,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (account_id, data_type),
  foreign key (account_id, data_type) references default_source (account_id, data_type),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create index default_source_run_connector on default_source_run (connector_id);
`;
