import { sql } from 'kysely';
import { decideAll } from '../../../domain/consent/ledger.ts';
import { diffFields, mergeSources } from '../../../domain/merge/merge-record.ts';
import type { SourceState } from '../../../domain/model/record.ts';
import { inAccount, type Db, type Trx } from '../../database.ts';
import { loadConsentEvents, loadSourcesOf } from '../apply/load.ts';
import { choosePrimaryLinks } from '../apply/primary-links.ts';
import { linksAt, raiseDeliveries, type Raise } from '../apply/raise.ts';
import type { ExportTarget, WorkingRecord } from '../apply/types.ts';
import { insertChanges, updateRecords } from '../apply/write.ts';
import { releaseSharedEmails } from '../deliver/shared-email.ts';
import { repeatOnConflict } from '../repeat-on-conflict.ts';
import { disownGrants } from './disown-grants.ts';
import { lockForRematch, preview, type LockedLook, type RematchScope } from './rematch-look.ts';
import { storeWork } from './rematch-store.ts';
import { isAtRest, workOut, type RematchWork } from './rematch-work.ts';

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
  const records = await disownGrants(trx, scope, await remerge(trx, look, work));
  await updateRecords(trx, records);
  const known = records.filter(({ before }) => before !== null);
  await insertChanges(trx, { accountId: scope.accountId, receivedAt: scope.now, cause: { kind: 'rematch', matching: scope.matching } }, known.map(({ before, after }) => ({ record: after, fields: diffFields(before?.canonical ?? {}, after.canonical) })));
  await choosePrimaryLinks(trx, records.map(({ id }) => id));
  const raisedFor = [...(await raiseAll(trx, scope, records)), ...(await releaseSharedEmails(trx, scope.accountId, givenUp(known)))];
  return { changed: records.length, mergesRequested: work.merges.length, raisedFor: [...new Set(raisedFor)] };
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

/** The merged views of the records that things left or joined, from what is stored by now. */
async function remerge(trx: Trx, look: LockedLook, { moves }: RematchWork): Promise<WorkingRecord[]> {
  const ids = [...new Set(moves.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const members = new Map<number, SourceState[]>(ids.map((id) => [id, []]));
  for (const { recordId, state } of await loadSourcesOf(trx, ids)) members.get(recordId)?.push(state);
  const events = await loadConsentEvents(trx, ids);
  return ids.map((id) => {
    const before = look.records.get(id) ?? null;
    return { id, before, after: { ...mergeSources(members.get(id) ?? [], {}), id, dataType: 'contacts', consent: decideAll(events.get(id) ?? []), version: (before?.version ?? 0) + 1 } };
  });
}

const emailOf = ({ canonical }: WorkingRecord['after']): string | null => (typeof canonical['email'] === 'string' ? canonical['email'] : null);

function givenUp(records: readonly WorkingRecord[]): string[] {
  return records.flatMap(({ before, after }) => {
    const email = before === null ? null : emailOf(before);
    return email !== null && email !== emailOf(after) ? [email] : [];
  });
}

/** What is to be told is worked out when it is sent: where nothing differs, no call follows. */
async function raiseAll(trx: Trx, scope: RematchScope, records: readonly WorkingRecord[]): Promise<string[]> {
  if (records.length === 0) return [];
  const raisedFor: string[] = [];
  for (const target of scope.exports) {
    const raises = await raisesAt(trx, target, records);
    await raiseDeliveries(trx, { accountId: scope.accountId, dataType: 'contacts' }, target, raises);
    if (raises.length > 0) raisedFor.push(target.connectorId);
  }
  return raisedFor;
}

async function raisesAt(trx: Trx, target: ExportTarget, records: readonly WorkingRecord[]): Promise<Raise[]> {
  const links = await linksAt(trx, target.connectorId, 'contacts', records.map(({ id }) => id));
  return records.flatMap(({ id, after }) => {
    const withdrawn = Object.values(after.consent).some(({ state }) => state === 'withdrawn');
    const lane = withdrawn ? 0 as const : 2 as const;
    const own = links.filter(({ recordId }) => recordId === id);
    if (own.length === 0) return target.createsContacts && !after.deleted ? [{ recordId: id, target: '', lane }] : [];
    return own.filter(({ isPrimary }) => target.targets === 'all-links' || isPrimary || withdrawn).map(({ externalId }) => ({ recordId: id, target: externalId, lane }));
  });
}
