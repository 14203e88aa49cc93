/**
 * The newest version that a source system stated of each thing, where it says when it changed it: another content under the same time is
 * refused. A keyed digest is all that is kept of the content.
 */
export const inbound = `
create table inbound_version (
  account_id text not null,
  connector_id text not null,
  data_type text not null,
  external_id text not null,
  source_time timestamptz not null,
  digest text not null,
  primary key (connector_id, data_type, external_id)
);
`;
