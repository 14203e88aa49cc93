import { sql } from 'kysely';
import { loadApplyContext } from '../../activities/apply-context.ts';
import { loadConnector } from '../../activities/connector-context.ts';
import { rematchAccount, type RematchStep } from '../../db/repositories/merge/rematch-account.ts';
import type { RematchScope } from '../../db/repositories/merge/rematch-look.ts';
import type { HubWorld } from './hub-world.ts';

/** Stores another matching, as the gateway does, and matches nothing anew yet. */
export async function changeMatching({ pipeline }: HubWorld, matching: 'email' | 'phone'): Promise<void> {
  await pipeline.deps.db.updateTable('account').set({ settings: JSON.stringify({ matching }) }).where('id', '=', 'default').execute();
}

/** Matches all contacts as the account says; merges are asked for and not carried out. */
export async function rematch({ pipeline: { deps } }: HubWorld, faultPoint: RematchScope['faultPoint'] = () => Promise.resolve()): Promise<RematchStep> {
  const context = await loadApplyContext(deps, await loadConnector(deps, 'mailplus-1'));
  return rematchAccount(deps.db, { ...context, now: new Date().toISOString(), faultPoint }, 0, () => true);
}

/** `changeMatching`, `rematch`, and everything that follows from it. */
export async function switchMatching(world: HubWorld, matching: 'email' | 'phone'): Promise<void> {
  await changeMatching(world, matching);
  await rematch(world);
  await world.settle();
}

/** Which of these things are together: one array for each record, in the order of the ids given. */
export async function togetherness({ pipeline }: HubWorld, ...ids: string[]): Promise<string[][]> {
  const rows = await pipeline.deps.db.selectFrom('source_record').select(['external_id', 'record_id']).where('external_id', 'in', ids).execute();
  const records = new Map<number | undefined, string[]>();
  for (const id of ids) {
    const record = rows.find((row) => row.external_id === id)?.record_id;
    records.set(record, [...(records.get(record) ?? []), id]);
  }
  return [...records.values()];
}

/** What must hold whenever nothing is under way: sentences about what does not. */
export async function faultsOf({ pipeline: { deps: { db } } }: HubWorld, matching: 'email' | 'phone'): Promise<string[]> {
  const { rows } = await sql<{ fault: string }>`
    select 'key of another kind: ' || value fault from match_key where kind <> ${matching}
    union all select 'source of another kind: ' || external_id from source_record where match_kind <> ${matching}
    union all select 'key without owner: ' || value from match_key where record_id is null
    union all select 'key that nobody has: ' || k.value from match_key k where not exists (select 1 from source_record s where s.record_id = k.record_id and s.match_value = k.value and s.match_kind = k.kind)
    union all select 'source whose key is of another record: ' || s.external_id from source_record s left join match_key k on k.kind = s.match_kind and k.value = s.match_value
      where s.match_value is not null and s.pinned_record_id is null and k.record_id is distinct from s.record_id
    union all select 'source and link apart: ' || s.external_id from source_record s join link l on l.external_id = s.external_id and l.connector_id = s.connector_id where l.record_id <> s.record_id
    union all select 'in a merged record: ' || s.external_id from source_record s join record r on r.id = s.record_id where r.merged_into is not null
    union all select 'no primary link: ' || r.id from record r where exists (select 1 from link l where l.record_id = r.id and l.gone_at is null)
      and exists (select 1 from link l where l.record_id = r.id and l.gone_at is null group by l.connector_id having count(*) filter (where l.is_primary) <> 1)
    union all select 'living record without source: ' || r.id from record r where r.merged_into is null and r.erased_at is null and not exists (select 1 from source_record s where s.record_id = r.id)
    union all select 'merge request open: ' || id from merge_request where state = 'pending'`.execute(db);
  return rows.map((row) => row.fault);
}
