import { sql } from 'kysely';
import { decideAll } from '../../../domain/consent/ledger.ts';
import type { DerivedFields } from '../../../domain/mapping/rederive.ts';
import { rederive } from '../../../domain/mapping/rederive.ts';
import { diffFields, mergeSources } from '../../../domain/merge/merge-record.ts';
import { areSameFields } from '../../../domain/model/same-value.ts';
import type { MergedRecord, SourceState } from '../../../domain/model/record.ts';
import { arrays } from '../../binary-arrays.ts';
import { inAccount, type Db, type Trx } from '../../database.ts';
import { packFieldTimes } from '../../stored-forms.ts';
import { loadConsentEvents, loadSourcesOf, lockRecords } from '../apply/load.ts';
import { raiseDeliveries } from '../apply/raise.ts';
import { raisesForAll } from '../apply/raises-for-all.ts';
import type { ExportTarget, WorkingRecord } from '../apply/types.ts';
import { insertChanges, updateRecords } from '../apply/write.ts';
import { keyed } from '../by-key.ts';
import { repeatOnConflict } from '../repeat-on-conflict.ts';
import { advanceRun, type MappingRun } from './mapping-runs.ts';

/** How to bring stored records in line. */
export interface RemapScope {
  readonly accountId: string;
  readonly run: MappingRun;
  /** What a stored payload says with the mapping of before and of now; `undefined` for one that can not be read. Null when reading has not changed. */
  readonly derive: ((payload: unknown) => { readonly before: DerivedFields; readonly after: DerivedFields } | undefined) | null;
  readonly exports: readonly ExportTarget[];
  /** ISO instant. */
  readonly now: string;
  readonly faultPoint: (name: string) => Promise<void>;
}

/** What came of one step. */
export interface RemapStep {
  /** `overtaken`: the run is to be looked up again. */
  readonly state: 'more' | 'end' | 'overtaken';
  readonly raisedFor: readonly string[];
}

const recordsPerStep = 200;

/**
 * Brings the next few hundred records in line with the connector's mapping, in one transaction with the progress of the run: what its
 * source records say goes to other fields, and its deliveries are raised, so that the difference is worked out and sent. Killed anywhere, it
 * goes on behind the last step that was committed.
 */
export async function remapStep(db: Db, scope: RemapScope): Promise<RemapStep> {
  return repeatOnConflict(() => inAccount(db, scope.accountId, async (trx): Promise<RemapStep> => {
    const ids = await idsBehind(trx, scope);
    const last = ids.at(-1);
    if (last === undefined) return { state: 'end', raisedFor: [] };
    const records = await lockRecords(trx, ids);
    const { derived, changed } = scope.derive === null ? { derived: 0, changed: [] } : await deriveAgain(trx, scope, records, scope.derive);
    const raised = await raiseAll(trx, scope, records, changed);
    await scope.faultPoint('during-remap');
    const isMine = await advanceRun(trx, scope.run, { position: last, looked: ids.length, derived, raised: raised.own });
    if (!isMine) throw new Overtaken();
    return { state: 'more', raisedFor: raised.connectors };
  })).catch((error: unknown): RemapStep => {
    if (error instanceof Overtaken) return { state: 'overtaken', raisedFor: [] };
    throw error;
  });
}

/** Rolls a step back. */
class Overtaken extends Error {}

