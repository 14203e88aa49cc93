import { namesThings } from '../../../domain/model/named-things.ts';
import { diffFields } from '../../../domain/merge/merge-record.ts';
import { sql } from 'kysely';
import { inAccount, type Db, type Trx } from '../../database.ts';
import { raiseCartActions } from '../checkouts/raise-carts.ts';
import { resolveOutdated } from '../bounces/cases.ts';
import { releaseSharedEmails } from '../deliver/shared-email.ts';
import { HubError } from '../../../domain/errors.ts';
import { policyInForce } from '../default-source/in-force.ts';
import { mappingGeneration } from '../mapping/mapping-runs.ts';
import { heldAddress } from '../held-address.ts';
import { inOrder } from '../in-order.ts';
import { lockNamedThings, releaseGuests, releaseWaiting, storeNamedThings } from '../references/named-things.ts';
import { followPurchases } from '../purchases/follow-purchases.ts';
import { lockShop } from '../purchases/lock-shop.ts';
import { repeatOnConflict } from '../repeat-on-conflict.ts';
import { adoptAlternates, alternatePrefix } from './adopt-links.ts';
import { OverdueTurn, sumOf, type DeferredRows } from './deferred-rows.ts';
import { mergingKeyOf, mergingKindOf } from '../../../domain/identity/match-keys.ts';
import { judgeThing } from './judge.ts';
import { erasedThings } from './erased-things.ts';
import { differs } from './differs.ts';
import { dealWithGone } from './gone-records.ts';
import { assignKeys, forgetOvertaken, releaseKeys, type KeySpace } from './keys.ts';
import { loadSourcesOf, type StoredSource } from './load.ts';
import { lockEverything, type Look } from './look.ts';
import { Members } from './members.ts';
import { moveConsent } from './move-consent.ts';
import { choosePrimaryLinks } from './primary-links.ts';
import { raiseFor } from './raise-changes.ts';
import { recompute } from './recompute.ts';
import { resolveThing, type Resolution } from './resolve.ts';
import type { ApplyInput, ApplyResult, WorkingRecord, WorkingSource } from './types.ts';
import { setAsideSwitched } from './switched.ts';
import * as write from './write.ts';
import { storeLinks, storeSources } from './write-things.ts';

/** Said of rows that only a list sync may bring in. */
export const excludedReason = 'created only by a list sync';

/**
 * Applies one page in one transaction at READ COMMITTED (design §4.4): source records, merged records, consent, links, raised
 * deliveries and the page's progress, all or nothing. Idempotent: the same page twice changes nothing the second time.
 * Pages may run in parallel and in any order; deadlocks and lost races repeat within milliseconds. Rows that another page under way has to do with may
 * be put last (`deferred`). Throws MAPPING_CHANGED when the rows were read by another mapping than the connector has now.
 */
export async function applyPage(db: Db, input: ApplyInput): Promise<ApplyResult> {
  const apply = (deferred: DeferredRows | undefined) => repeatOnConflict(() => inAccount(db, input.accountId, (trx) => applyParts(trx, input, deferred)));
  try {
    return await apply(input.deferred);
  } catch (error) {
    if (input.deferred === undefined || !(error instanceof OverdueTurn)) throw error;
    await input.deferred.ended();
    return apply(undefined);
  }
}

/** The page, or first what no other page has to do with; then the progress. */
async function applyParts(trx: Trx, input: ApplyInput, deferred: DeferredRows | undefined): Promise<ApplyResult> {
  let result: ApplyResult;
  if (deferred === undefined) result = await applyIn(trx, input);
  else {
    const first = await applyIn(trx, { ...input, rows: input.rows.filter((row) => !deferred.has(row)) });
    await deferred.ready();
    result = sumOf(first, await applyIn(trx, { ...input, rows: input.rows.filter(deferred.has) }));
  }
  await input.progress?.(trx);
  await requireMapping(trx, input);
  return result;
}

