/**
 * Receipts of what was erased or blocked, and the keys by which an erased person is known again. `value` is a keyed hash: without the hub's
 * key nobody can tell whose it is. `steps` say what is done where; ids of other systems in them are sealed.
 */
export const erasure = `
create table erasure (
  id bigint generated always as identity primary key,
  account_id text not null,
  record_id bigint not null,
  kind text not null check (kind in ('block', 'unblock', 'erase', 'inactivate', 'anonymise')),
  who text not null,
  at timestamptz not null default clock_timestamp(),
  counts json not null default '{}',
  steps json not null default '[]',
  foreign key (account_id, record_id) references record (account_id, id)
);
create index erasure_record on erasure (record_id, id);
create table suppressed_key (
  account_id text not null references account,
  kind text not null check (kind in ('email', 'phone', 'thing')),
  value text not null,
  record_id bigint not null,
  primary key (account_id, kind, value),
  foreign key (account_id, record_id) references record (account_id, id)
);
`;
