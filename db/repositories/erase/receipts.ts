import { sql } from 'kysely';
import type { Trx } from '../../database.ts';
import type { ErasureKind, ErasureStep } from '../../tables/erasure.ts';
import type { RowCounts } from './delete-rows.ts';

/** One step with what became of it. */
export interface StepState extends ErasureStep {
  readonly state: 'pending' | 'done' | 'failed' | 'skipped' | 'by-hand';
  /** What the platform said, or why it waits or failed. */
  readonly reason: string | null;
  readonly settledAt: string | null;
}

/** What was done for good, where and when. Holds no personal data that can be read without the hub's key. */
export interface Receipt {
  readonly id: number;
  readonly recordId: number;
  readonly kind: ErasureKind;
  readonly who: string;
  readonly at: string;
  readonly counts: RowCounts;
  readonly steps: readonly StepState[];
}

/** What to store of a receipt; with an `id`, the rest of one that is there. */
export interface NewReceipt {
  readonly accountId: string;
  readonly recordId: number;
  readonly kind: ErasureKind;
  readonly who: string;
  readonly id?: number;
  readonly counts?: RowCounts;
  readonly steps?: readonly ErasureStep[];
}

/** Stores a receipt and gives its number. */
export async function insertReceipt(trx: Trx, { accountId, recordId, kind, who, id, counts = {}, steps = [] }: NewReceipt): Promise<number> {
  const values = { counts: JSON.stringify(counts), steps: JSON.stringify(steps) };
  if (id !== undefined) {
    await trx.updateTable('erasure').set(values).where('id', '=', id).execute();
    return id;
  }
  const row = await trx.insertInto('erasure').values({ account_id: accountId, record_id: recordId, kind, who, ...values }).returning('id').executeTakeFirstOrThrow();
  return row.id;
}

/** Which receipts, newest first. */
export interface ReceiptFilter {
  readonly id?: number | undefined;
  readonly recordId?: number | undefined;
  readonly kind?: ErasureKind | undefined;
  readonly limit: number;
}

/** Receipts of the account of `trx`, each step with what became of it by now. */
export async function listReceipts(trx: Trx, filter: ReceiptFilter): Promise<readonly Receipt[]> {
  let query = trx.selectFrom('erasure').selectAll().orderBy('id', 'desc').limit(filter.limit);
  if (filter.id !== undefined) query = query.where('id', '=', filter.id);
  if (filter.recordId !== undefined) query = query.where('record_id', '=', filter.recordId);
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  const rows = await query.execute();
  const outcomes = await outcomesOf(trx, rows.flatMap(({ steps }) => steps));
  return rows.map((row) => ({
    id: row.id, recordId: row.record_id, kind: row.kind, who: row.who, at: row.at, counts: row.counts, steps: row.steps.map((step) => ({ ...step, ...stateOf(step, outcomes) })),
  }));
}

/** The newest one that fits. */
export async function findReceipt(trx: Trx, filter: Omit<ReceiptFilter, 'limit'>): Promise<Receipt | undefined> {
  return (await listReceipts(trx, { ...filter, limit: 1 }))[0];
}

interface Outcome { connector_id: string; cause: string; state: string; reason: string | null; settled_at: string | null }

async function outcomesOf(trx: Trx, steps: readonly ErasureStep[]): Promise<ReadonlyMap<string, Outcome>> {
  const known = steps.filter(({ cause }) => cause !== undefined);
  const { rows } = await sql<Outcome>`
    select a.connector_id, a.cause, a.state, a.reason, a.settled_at
    from unnest(${known.map(({ connectorId }) => connectorId)}::text[], ${known.map(({ cause }) => cause ?? '')}::text[]) as x(connector_id, cause)
    join action a on a.connector_id = x.connector_id and a.cause = x.cause`.execute(trx);
  return new Map(rows.map((row) => [`${row.connector_id} ${row.cause}`, row]));
}

function stateOf({ connectorId, cause }: ErasureStep, outcomes: ReadonlyMap<string, Outcome>): Pick<StepState, 'state' | 'reason' | 'settledAt'> {
  if (cause === undefined) return { state: 'by-hand', reason: null, settledAt: null };
  const found = outcomes.get(`${connectorId} ${cause}`);
  if (found === undefined) return { state: 'skipped', reason: 'the person was erased meanwhile', settledAt: null };
  const state = found.state === 'done' || found.state === 'failed' || found.state === 'skipped' ? found.state : 'pending';
  return { state, reason: found.reason, settledAt: found.settled_at };
}