async function applyIn(trx: Trx, page: ApplyInput): Promise<ApplyResult> {
  if (page.isNamed === true) await lockNamedThings(trx, page.accountId, 'shared');
  await lockShop(trx, page);
  const policy = await policyInForce(trx, page);
  const input = { ...page, rows: await adoptAlternates(trx, page, page.rows) };
  const space: KeySpace = { accountId: input.accountId, dataType: input.dataType, kind: mergingKindOf(input.dataType, input.matching) };
  const look = await lockEverything(trx, input, space);
  const restored = await setAsideSwitched(trx, input, look, alternatesOfNamed(page.rows));
  const erased = await erasedThings(trx, input);
  const things = [...look.groups].filter(([id]) => !erased.has(id)).map(([id, rows]) => judgeThing(input, rows, look.sources.get(id), look.links.get(id)));
  const siblings = (await loadSourcesOf(trx, [...look.records.keys()])).map((stored) => inKind(stored, input));
  const resolution = await resolveAll(trx, input, look, things, siblings);
  const kept = things.filter((thing) => thing.recordId !== 0);
  const records = await recompute(trx, input, look, kept, siblings, policy);
  const changed = new Map(records.filter(differs).map((r) => [r.id, r]));
  await store(trx, input, space, look, kept, [...changed.values()], resolution);
  const raisedFor = [...(await raiseFor(trx, input, look, kept, records, changed)), ...(await dealWithGone(trx, input, kept, siblings))];
  const freed = input.dataType === 'contacts' ? await followContacts(trx, input, look, things, [...changed.values()]) : [];
  const purchasers = await followPurchases(trx, input, kept);
  const told = await raiseCartActions(trx, input, kept);
  const released = input.isNamed === true ? await releaseWaiting(trx, input, kept) : [];
  return {
    created: resolution.created.size, changed: changed.size - resolution.created.size, unchanged: kept.filter((t) => !t.stateChanged).length,
    excluded: resolution.excluded.length + erased.size, mergesRequested: resolution.merges.length, raisedFor: [...new Set([...raisedFor, ...freed, ...purchasers, ...told, ...released, ...restored])],
    recheck: things.filter((t) => t.recheck).map((t) => t.externalId),
  };
}

/** What else follows from contacts that changed: bounces of addresses that are gone, and whoever waits for one. Returns the connectors with work. */
async function followContacts(trx: Trx, input: ApplyInput, look: Look, things: readonly WorkingSource[], changed: readonly WorkingRecord[]): Promise<readonly string[]> {
  const kept = things.filter((thing) => thing.recordId !== 0);
  await resolveOutdated(trx, [...recordsOfOtherLinks(kept), ...changed.filter(lostAddress).map((r) => r.id)]);
  const guests = input.isNamed === true ? await releaseGuests(trx, changed.filter(gotAddress).map((r) => r.id)) : [];
  const freed = await releaseSharedEmails(trx, input.accountId, [...givenUp(changed), ...givenUpThere(input, look, things)], [...recordsOfOtherLinks(things), ...withOtherEmail(changed)]);
  return [...guests, ...freed];
}

/** The platform's own ids of things that came with an id of ours. */
function alternatesOfNamed(rows: ApplyInput['rows']): ReadonlySet<string> {
  return new Set(rows.flatMap(({ externalId, alternateId }) => (alternateId === undefined || externalId.startsWith(alternatePrefix) ? [] : [alternateId])));
}

/** Rows that were read by another mapping than the one in force are not stored: their records may have been brought in line with it already. */
async function requireMapping(trx: Trx, { connectorId, mappingGeneration: generation }: ApplyInput): Promise<void> {
  if (generation === undefined || (await mappingGeneration(trx, connectorId, true)) === generation) return;
  throw new HubError('MAPPING_CHANGED', undefined, { connectorId });
}

/** A source that is not matched anew yet goes by the key that it will have. */
function inKind(stored: StoredSource, { dataType, matching }: ApplyInput): StoredSource {
  return stored.matchKind === mergingKindOf(dataType, matching) || stored.matchKind === null ? stored : { ...stored, matchValue: mergingKeyOf(dataType, stored.state.canonical, matching) };
}

async function resolveAll(trx: Trx, input: ApplyInput, look: Look, things: WorkingSource[], siblings: readonly StoredSource[]): Promise<Resolution> {
  const recordOf = (id: string) => look.sources.get(id)?.recordId ?? look.links.get(id)?.recordId ?? null;
  const ids = await newIds(trx, things.filter((t) => t.newKey === null || (look.owners.get(t.newKey) ?? null) === null || look.owners.get(t.newKey) !== recordOf(t.externalId)).length);
  const unused = new Map(look.reserved);
  const reservedFor = (key: string | null): number | undefined => {
    const id = key === null ? undefined : unused.get(key);
    if (key !== null) unused.delete(key);
    return id;
  };
  const members = new Members({ connectorId: input.connectorId, things, siblings, reflecting: input.reflecting, recordOf });
  const resolution: Resolution = {
    owners: new Map(look.owners), members, taken: new Map(), released: [], created: new Set(), excluded: [], merges: [], nextId: (key) => reservedFor(key) ?? ids.pop() ?? fail('no record id left'),
  };
  for (const thing of things) resolveThing(input, thing, look.sources.get(thing.externalId), look.links.get(thing.externalId), resolution);
  return resolution;
}

