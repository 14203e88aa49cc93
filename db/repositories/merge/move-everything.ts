import { sql } from 'kysely';
import type { Trx } from '../../database.ts';
import { moveCases } from '../bounces/cases.ts';

/**
 * Moves all that belongs to `merge` to `keep` and closes `merge`. Source records keep what they said, so that a merge can be undone.
 * The caller holds the locks of both records and of everything below them.
 */
export async function moveEverything(trx: Trx, keep: number, merge: number): Promise<void> {
  await sql`update source_record set record_id = ${keep} where record_id = ${merge}`.execute(trx);
  await sql`update match_key set record_id = ${keep} where record_id = ${merge}`.execute(trx);
  await sql`delete from delivery where record_id = ${merge}`.execute(trx);
  await sql`update link set record_id = ${keep}, is_primary = false where record_id = ${merge}`.execute(trx);
  await sql`update activity set record_id = ${keep} where record_id = ${merge}`.execute(trx);
  await sql`update change_feed set record_id = ${keep} where record_id = ${merge}`.execute(trx);
  await moveCases(trx, sql`select id case_id, ${keep}::bigint to_id from bounce_case where record_id = ${merge}`);
  const columns = sql.raw('account_id, permission, granted, stated_at, received_at, connector_id, external_id, may_grant, evidence');
  await sql`insert into consent_event (record_id, ${columns}) select ${keep}, ${columns} from consent_event where record_id = ${merge} on conflict do nothing`.execute(trx);
  await sql`delete from consent_event where record_id = ${merge}`.execute(trx);
  await sql`update record set merged_into = ${keep}, email = null, updated_at = clock_timestamp() where id = ${merge}`.execute(trx);
}
