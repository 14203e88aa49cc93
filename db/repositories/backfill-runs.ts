import { sql, type Selectable } from 'kysely';
import type { Db, Trx } from '../database.ts';
import type { BackfillRunTable, SliceTable } from '../tables/flow.ts';

/** One backfill of one data type. */
export type BackfillRun = Selectable<BackfillRunTable>;

/** A stretch of time of one stream. */
export interface NewSlice {
  readonly stream: string;
  readonly from: string;
  readonly to: string;
}

/** What a new run needs. */
export interface NewRun {
  readonly accountId: string;
  readonly connectorId: string;
  readonly dataType: string;
  readonly from: string;
  readonly to: string;
  readonly isFirst: boolean;
  readonly workflowId: string;
  readonly slices: readonly NewSlice[];
}

/** The runs of a connector that are under way, in the order in which they were opened. */
export async function runningRuns(db: Db | Trx, connectorId: string): Promise<readonly BackfillRun[]> {
  return db.selectFrom('backfill_run').selectAll().where('connector_id', '=', connectorId).where('state', '=', 'running').orderBy('id').execute();
}

/** One run, or undefined. */
export async function findRun(db: Db | Trx, runId: number): Promise<BackfillRun | undefined> {
  return db.selectFrom('backfill_run').selectAll().where('id', '=', runId).executeTakeFirst();
}

/** Data types whose first import is complete. */
export async function firstImportsDone(db: Db | Trx, connectorId: string): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('backfill_run').select('data_type').distinct().where('connector_id', '=', connectorId).where('is_first', '=', true).where('state', '=', 'done').execute();
  return new Set(rows.map((row) => row.data_type));
}

/** Data types that had a run of any outcome. */
export async function typesEverRun(db: Db | Trx, connectorId: string): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('backfill_run').select('data_type').distinct().where('connector_id', '=', connectorId).execute();
  return new Set(rows.map((row) => row.data_type));
}

/** Stores a run with its slices. Throws 23505 when another one of the data type is under way. */
export async function insertRun(trx: Trx, run: NewRun): Promise<number> {
  const { id } = await trx.insertInto('backfill_run').values({
    account_id: run.accountId, connector_id: run.connectorId, data_type: run.dataType, from_at: run.from, to_at: run.to, is_first: run.isFirst, workflow_id: run.workflowId,
  }).returning('id').executeTakeFirstOrThrow();
  await sql`
    insert into slice (account_id, run_id, stream, from_at, to_at)
    select ${run.accountId}, ${id}, x.stream, x.from_at, x.to_at
    from unnest(${run.slices.map((s) => s.stream)}::text[], ${run.slices.map((s) => s.from)}::timestamptz[], ${run.slices.map((s) => s.to)}::timestamptz[]) as x(stream, from_at, to_at)`.execute(trx);
  return id;
}

/** Gives runs whose workflow is closed to another workflow, which goes on where they stopped. */
export async function takeOverRuns(trx: Trx, runIds: readonly number[], workflowId: string): Promise<void> {
  if (runIds.length === 0) return;
  await trx.updateTable('backfill_run').set({ workflow_id: workflowId }).where('id', 'in', [...runIds]).where('state', '=', 'running').execute();
}

/** Ends runs that are under way; returns those that this call ended. */
export async function endRuns(trx: Trx, runIds: readonly number[], state: 'done' | 'cancelled' | 'failed', reason: string | null): Promise<readonly BackfillRun[]> {
  if (runIds.length === 0) return [];
  return trx.updateTable('backfill_run').set({
    state, reason, finished_at: sql<string>`clock_timestamp()`, rows: sql<number>`(select coalesce(sum(s.rows), 0) from slice s where s.run_id = backfill_run.id)`,
  }).where('id', 'in', [...runIds]).where('state', '=', 'running').returningAll().execute();
}

/** How far a run is. `open` are the beginnings of slices that are not done, newest first. */
export interface RunProgress {
  readonly open: readonly string[];
  readonly done: number;
  readonly total: number;
  readonly rows: number;
}

/** Counts a run's slices: streams of one stretch of time count as one. */
export async function runProgress(db: Db, runId: number): Promise<RunProgress> {
  const rows = await db.selectFrom('slice').select(['from_at', sql<boolean>`bool_and(state = 'done')`.as('done'), sql<number>`sum(rows)::bigint`.as('rows')])
    .where('run_id', '=', runId).groupBy('from_at').orderBy('from_at', 'desc').execute();
  const open = rows.filter((row) => !row.done).map((row) => row.from_at);
  return { open, total: rows.length, done: rows.length - open.length, rows: rows.reduce((sum, row) => sum + row.rows, 0) };
}

/** The streams of one slice that are not read to their end. */
export async function openStreams(db: Db, runId: number, from: string): Promise<readonly Selectable<SliceTable>[]> {
  return db.selectFrom('slice').selectAll().where('run_id', '=', runId).where('from_at', '=', from).where('state', '<>', 'done').orderBy('stream').execute();
}

/** Notes a page of a slice, in the page's transaction: after a crash reading goes on behind the last page noted. */
export async function noteSlicePage(
  trx: Trx, slice: { readonly runId: number; readonly stream: string; readonly from: string }, page: { readonly rows: number; readonly nextPageToken: string | undefined },
): Promise<void> {
  await trx.updateTable('slice').set({
    page_token: page.nextPageToken ?? null, pages: sql<number>`pages + 1`, rows: sql<number>`rows + ${page.rows}::bigint`,
    state: page.nextPageToken === undefined ? 'done' : sql<'running'>`case when state = 'done' then 'done' else 'running' end`,
  }).where('run_id', '=', slice.runId).where('stream', '=', slice.stream).where('from_at', '=', slice.from).execute();
}