async function idsBehind(trx: Trx, { accountId, run }: RemapScope): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from record where account_id = ${accountId} and id > ${run.position} and data_type = 'contacts' and merged_into is null order by id limit ${recordsPerStep}`.execute(trx);
  return rows.map((row) => row.id);
}

async function deriveAgain(
  trx: Trx, scope: RemapScope, records: ReadonlyMap<number, MergedRecord>, derive: NonNullable<RemapScope['derive']>,
): Promise<{ readonly derived: number; readonly changed: readonly WorkingRecord[] }> {
  const payloads = await lockPayloads(trx, scope.run.connectorId, [...records.keys()]);
  const members = new Map<number, SourceState[]>();
  const states: SourceState[] = [];
  const dirty = new Set<number>();
  for (const { recordId, state } of await loadSourcesOf(trx, [...records.keys()])) {
    const read = state.connectorId === scope.run.connectorId ? derive(payloads.get(state.externalId)) : undefined;
    const other = read === undefined ? null : rederive(state, read.before, read.after);
    members.set(recordId, [...(members.get(recordId) ?? []), other ?? state]);
    if (other === null) continue;
    states.push(other);
    dirty.add(recordId);
  }
  await storeStates(trx, scope.run.connectorId, states);
  const changed = await remerge(trx, [...dirty].flatMap((id) => records.get(id) ?? []), members);
  await updateRecords(trx, changed);
  await insertChanges(trx, { accountId: scope.accountId, receivedAt: scope.now, cause: { kind: 'mapping', connector: scope.run.connectorId } },
    changed.map(({ before, after }) => ({ record: after, fields: diffFields(before?.canonical ?? {}, after.canonical) })));
  return { derived: states.length, changed };
}

/** Payloads of the connector's source records, locked in key order. */
async function lockPayloads(trx: Trx, connectorId: string, recordIds: readonly number[]): Promise<ReadonlyMap<string, unknown>> {
  const { rows } = await sql<{ external_id: string; payload: unknown }>`
    select external_id, payload from source_record where record_id = any(${arrays.int8(recordIds)}) and connector_id = ${connectorId} and data_type = 'contacts'
    order by external_id, connector_id, data_type for update`.execute(trx);
  return new Map(rows.map((row) => [row.external_id, row.payload]));
}

async function storeStates(trx: Trx, connectorId: string, states: readonly SourceState[]): Promise<void> {
  if (states.length === 0) return;
  await sql`
    update source_record t set canonical = x.canonical, field_times = x.field_times, edited = x.edited, versions = x.versions
    from ${keyed({ connectorId, dataType: 'contacts' }, sql`unnest(${arrays.text(states.map((s) => s.externalId))}, ${arrays.json(states.map((s) => s.canonical))},
      ${arrays.json(states.map((s) => packFieldTimes(s.fieldTimes, s.canonical)))}, ${arrays.json(states.map((s) => s.edited))}, ${arrays.json(states.map((s) => s.versions))})
      as x(external_id, canonical, field_times, edited, versions)`)}
    where t.external_id = x.external_id and t.connector_id = x.connector_id and t.data_type = x.data_type`.execute(trx);
}

async function remerge(trx: Trx, records: readonly MergedRecord[], members: ReadonlyMap<number, readonly SourceState[]>): Promise<WorkingRecord[]> {
  const events = await loadConsentEvents(trx, records.map(({ id }) => id));
  return records.map((before) => ({
    id: before.id, before,
    after: { ...before, ...mergeSources(members.get(before.id) ?? [], {}), consent: decideAll(events.get(before.id) ?? []), version: before.version + 1 },
  }));
}

/** At the connector itself everything is planned anew, elsewhere what says something else now. */
async function raiseAll(
  trx: Trx, scope: RemapScope, records: ReadonlyMap<number, MergedRecord>, changed: readonly WorkingRecord[],
): Promise<{ readonly own: number; readonly connectors: readonly string[] }> {
  const elsewhere = changed.filter(({ before, after }) => !areSameFields(before?.canonical ?? {}, after.canonical)).map(({ after }) => after);
  const connectors: string[] = [];
  let own = 0;
  for (const target of scope.exports) {
    const isOwn = target.connectorId === scope.run.connectorId;
    const raises = await raisesForAll(trx, target, 'contacts', isOwn ? [...records.values()] : elsewhere);
    await raiseDeliveries(trx, { accountId: scope.accountId, dataType: 'contacts' }, target, raises);
    if (isOwn) own = raises.length;
    if (raises.length > 0) connectors.push(target.connectorId);
  }
  return { own, connectors };
}
