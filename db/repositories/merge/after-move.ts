import { decideAll } from '../../../domain/consent/ledger.ts';
import { diffFields, mergeSources } from '../../../domain/merge/merge-record.ts';
import type { MergedRecord, SourceState } from '../../../domain/model/record.ts';
import type { Trx } from '../../database.ts';
import { loadConsentEvents, loadSourcesOf } from '../apply/load.ts';
import { choosePrimaryLinks } from '../apply/primary-links.ts';
import { linksAt, raiseDeliveries, type Raise } from '../apply/raise.ts';
import type { ApplyInput, ExportTarget, WorkingRecord } from '../apply/types.ts';
import { insertChanges, updateRecords } from '../apply/write.ts';
import { releaseSharedEmails } from '../deliver/shared-email.ts';
import { disownGrants } from './disown-grants.ts';
import type { RematchScope } from './rematch-look.ts';
import type { Move } from './rematch-work.ts';

/** Whose things were moved, and why. */
export interface MovedScope extends Pick<RematchScope, 'accountId' | 'reflecting' | 'exports' | 'now'> {
  /** Kept with every change; no personal data. */
  readonly cause: ApplyInput['cause'];
}

/**
 * Brings the records that things left or joined up to date, after the things were moved (`moveThings`): merged views, consent, change rows, primary
 * links, and deliveries. `before` has the records as they were; new ones are not in it. The caller holds all locks. Returns how many records
 * these are and which connectors have new work.
 */
export async function settleMoved(
  trx: Trx, scope: MovedScope, before: ReadonlyMap<number, MergedRecord>, moves: readonly Move[],
): Promise<{ readonly changed: number; readonly raisedFor: readonly string[] }> {
  const records = await disownGrants(trx, scope, await remerge(trx, before, moves), moves);
  await updateRecords(trx, records);
  const known = records.filter((record) => record.before !== null);
  await insertChanges(trx, { accountId: scope.accountId, receivedAt: scope.now, cause: scope.cause }, known.map((record) => ({ record: record.after, fields: diffFields(record.before?.canonical ?? {}, record.after.canonical) })));
  await choosePrimaryLinks(trx, records.map(({ id }) => id));
  const raisedFor = [...(await raiseAll(trx, scope, records)), ...(await releaseSharedEmails(trx, scope.accountId, givenUp(known), known.map(({ id }) => id)))];
  return { changed: records.length, raisedFor: [...new Set(raisedFor)] };
}

/** The merged views of the records that things left or joined, from what is stored by now. */
async function remerge(trx: Trx, before: ReadonlyMap<number, MergedRecord>, moves: readonly Move[]): Promise<WorkingRecord[]> {
  const ids = [...new Set(moves.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const members = new Map<number, SourceState[]>(ids.map((id) => [id, []]));
  for (const { recordId, state } of await loadSourcesOf(trx, ids)) members.get(recordId)?.push(state);
  const events = await loadConsentEvents(trx, ids);
  return ids.map((id) => {
    const known = before.get(id) ?? null;
    return { id, before: known, after: { ...mergeSources(members.get(id) ?? [], {}), id, dataType: 'contacts', consent: decideAll(events.get(id) ?? []), version: (known?.version ?? 0) + 1 } };
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
async function raiseAll(trx: Trx, scope: MovedScope, records: readonly WorkingRecord[]): Promise<string[]> {
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
