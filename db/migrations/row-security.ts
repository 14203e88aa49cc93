import { sql, type Kysely } from 'kysely';

/** Tables of the first migration that belong to an account by `account_id`; `account` itself goes by `id`. */
export const accountTables: readonly string[] = [
  'connector', 'connector_field', 'mapping', 'mapping_run', 'permission_link', 'api_token', 'audit', 'record', 'match_key', 'source_record', 'link', 'reference', 'merge_request',
  'record_change', 'consent_event', 'rejected_record', 'excluded_row', 'inbox', 'delivery', 'call_intent', 'action', 'call_attempt', 'hold',
  'rate_bucket', 'stream_state', 'backfill_run', 'slice', 'list', 'list_name', 'list_sync', 'list_sync_page', 'list_member', 'campaign', 'activity', 'bounce_case', 'inbound_version', 'purchase',
  'report_mailing', 'report_list', 'report_contact', 'report_event', 'report_state', 'trend_report',
  'audience', 'audience_member',
  'erasure', 'suppressed_key',
  'change_feed', 'change_feed_cut',
  'default_source', 'default_source_run',
];

/** The role under which the hub works: owns nothing, so that row-level security holds for it. */
export const appRole = 'hub_app';

const createRole = `
do $$ begin
  create role ${appRole} nologin;
exception when duplicate_object or unique_violation then null;
end $$;`;

/**
 * Walls accounts off in the database: a row is seen and written only when its account is the one of the session
 * (`hub.account_id`), or when the session works for all accounts (`*`, the workers).
 */
export async function secureTables(db: Kysely<unknown>, tables: readonly string[]): Promise<void> {
  await sql.raw(createRole).execute(db);
  await sql.raw(`grant ${appRole} to current_user`).execute(db);
  await sql.raw(`grant usage on schema public to ${appRole}`).execute(db);
  await sql.raw(`grant select, insert, update, delete on all tables in schema public to ${appRole}`).execute(db);
  await sql.raw(`grant usage on all sequences in schema public to ${appRole}`).execute(db);
  const rule = (column: string) => `(${column} = (select current_setting('hub.account_id', true)) or (select current_setting('hub.account_id', true)) = '*')`;
  await sql.raw(`alter table account enable row level security; create policy own_account on account using ${rule('id')}`).execute(db);
  for (const table of tables) {
    await sql.raw(`alter table ${table} enable row level security; create policy own_account on ${table} using ${rule('account_id')}`).execute(db);
  }
}
