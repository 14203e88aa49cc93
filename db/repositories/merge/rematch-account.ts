import { sql } from 'kysely';
import { inAccount, type Db, type Trx } from '../../database.ts';
import { repeatOnConflict } from '../repeat-on-conflict.ts';
import { settleMoved } from './after-move.ts';
import { lockForRematch, preview, type LockedLook, type RematchScope } from './rematch-look.ts';
import { storeWork } from './rematch-store.ts';
import { isAtRest, workOut } from './rematch-work.ts';

/** What one step of matching anew did. */
export interface RematchStep {
  /** The last record that was looked at: the next step begins behind it. Null when there is none left. */
  readonly after: number | null;
  readonly looked: number;
  /** Records that things left or joined. */
  readonly changed: number;
  readonly mergesRequested: number;
  /** Export connectors with newly raised deliveries: to be woken. */
  readonly raisedFor: readonly string[];
}

const recordsPerLook = 500;
const recordsPerTransaction = 100;

/** One step: a few hundred records behind `after`. */
async function rematchStep(db: Db, scope: RematchScope, after: number): Promise<RematchStep> {
  const ids = await idsBehind(db, scope.accountId, after);
  const last = ids.at(-1);
  if (last === undefined) return { after: null, looked: 0, changed: 0, mergesRequested: 0, raisedFor: [] };
  const unsettled = await inAccount(db, scope.accountId, (trx) => findUnsettled(trx, scope, ids));
  const raisedFor = new Set<string>();
  let changed = 0;
  let mergesRequested = 0;
  for (let start = 0; start < unsettled.length; start += recordsPerTransaction) {
    const some = unsettled.slice(start, start + recordsPerTransaction);
    const done = await repeatOnConflict(() => inAccount(db, scope.accountId, (trx) => rematchRecords(trx, scope, some)));
    changed += done.changed;
    mergesRequested += done.mergesRequested;
    for (const id of done.raisedFor) raisedFor.add(id);
  }
  return { after: last, looked: ids.length, changed, mergesRequested, raisedFor: [...raisedFor] };
}

/**
 * Matches the contacts of an account by `scope.matching`, from behind the record `after` on (0: all), while pages are applied and merges run: in
 * steps of a few hundred, in transactions of a hundred under the locks of all that they touch (design §4.4), until none is left or
 * `goesOn` says no between two steps. Records come apart here; those that are one now are asked to be merged (`mergePending`). Idempotent: what
 * is matched already is only read, so that it may be killed anywhere and begin anew anywhere. Pages that were begun with the old matching
 * and end after their records were passed want a second pass. The sum of the steps; `after` is where to go on.
 */
export async function rematchAccount(db: Db, scope: RematchScope, after: number, goesOn: () => boolean): Promise<RematchStep> {
  const raisedFor = new Set<string>();
  const sum = { looked: 0, changed: 0, mergesRequested: 0 };
  let next: number | null = after;
  do {
    const step: RematchStep = await rematchStep(db, scope, next);
    next = step.after;
    sum.looked += step.looked;
    sum.changed += step.changed;
    sum.mergesRequested += step.mergesRequested;
    for (const id of step.raisedFor) raisedFor.add(id);
  } while (next !== null && goesOn());
  return { after: next, ...sum, raisedFor: [...raisedFor] };
}

async function idsBehind(db: Db, accountId: string, after: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from record where account_id = ${accountId} and id > ${after} and data_type = 'contacts' and merged_into is null order by id limit ${recordsPerLook}`.execute(db);
  return rows.map((row) => row.id);
}

/** Records with which something is to be done, each looked at by itself. */
async function findUnsettled(trx: Trx, scope: RematchScope, ids: readonly number[]): Promise<number[]> {
  const look = await preview(trx, scope, ids);
  return look.ids.filter((id) => look.outdated.has(id) || !isAtRest(workOut(scope, { ...look, ids: [id] }, stand())));
}

async function rematchRecords(trx: Trx, scope: RematchScope, ids: readonly number[]): Promise<Omit<RematchStep, 'after' | 'looked'>> {
  const look = await lockForRematch(trx, scope, ids);
  const newIds = await reserveIds(trx, countNew(scope, look));
  const work = workOut(scope, look, () => newIds.pop() ?? fail());
  await storeWork(trx, scope, look, work);
  await scope.faultPoint('during-rematch');
  const { changed, raisedFor } = await settleMoved(trx, { ...scope, cause: { kind: 'rematch', matching: scope.matching } }, look.records, work.moves);
  return { changed, mergesRequested: work.merges.length, raisedFor };
}

/** Ids that stand for those of new records where nothing is stored. */
function stand(): () => number {
  let id = 0;
  return () => (id -= 1);
}

const countNew = (scope: RematchScope, look: LockedLook): number => workOut(scope, look, stand()).created.length;

function fail(): never {
  throw new Error('No record id is left.');
}

async function reserveIds(trx: Trx, count: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`select nextval('record_id_seq') as id from generate_series(1, ${count}::int)`.execute(trx);
  return rows.map((row) => row.id).reverse();
}
