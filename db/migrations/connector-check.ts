import { sql, type Kysely } from 'kysely';

/** Tables with so many rows a page that their connector is looked up once a statement and not once a row (ADR 0014). */
export const bulkTables: readonly string[] = ['source_record', 'link', 'consent_event', 'delivery', 'inbound_version', 'report_contact'];

const checkFunction = `
create function check_connector() returns trigger language plpgsql security definer set search_path = public as $$
begin
  if exists (
    select 1 from (select distinct account_id, connector_id from fresh) f
    where not (f.connector_id = '' and tg_table_name = 'consent_event')
      and not exists (select 1 from connector c where c.id = f.connector_id and c.account_id = f.account_id)
  ) then
    raise foreign_key_violation using message = 'a row of ' || tg_table_name || ' names a connector that its account does not have', table = tg_table_name;
  end if;
  return null;
end $$;
create function keep_connector() returns trigger language plpgsql as $$
begin
  raise foreign_key_violation using message = 'a connector is never deleted, nor moved to another account: it is set to removed', table = tg_table_name;
end $$;
create trigger keep before delete or update of id, account_id on connector for each row execute function keep_connector();`;

/** Refuses rows of these tables whose connector is not one of their account: what a foreign key does, checked once a statement. */
export async function checkConnectors(db: Kysely<unknown>, tables: readonly string[]): Promise<void> {
  await sql.raw(checkFunction).execute(db);
  for (const table of tables) {
    await sql.raw(`create trigger connector_of_account after insert on ${table} referencing new table as fresh for each statement execute function check_connector()`).execute(db);
  }
}
