import { sql } from 'kysely';
import { bounceTask } from '../../../domain/bounces/task.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Db, Trx } from '../../database.ts';

/** Connectors of an account at which tasks can be made. */
export interface TaskExports {
  readonly accountId: string;
  /** None unless told. */
  readonly taskExports?: readonly string[];
}

/** The card that gets the task, with what the task is about. */
interface Candidate {
  readonly id: number;
  readonly source: string;
  readonly target: string;
  readonly owner: string | null;
  readonly others: readonly string[];
  readonly kind: 'hard' | 'soft';
  readonly bounces: number;
  readonly bouncedAt: string;
}

/** Payload of the action `task.create`. */
export interface TaskPayload {
  /** The case; not sent. */
  readonly caseId: number;
  readonly externalId: string;
  /** Who is to do it, as the platform names its users; absent where no card of the person names anybody yet. */
  readonly assignee?: string;
  readonly subject: string;
  readonly description: string;
}

/** Begins the cause of a task: one for each case and connector. */
export const taskCausePrefix = 'bounce-case/';

/**
 * Raises one task for each of these cases at each connector that takes tasks and has the contact: on the card with an owner that was
 * saved last. Exactly once for each case and connector, however often it is called. Returns the connectors with a new one.
 */
export async function raiseBounceTasks(trx: Trx, { accountId, taskExports = [] }: TaskExports, caseIds: readonly number[] | 'all'): Promise<string[]> {
  const raised: string[] = [];
  for (const target of caseIds.length === 0 ? [] : taskExports) {
    const candidates = await candidatesAt(trx, accountId, target, caseIds);
    if (candidates.length === 0) continue;
    const { rows } = await sql<{ id: number }>`
      insert into action (account_id, connector_id, kind, target, cause, payload)
      select ${accountId}, ${target}, 'task.create', t.target, t.cause, t.payload
      from unnest(${arrays.text(candidates.map((c) => c.target))}, ${arrays.text(candidates.map((c) => `${taskCausePrefix}${c.id}`))}, ${arrays.json(candidates.map(payloadOf))}) as t(target, cause, payload)
      on conflict (connector_id, cause) do nothing returning id`.execute(trx);
    if (rows.length > 0) raised.push(target);
  }
  return raised;
}

async function candidatesAt(trx: Trx, accountId: string, target: string, caseIds: readonly number[] | 'all'): Promise<readonly Candidate[]> {
  const chosen = caseIds === 'all' ? sql<boolean>`true` : sql<boolean>`c.id = any(${arrays.int8(caseIds)})`;
  const { rows } = await sql<Candidate>`
    select distinct on (c.id) c.id, c.connector_id || '/' || c.cause source, l.external_id target, ${ownerOf} owner, c.kind, c.bounces, c.last_bounced_at "bouncedAt",
      coalesce((select json_agg(o.external_id order by o.external_id) from link o
        where o.record_id = c.record_id and o.connector_id = ${target} and o.data_type = 'contacts' and o.gone_at is null and o.external_id <> l.external_id), '[]') others
    from bounce_case c join link l on l.record_id = c.record_id and l.connector_id = ${target} and l.data_type = 'contacts' and l.gone_at is null
    left join source_record s on s.external_id = l.external_id and s.connector_id = l.connector_id and s.data_type = l.data_type
    where c.account_id = ${accountId} and c.resolved_at is null and ${chosen}
      and not exists (select 1 from action a where a.connector_id = ${target} and a.kind = 'task.create' and split_part(a.cause, '@', 1) = ${taskCausePrefix} || c.id)
    order by c.id, ${ownerOf} is null, s.source_time desc nulls last, l.external_id`.execute(trx);
  return rows;
}

const ownerOf = sql`nullif(s.canonical->>'owner', '')`;

function payloadOf({ id, source, owner, kind, bounces, bouncedAt, others }: Candidate): TaskPayload {
  return {
    caseId: id, externalId: `${source}/task`, ...(owner === null ? {} : { assignee: owner }),
    ...bounceTask({ kind, bounces, bouncedAt, otherCards: others }),
  };
}

/** Where the case of a task stands. Null: there is no such case. */
export async function caseOfTask(db: Db, caseId: number): Promise<{ readonly resolution: string | null } | null> {
  return (await db.selectFrom('bounce_case').select('resolution').where('id', '=', caseId).executeTakeFirst()) ?? null;
}

/**
 * Gives a task that names nobody the owner that its card has by now, so that it says the same however often it is sent. Returns the
 * owner; null when the card still has none.
 */
export async function assignTask(db: Db, actionId: number): Promise<string | null> {
  const { rows } = await sql<{ owner: string }>`
    update action a set payload = (a.payload::jsonb || jsonb_build_object('assignee', ${ownerOf}))::json
    from source_record s where a.id = ${actionId} and s.external_id = a.target and s.connector_id = a.connector_id and s.data_type = 'contacts' and ${ownerOf} is not null
    returning ${ownerOf} owner`.execute(db);
  return rows[0]?.owner ?? null;
}
