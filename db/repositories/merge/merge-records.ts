import { sql } from 'kysely';
import { decideAll } from '../../../domain/consent/ledger.ts';
import { diffFields, mergeSources, type MergePolicy } from '../../../domain/merge/merge-record.ts';
import type { RecordType } from '../../../domain/model/record-fields.ts';
import type { MergedRecord } from '../../../domain/model/record.ts';
import type { DataType } from '../../../domain/presets/data-types.ts';
import { arrays } from '../../binary-arrays.ts';
import { inAccount, type Db, type Trx } from '../../database.ts';
import { loadConsentEvents, loadSourcesOf, lockAllOf, lockRecords } from '../apply/load.ts';
import { choosePrimaryLinks } from '../apply/primary-links.ts';
import { raiseDeliveries, type Raise } from '../apply/raise.ts';
import type { ApplyInput, ExportTarget } from '../apply/types.ts';
import { sharedKeyReason } from '../apply/resolve.ts';
import { insertChanges, updateRecords } from '../apply/write.ts';
import { policyInForce } from '../default-source/in-force.ts';
import { releaseSharedEmails } from '../deliver/shared-email.ts';
import { repeatOnConflict, StaleLook } from '../repeat-on-conflict.ts';
import { moveEverything } from './move-everything.ts';

/** Where records of a data type go, and whose word on them counts first. */
export type MergeTargets = Pick<ApplyInput, 'exports' | 'defaultSource'>;

/** Whose merges to carry out, and where contacts go. */
export interface MergeScope extends Pick<ApplyInput, 'accountId' | 'exports' | 'matching'> {
  /** The same for records of other data types that are merged; nowhere unless told. */
  readonly others?: Readonly<Partial<Record<RecordType, MergeTargets>>>;
  /** ISO instant by our clock. */
  readonly now: string;
  /** Called between the two halves of the work, so that a test can kill the process there. */
  readonly faultPoint: (name: string) => Promise<void>;
}

/** What merging did. */
export interface MergeReport {
  readonly merged: number;
  /** Requests that no longer held when their turn came. */
  readonly dropped: number;
  readonly raisedFor: readonly string[];
  /** It was told to stop, and requests may be left. */
  readonly more: boolean;
}

/**
 * Carries out the merge requests of an account, one transaction each, under the locks of both records (design §4.4), until none is left or
 * `goesOn` says no after one. Meant for one caller at a time per account; a second one does no harm. Idempotent.
 */
export async function mergePending(db: Db, scope: MergeScope, goesOn: () => boolean): Promise<MergeReport> {
  const raisedFor = new Set<string>();
  let merged = 0;
  let dropped = 0;
  do {
    const result = await repeatOnConflict(() => inAccount(db, scope.accountId, (trx) => mergeNext(trx, scope)));
    if (result === null) return { merged, dropped, raisedFor: [...raisedFor], more: false };
    if (result.merged) merged += 1;
    else dropped += 1;
    for (const id of result.raisedFor) raisedFor.add(id);
  } while (goesOn());
  return { merged, dropped, raisedFor: [...raisedFor], more: true };
}

/** The request is not locked before the keys: pages that ask for the same merge hold keys and records first. */
async function mergeNext(trx: Trx, scope: MergeScope): Promise<{ merged: boolean; raisedFor: string[] } | null> {
  const request = await trx.selectFrom('merge_request').selectAll().where('account_id', '=', scope.accountId).where('state', '=', 'pending')
    .orderBy('id').limit(1).executeTakeFirst();
  if (request === undefined) return null;
  const targets = targetsOf(scope, request.data_type as DataType);
  const policy = await policyInForce(trx, { ...targets, accountId: scope.accountId, dataType: request.data_type as DataType });
  const pair = await currentPair(trx, request.keep_id, request.merge_id);
  const raisedFor = pair === null ? null : await mergePair(trx, scope, pair, targets, policy);
  await trx.updateTable('merge_request').set({ state: 'done', done_at: scope.now }).where('id', '=', request.id).execute();
  return { merged: raisedFor !== null, raisedFor: raisedFor ?? [] };
}

/** The records that the two ids stand for now; null when they are one already. */
async function currentPair(trx: Trx, a: number, b: number): Promise<readonly [number, number] | null> {
  const [x, y] = [await follow(trx, a), await follow(trx, b)];
  return x === y ? null : [Math.min(x, y), Math.max(x, y)];
}

