import { sql } from 'kysely';
import type { Db } from '../../database.ts';
import type { ActionState, BounceResolution } from '../../tables/flow.ts';
import { taskCausePrefix } from './tasks.ts';

/** Half-open period of time, ISO 8601. */
export interface ReportPeriod {
  readonly from: string;
  readonly to: string;
}

/** How bounces are followed up. Times in seconds from the opening of a case to its resolution, of those resolved in the period. */
export interface BounceTotals {
  readonly openNow: number;
  readonly oldestOpenAt: string | null;
  readonly opened: number;
  readonly resolved: number;
  readonly addressChanged: number;
  readonly mailArrived: number;
  readonly contactGone: number;
  readonly byHand: number;
  readonly medianSeconds: number | null;
  readonly averageSeconds: number | null;
  readonly longestSeconds: number | null;
}

/** Totals of the account that the session sees. Cases that went on in that of another record are not counted. */
export async function bounceTotals(db: Db, { from, to }: ReportPeriod): Promise<BounceTotals> {
  const inPeriod = (column: string) => sql<boolean>`${sql.ref(column)} >= ${from}::timestamptz and ${sql.ref(column)} < ${to}::timestamptz`;
  const seconds = sql`extract(epoch from resolved_at - opened_at)::float8`;
  const ended = sql<boolean>`resolved_at is not null and ${inPeriod('resolved_at')}`;
  const ofKind = (resolution: BounceResolution) => sql`count(*) filter (where ${ended} and resolution = ${resolution})`;
  const { rows: [row] } = await sql<BounceTotals>`
    select count(*) filter (where resolved_at is null) "openNow", min(opened_at) filter (where resolved_at is null) "oldestOpenAt",
      count(*) filter (where ${inPeriod('opened_at')}) opened, count(*) filter (where ${ended}) resolved,
      ${ofKind('address-changed')} "addressChanged", ${ofKind('mail-arrived')} "mailArrived", ${ofKind('contact-gone')} "contactGone", ${ofKind('by-hand')} "byHand",
      percentile_cont(0.5) within group (order by ${seconds}) filter (where ${ended}) "medianSeconds", avg(${seconds}) filter (where ${ended}) "averageSeconds", max(${seconds}) filter (where ${ended}) "longestSeconds"
    from bounce_case where resolution is distinct from 'joined'`.execute(db);
  if (row === undefined) throw new Error('An aggregate gave no row.');
  return row;
}

/** A task of a case. */
export interface CaseTask {
  readonly connectorId: string;
  readonly target: string;
  readonly state: ActionState;
  readonly code: string | null;
  readonly reason: string | null;
}

/** One case with its tasks; ids only. */
export interface CaseRow {
  readonly id: number;
  readonly recordId: number;
  readonly connectorId: string;
  readonly contact: string;
  readonly kind: 'hard' | 'soft';
  readonly bounces: number;
  readonly bouncedAt: string;
  readonly lastBouncedAt: string;
  readonly openedAt: string;
  readonly resolvedAt: string | null;
  readonly resolution: BounceResolution | null;
  readonly tasks: readonly CaseTask[];
}

/** Which cases to list. */
export interface CaseFilter extends ReportPeriod {
  readonly state?: 'open' | 'resolved' | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Open cases, whenever they began, and those that were opened or resolved in the period; open ones first, then the newest. */
export async function listCases(db: Db, { from, to, state, limit, offset }: CaseFilter): Promise<readonly CaseRow[]> {
  const inPeriod = (column: string) => sql<boolean>`${sql.ref(column)} >= ${from}::timestamptz and ${sql.ref(column)} < ${to}::timestamptz`;
  const chosen = state === undefined ? sql<boolean>`true` : sql<boolean>`(c.resolved_at is null) = ${state === 'open'}::boolean`;
  const { rows } = await sql<CaseRow>`
    select c.id, c.record_id "recordId", c.connector_id "connectorId", c.contact_external_id contact, c.kind, c.bounces, c.bounced_at "bouncedAt", c.last_bounced_at "lastBouncedAt",
      c.opened_at "openedAt", c.resolved_at "resolvedAt", c.resolution,
      coalesce((select json_agg(json_build_object('connectorId', a.connector_id, 'target', a.target, 'state', a.state, 'code', a.code, 'reason', a.reason) order by a.id)
        from action a where a.kind = 'task.create' and split_part(a.cause, '@', 1) = ${taskCausePrefix} || c.id), '[]') tasks
    from bounce_case c where c.resolution is distinct from 'joined' and ${chosen} and (c.resolved_at is null or ${inPeriod('c.opened_at')} or ${inPeriod('c.resolved_at')})
    order by c.resolved_at is not null, c.opened_at desc, c.id desc limit ${limit} offset ${offset}`.execute(db);
  return rows;
}

/** Tasks of open cases at one connector, by state, and open cases that have none there. */
export interface TaskCounts {
  readonly connectorId: string;
  readonly made: number;
  readonly waiting: number;
  readonly failed: number;
  readonly notLicensed: number;
  /** By an operator. */
  readonly setAside: number;
  readonly without: number;
}

/** What became of the tasks of open cases at these connectors. A task that followed a merged card counts where it went. */
export async function countTasks(db: Db, connectorIds: readonly string[]): Promise<readonly TaskCounts[]> {
  const counts: TaskCounts[] = [];
  for (const connectorId of connectorIds) {
    const { rows: [row] } = await sql<Omit<TaskCounts, 'connectorId'>>`
      select count(*) filter (where a.state = 'done') made, count(*) filter (where a.state in ('pending', 'sending', 'parked')) waiting, count(*) filter (where a.state = 'failed') failed,
        count(*) filter (where a.state = 'skipped' and a.code = 'PLATFORM_NOT_LICENSED') "notLicensed", count(*) filter (where a.state = 'skipped' and a.code is distinct from 'PLATFORM_NOT_LICENSED') "setAside", count(*) filter (where a.state is null) "without"
      from bounce_case c left join lateral (
        select state, code from action where connector_id = ${connectorId} and kind = 'task.create' and split_part(cause, '@', 1) = ${taskCausePrefix} || c.id order by id desc limit 1) a on true
      where c.resolved_at is null`.execute(db);
    if (row !== undefined) counts.push({ connectorId, ...row });
  }
  return counts;
}

/** Resolves an open case by hand. False when there is no such open case. */
export async function resolveByHand(db: Db, caseId: number): Promise<boolean> {
  const { rows } = await sql`update bounce_case set resolved_at = clock_timestamp(), resolution = 'by-hand' where id = ${caseId} and resolved_at is null returning id`.execute(db);
  return rows.length > 0;
}