async function newIds(trx: Trx, count: number): Promise<number[]> {
  if (count === 0) return [];
  const { rows } = await sql<{ id: number }>`select nextval('record_id_seq') as id from generate_series(1, ${count})`.execute(trx);
  return rows.map((row) => row.id).reverse();
}

function fail(message: string): never {
  throw new Error(message);
}

/** The order of the statements is that of their locks and of what they rely on. */
async function store(
  trx: Trx, input: ApplyInput, space: KeySpace, look: Look, things: readonly WorkingSource[], changed: readonly WorkingRecord[], { taken, released, merges, excluded }: Resolution,
): Promise<void> {
  const known = changed.filter((r) => r.before !== null);
  await inOrder([
    write.insertRecords(trx, input.accountId, input.dataType, changed.filter((r) => r.before === null)),
    write.updateRecords(trx, known),
    assignKeys(trx, space, new Map([...taken].filter(([key, record]) => look.reserved.get(key) !== record))),
    write.insertChanges(trx, input, known.map((r) => ({ record: r.after, fields: diffFields(r.before?.canonical ?? {}, r.after.canonical) }))),
    storeSources(trx, input, things.filter((t) => t.stateChanged || t.leaves !== null || t.newKey !== (look.sources.get(t.externalId)?.matchValue ?? null))),
    forgetOvertaken(trx, space, input.reflecting, released.filter((r) => r.overtaken)),
    write.insertMergeRequests(trx, input, merges),
    releaseKeys(trx, space, [...released.map((r) => r.key), ...[...look.owners].flatMap(([key, owner]) => (owner === null && !taken.has(key) ? [key] : []))]),
    storeLinks(trx, input, things.filter((t) => t.memoryChanged || t.leaves !== null)),
    choosePrimaryLinks(trx, [...recordsOfOtherLinks(things), ...withOtherEmail(known)]),
    write.dropLeftDeliveries(trx, input, things),
    ...things.filter((t) => t.leaves !== null).map((thing) => moveConsent(trx, input, thing)),
    write.insertConsentEvents(trx, input.accountId, things),
    write.forgetExcluded(trx, input, things.filter((t) => !look.links.has(t.externalId)).map((t) => t.externalId)),
    ...(namesThings(input.dataType) ? [storeNamedThings(trx, input, things)] : []),
    write.resolveRejected(trx, input, things.map((t) => t.externalId)),
    write.insertExcluded(trx, input, excluded, excludedReason),
  ]);
}

/** Records that were there with another address, or are deleted by now. */
function withOtherEmail(records: readonly WorkingRecord[]): number[] {
  return records.filter(({ before, after }) => before !== null && (before.canonical['email'] !== after.canonical['email'] || before.deleted !== after.deleted)).map(({ id }) => id);
}

/** Addresses that a record had before this page and has no more. */
function givenUp(records: readonly WorkingRecord[]): string[] {
  return records.filter(lostAddress).map(({ before }) => String(before?.canonical['email']));
}

const gotAddress = ({ before, after }: WorkingRecord): boolean => typeof after.canonical['email'] === 'string' && after.canonical['email'] !== before?.canonical['email'];

function lostAddress({ before, after }: WorkingRecord): boolean {
  const email = before?.canonical['email'];
  return typeof email === 'string' && (email !== after.canonical['email'] || after.deleted);
}

/** Addresses of things at the page's connector that are not what they were: whoever waits for one may have it now. */
function givenUpThere({ addressKey }: ApplyInput, look: Look, things: readonly WorkingSource[]): string[] {
  if (addressKey === undefined) return [];
  return things.flatMap(({ externalId, memory, newKey, state }) => {
    const address = heldAddress(look.links.get(externalId)?.memory.held ?? {}, addressKey);
    const isSame = state?.deleted !== true && newKey === (look.sources.get(externalId)?.matchValue ?? null) && address === heldAddress(memory.held, addressKey);
    return address === null || isSame ? [] : [address];
  });
}

/** Records with links that are there, or gone, only since this page. */
function recordsOfOtherLinks(things: readonly WorkingSource[]): number[] {
  const moved = things.flatMap((t) => (t.leaves === null ? [] : [t.leaves, t.recordId]));
  const goneOrBack = things.filter((t) => (t.previous?.deleted ?? false) !== (t.state?.deleted ?? false)).map((t) => t.recordId);
  return [...twiceLinked(things), ...moved, ...goneOrBack];
}

/** Records of which several things are on this page. */
function twiceLinked(things: readonly WorkingSource[]): number[] {
  const seen = new Set<number>();
  const twice = new Set<number>();
  for (const { recordId } of things) (seen.has(recordId) ? twice : seen).add(recordId);
  return [...twice];
}