async function follow(trx: Trx, id: number): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with recursive chain as (select id, merged_into from record where id = ${id}
      union all select r.id, r.merged_into from record r join chain c on r.id = c.merged_into)
    select id from chain where merged_into is null limit 1`.execute(trx);
  return rows[0]?.id ?? id;
}

async function mergePair(trx: Trx, scope: MergeScope, [keep, merge]: readonly [number, number], targets: MergeTargets, policy: MergePolicy): Promise<string[] | null> {
  await lockPair(trx, keep, merge);
  const records = await lockRecords(trx, [keep, merge]);
  const before = records.get(keep);
  if (before === undefined || !records.has(merge)) throw new StaleLook('a record was merged meanwhile');
  if (!(await stillShareKey(trx, keep, merge))) {
    await requestFurther(trx, scope, [keep, merge]);
    return null;
  }
  await lockAllOf(trx, [keep, merge]);
  await moveEverything(trx, keep, merge);
  await requestFurther(trx, scope, [keep]);
  await scope.faultPoint('during-merge');
  const after = await remerge(trx, before, policy);
  await updateRecords(trx, [{ id: keep, before, after }]);
  await insertChanges(trx, { accountId: scope.accountId, receivedAt: scope.now, cause: { kind: 'merge', record: merge } }, [{ record: after, fields: diffFields(before.canonical, after.canonical) }]);
  await choosePrimaryLinks(trx, [keep]);
  const raisedFor = await raiseAll(trx, scope.accountId, targets, after);
  if (before.dataType !== 'contacts') return raisedFor;
  const emails = [...records.values()].flatMap(({ canonical }) => (typeof canonical['email'] === 'string' ? [canonical['email']] : []));
  return [...new Set([...raisedFor, ...(await releaseSharedEmails(trx, scope.accountId, emails, [keep]))])];
}

/** A source of these records may have a key of a third one: that merge is asked for. */
async function requestFurther(trx: Trx, scope: MergeScope, records: readonly number[]): Promise<void> {
  await sql`
    insert into merge_request (account_id, data_type, keep_id, merge_id, reason)
    select distinct s.account_id, s.data_type, least(k.record_id, s.record_id), greatest(k.record_id, s.record_id), ${sharedKeyReason}
    from source_record s join match_key k on k.account_id = s.account_id and k.data_type = s.data_type and k.kind = s.match_kind and k.value = s.match_value
    where s.record_id = any(${arrays.int8(records)}) and k.record_id <> s.record_id and s.pinned_record_id is null and k.account_id = ${scope.accountId}
    on conflict (keep_id, merge_id) do update set state = 'pending', created_at = now()`.execute(trx);
}

/** Keys of both, in key order. They are named first and then joined: one condition for both ways to them would read all keys of the account. */
async function lockPair(trx: Trx, keep: number, merge: number): Promise<void> {
  await sql`
    select 1 from (select account_id, data_type, kind, scope, value from match_key where record_id in (${keep}, ${merge})
      union select account_id, data_type, match_kind, '', match_value from source_record where record_id in (${keep}, ${merge}) and match_value is not null offset 0) x
    join match_key k on k.account_id = x.account_id and k.data_type = x.data_type and k.kind = x.kind and k.scope = x.scope and k.value = x.value
    order by k.data_type, k.kind, k.scope, k.value collate "C" for update of k`.execute(trx);
}

/** A source record of one has a key that the other owns: the reason for the merge still holds. Pinned ones do not count. */
async function stillShareKey(trx: Trx, keep: number, merge: number): Promise<boolean> {
  const { rows } = await sql<{ shared: boolean }>`
    select exists (select 1 from source_record s join match_key k on k.account_id = s.account_id and k.data_type = s.data_type and k.kind = s.match_kind and k.value = s.match_value
      where s.record_id in (${keep}, ${merge}) and k.record_id in (${keep}, ${merge}) and k.record_id <> s.record_id and s.pinned_record_id is null) as shared`.execute(trx);
  return rows[0]?.shared ?? false;
}

function targetsOf({ exports, others = {} }: MergeScope, dataType: DataType): MergeTargets {
  return dataType === 'contacts' || dataType === 'activities' ? { exports } : (others[dataType] ?? { exports: [] });
}

async function remerge(trx: Trx, before: MergedRecord, policy: MergePolicy): Promise<MergedRecord> {
  const sources = await loadSourcesOf(trx, [before.id]);
  const events = await loadConsentEvents(trx, [before.id]);
  return { ...mergeSources(sources.map((s) => s.state), policy), id: before.id, dataType: before.dataType, consent: decideAll(events.get(before.id) ?? []), version: before.version + 1 };
}

async function raiseAll(trx: Trx, accountId: string, { exports }: MergeTargets, record: MergedRecord): Promise<string[]> {
  const withdrawn = Object.values(record.consent).some((permission) => permission.state === 'withdrawn');
  const raisedFor: string[] = [];
  for (const target of exports) {
    const raises = await raisesAt(trx, target, record, withdrawn ? 0 : 1);
    await raiseDeliveries(trx, { accountId, dataType: record.dataType }, target, raises);
    if (raises.length > 0) raisedFor.push(target.connectorId);
  }
  return raisedFor;
}

async function raisesAt(trx: Trx, target: ExportTarget, { id: recordId, dataType }: MergedRecord, lane: Raise['lane']): Promise<Raise[]> {
  const links = await trx.selectFrom('link').select(['external_id', 'is_primary']).where('record_id', '=', recordId).where('connector_id', '=', target.connectorId)
    .where('data_type', '=', dataType).where('gone_at', 'is', null).execute();
  if (links.length === 0) return target.createsContacts ? [{ recordId, target: '', lane }] : [];
  return links.map((link) => ({ recordId, target: link.external_id, lane }));
}
