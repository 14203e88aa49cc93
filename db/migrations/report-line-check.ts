import { sql, type Kysely } from 'kysely';

/**
 * Lines are checked once a statement (ADR 0014): each belongs to a list of a mailing (whose own foreign keys go on to the connector) and to a contact, all of its account.
 * Neither can go away under them: a list is deleted with its lines by nobody, a contact is emptied and never deleted. The statement is planned
 * anew each time, since a plan that was made while the tables were empty reads them whole for ever after.
 */
const checkFunction = `
create function check_report_lines() returns trigger language plpgsql security definer set search_path = public as $$
declare
  stray boolean;
begin
  execute 'select exists (
      select 1 from (select distinct account_id, mailing_id, list from fresh) f
      where not exists (select 1 from report_list l where l.mailing_id = f.mailing_id and l.list = f.list and l.account_id = f.account_id)
    ) or exists (
      select 1 from fresh f left join lateral (select true known from report_contact c where c.id = f.contact_id and c.account_id = f.account_id limit 1) c on true where c.known is null
    )' into stray;
  if stray then
    raise foreign_key_violation using message = 'a line of a report names a list or a contact that its account does not have', table = tg_table_name;
  end if;
  return null;
end $$;
create function keep_report_part() returns trigger language plpgsql as $$
begin
  raise foreign_key_violation using message = 'a row of ' || tg_table_name || ' is never deleted, nor moved: lines of reports name it', table = tg_table_name;
end $$;
create trigger lines_of_account after insert on report_event referencing new table as fresh for each statement execute function check_report_lines();
create trigger keep before delete or update of id, account_id, connector_id on report_contact for each row execute function keep_report_part();
create trigger keep before delete or update of mailing_id, list, account_id on report_list for each row execute function keep_report_part();`;

/** Refuses lines of reports whose list or contact is not one of their account: what foreign keys do, checked once a statement. */
export async function checkReportLines(db: Kysely<unknown>): Promise<void> {
  await sql.raw(checkFunction).execute(db);
}
