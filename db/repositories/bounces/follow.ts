import { sql } from 'kysely';
import { judgeReach, type MailFact } from '../../../domain/bounces/rule.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import { raiseBounceTasks, type TaskExports } from './tasks.ts';

/** Where bounces were reported, and where tasks go. */
export type FollowScope = TaskExports & { readonly connectorId: string };

/** A record with its mails at one connector, as far as they are still to be judged. */
interface Suspect {
  readonly recordId: number;
  readonly caseId: number | null;
  readonly addressSince: string | null;
  readonly resolvedSince: string | null;
  readonly facts: readonly MailFact[];
}

/** Whether an activity can begin or end a case. Mails that were sent are looked at only beside these. */
export function isFollowed({ type }: { readonly type: string }): boolean {
  return type === 'email.bounced' || type === 'email.opened' || type === 'email.clicked';
}

/**
 * Opens a case for each contact whom mail does not reach any more, counts further bounces to the case that is open, and resolves cases
 * of contacts whom mail reaches again. `activityIds` are followed activities of `connectorId` that have their record since this transaction.
 * The order in which activities come to be known makes no difference.
 */
export async function followBounces(trx: Trx, scope: FollowScope, activityIds: readonly string[]): Promise<void> {
  const records = await lockConcerned(trx, scope.connectorId, activityIds);
  if (records.length === 0) return;
  const opened: number[] = [];
  for (const suspect of await loadSuspects(trx, scope.connectorId, records)) {
    const caseId = await follow(trx, scope, suspect);
    if (caseId !== undefined) opened.push(caseId);
  }
  await raiseBounceTasks(trx, scope, opened);
}

/** Records with a bounce, and those with an open case that may end, locked in their order as pages lock them. Few of a page. */
async function lockConcerned(trx: Trx, connectorId: string, activityIds: readonly string[]): Promise<number[]> {
  if (activityIds.length === 0) return [];
  const { rows: concerned } = await sql<{ id: number }>`
    select distinct a.record_id id from activity a where a.connector_id = ${connectorId} and a.external_id = any(${arrays.text(activityIds)}) and a.record_id is not null
      and (a.type = 'email.bounced' or exists (select 1 from bounce_case c where c.record_id = a.record_id and c.resolved_at is null))`.execute(trx);
  if (concerned.length === 0) return [];
  const { rows: locked } = await sql<{ id: number }>`
    select id from record where id = any(${arrays.int8(concerned.map(({ id }) => id))}) and merged_into is null and not deleted and email is not null order by id for no key update`.execute(trx);
  return locked.map(({ id }) => id);
}

async function loadSuspects(trx: Trx, connectorId: string, recordIds: readonly number[]): Promise<readonly Suspect[]> {
  const { rows } = await sql<Suspect>`
    select r.id "recordId", (select c.id from bounce_case c where c.record_id = r.id and c.resolved_at is null) "caseId",
      (select max(h.at) from record_change h where h.record_id = r.id and (h.changes->'email') is not null) "addressSince",
      (select max(c.last_bounced_at) from bounce_case c where c.record_id = r.id and c.connector_id = ${connectorId} and c.resolved_at is not null) "resolvedSince", a.facts
    from record r cross join lateral (
      select json_agg(json_build_object('id', m.external_id, 'kind', substr(m.type, 7), 'at', m.at, 'mailingId', m.subject_id, 'bounce', m.extra->>'bounce')) facts
      from activity m where m.record_id = r.id and m.connector_id = ${connectorId} and m.type in ('email.sent', 'email.opened', 'email.clicked', 'email.bounced')) a
    where r.id = any(${arrays.int8(recordIds)}) and a.facts is not null order by r.id`.execute(trx);
  return rows;
}

/** The id of the case when one was opened. */
async function follow(trx: Trx, { accountId, connectorId }: FollowScope, suspect: Suspect): Promise<number | undefined> {
  const reach = judgeReach(suspect.facts, { address: suspect.addressSince, resolved: suspect.resolvedSince });
  if (reach.state === 'bouncing' && suspect.caseId === null) {
    const { rows } = await sql<{ id: number }>`
      insert into bounce_case (account_id, record_id, connector_id, contact_external_id, cause, kind, bounces, bounced_at, last_bounced_at, address)
      select r.account_id, r.id, ${connectorId}, a.contact_external_id, ${reach.cause.id}, ${reach.kind}, ${reach.bounces}, ${reach.cause.at}::timestamptz, ${reach.lastAt}::timestamptz, sha256(convert_to(r.email, 'UTF8'))
      from record r join activity a on a.record_id = r.id and a.connector_id = ${connectorId} and a.external_id = ${reach.cause.id}
      where r.id = ${suspect.recordId} and r.account_id = ${accountId} order by a.at limit 1 on conflict do nothing returning id`.execute(trx);
    return rows[0]?.id;
  }
  if (suspect.caseId === null) return undefined;
  if (reach.state === 'bouncing') {
    await sql`update bounce_case set bounces = ${reach.bounces}, last_bounced_at = greatest(last_bounced_at, ${reach.lastAt}::timestamptz) where id = ${suspect.caseId} and connector_id = ${connectorId}`.execute(trx);
  } else if (reach.arrivedAt !== null) {
    await sql`update bounce_case set resolved_at = clock_timestamp(), resolution = 'mail-arrived' where id = ${suspect.caseId} and connector_id = ${connectorId}`.execute(trx);
  }
  return undefined;
}
