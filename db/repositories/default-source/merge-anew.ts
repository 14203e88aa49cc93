import { sql } from 'kysely';
import { diffFields, mergeSources, type MergePolicy } from '../../../domain/merge/merge-record.ts';
import type { MergedRecord, SourceState } from '../../../domain/model/record.ts';
import { areSameFields } from '../../../domain/model/same-value.ts';
import { inAccount, type Db, type Trx } from '../../database.ts';
import { differs } from '../apply/differs.ts';
import { loadSourcesOf, lockRecords } from '../apply/load.ts';
import { raiseDeliveries } from '../apply/raise.ts';
import { raisesForAll } from '../apply/raises-for-all.ts';
import type { ExportTarget, WorkingRecord } from '../apply/types.ts';
import { insertChanges, updateRecords } from '../apply/write.ts';
import { repeatOnConflict } from '../repeat-on-conflict.ts';
import { policyInForce } from './in-force.ts';
import { advanceRun, type DefaultSourceRun } from './runs.ts';

/** Which records to merge anew, and where they go. */
export interface MergeAnewScope {
  readonly run: DefaultSourceRun;
  readonly exports: readonly ExportTarget[];
  /** ISO instant. */
  readonly now: string;
  readonly faultPoint: (name: string) => Promise<void>;
}

/** What came of one step. */
export interface MergeAnewStep {
  /** `overtaken`: the run is to be looked up again. */
  readonly state: 'more' | 'end' | 'overtaken';
  readonly raisedFor: readonly string[];
}

const recordsPerStep = 200;

/**
 * Merges the next few hundred stored records by the order of sources that is in force, in one transaction with the progress of the run. Those that say
 * something else now are raised at their destinations, and planned there: only what differs is sent. Killed anywhere, it goes on behind the
 * last step that was committed.
 */
export async function mergeAnewStep(db: Db, scope: MergeAnewScope): Promise<MergeAnewStep> {
  return repeatOnConflict(() => inAccount(db, scope.run.accountId, (trx) => step(trx, scope))).catch((error: unknown): MergeAnewStep => {
    if (error instanceof Overtaken) return { state: 'overtaken', raisedFor: [] };
    throw error;
  });
}

/** Rolls a step back. */
class Overtaken extends Error {}

async function step(trx: Trx, { run, exports, now, faultPoint }: MergeAnewScope): Promise<MergeAnewStep> {
  const { accountId, dataType, connectorId } = run;
  const policy = await policyInForce(trx, { accountId, dataType, defaultSource: null });
  const ids = await idsBehind(trx, run);
  const last = ids.at(-1);
  if (last === undefined) return { state: 'end', raisedFor: [] };
  const changed = (await mergedAnew(trx, [...(await lockRecords(trx, ids)).values()], policy)).filter(differs);
  await updateRecords(trx, changed);
  await insertChanges(trx, { accountId, receivedAt: now, cause: { kind: 'default-source', connector: connectorId } },
    changed.map(({ before, after }) => ({ record: after, fields: diffFields(before?.canonical ?? {}, after.canonical) })));
  const raised = await raiseAll(trx, run, exports, changed.filter(({ before, after }) => !areSameFields(before?.canonical ?? {}, after.canonical)).map(({ after }) => after));
  await faultPoint('during-merge-anew');
  if (!(await advanceRun(trx, run, { position: last, looked: ids.length, changed: changed.length, raised: raised.count }))) throw new Overtaken();
  return { state: 'more', raisedFor: raised.connectors };
}

async function idsBehind(trx: Trx, { accountId, dataType, position }: DefaultSourceRun): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from record where account_id = ${accountId} and id > ${position} and data_type = ${dataType} and merged_into is null order by id limit ${recordsPerStep}`.execute(trx);
  return rows.map((row) => row.id);
}

/** Whoever changes a source record holds the lock of its record first, so that these do not change while their records are locked. */
async function mergedAnew(trx: Trx, records: readonly MergedRecord[], policy: MergePolicy): Promise<readonly WorkingRecord[]> {
  const members = new Map<number, SourceState[]>(records.map(({ id }) => [id, []]));
  for (const { recordId, state } of await loadSourcesOf(trx, [...members.keys()])) members.get(recordId)?.push(state);
  return records.map((before) => ({ id: before.id, before, after: { ...before, ...mergeSources(members.get(before.id) ?? [], policy), version: before.version + 1 } }));
}

async function raiseAll(trx: Trx, { accountId, dataType }: DefaultSourceRun, exports: readonly ExportTarget[], records: readonly MergedRecord[]): Promise<{ readonly count: number; readonly connectors: readonly string[] }> {
  const connectors: string[] = [];
  let count = 0;
  for (const target of exports) {
    const raises = await raisesForAll(trx, target, dataType, records);
    await raiseDeliveries(trx, { accountId, dataType }, target, raises);
    if (raises.length > 0) connectors.push(target.connectorId);
    count += raises.length;
  }
  return { count, connectors };
}
