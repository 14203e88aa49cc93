import { sql } from 'kysely';
import { decideAll, type ConsentEvent } from '../../../domain/consent/ledger.ts';
import { mergeSources, diffFields } from '../../../domain/merge/merge-record.ts';
import { areSameFields } from '../../../domain/model/same-value.ts';
import type { MergedRecord, SourceState } from '../../../domain/model/record.ts';
import { arrays } from '../../binary-arrays.ts';
import { inAccount, type Db, type Trx } from '../../database.ts';
import { keyedIds } from '../by-key.ts';
import { releaseSharedEmails } from '../deliver/shared-email.ts';
import { repeatOnConflict, StaleLook } from '../repeat-on-conflict.ts';
import { adoptAlternates, alternatePrefix, namesOfAlternates } from './adopt-links.ts';
import { groupRows, judgeThing, mergingKeyOf } from './judge.ts';
import { assignKeys, lockKeys, releaseKeys, type KeySpace } from './keys.ts';
import { choosePrimaryLinks } from './primary-links.ts';
import { linksAt, raiseDeliveries, type Raise } from './raise.ts';
import { loadConsentEvents, loadSourcesOf, lockLinks, lockRecords, lockSources, type StoredLink, type StoredSource } from './load.ts';
import { moveConsent } from './move-consent.ts';
import { releaseActivities } from './release-activities.ts';
import { resolveThing, type Resolution } from './resolve.ts';
import type { ApplyInput, ApplyResult, WorkingRecord, WorkingSource } from './types.ts';
import * as write from './write.ts';

/** Said of rows that only a list sync may bring in. */
export const excludedReason = 'created only by a list sync';

/**
 * Applies one page in one transaction at READ COMMITTED (design §4.4): source records, merged records, consent, links, raised
 * deliveries and the page's progress, all or nothing. Idempotent: the same page twice changes nothing the second time.
 * Pages may run in parallel and in any order; deadlocks and lost races repeat within milliseconds.
 */
export async function applyPage(db: Db, input: ApplyInput): Promise<ApplyResult> {
  return repeatOnConflict(() => inAccount(db, input.accountId, (trx) => applyIn(trx, input)));
}

interface Look {
  readonly groups: Map<string, ApplyInput['rows'][number][]>;
  readonly sources: Map<string, StoredSource>;
  readonly links: Map<string, StoredLink>;
  readonly owners: Map<string, number | null>;
  readonly records: Map<number, MergedRecord>;
}

async function applyIn(trx: Trx, page: ApplyInput): Promise<ApplyResult> {
  const input = { ...page, rows: await adoptAlternates(trx, page, page.rows) };
  const space: KeySpace = { accountId: input.accountId, dataType: input.dataType, kind: input.matching };
  const look = await lockEverything(trx, input, space);
  const things = [...look.groups].map(([id, rows]) => judgeThing(input, rows, look.sources.get(id), look.links.get(id)));
  const siblings = await loadSourcesOf(trx, [...look.records.keys()]);
  const resolution = await resolveAll(trx, input, look, things, siblings);
  const kept = things.filter((thing) => thing.recordId !== 0);
  const records = await recompute(trx, input, look, kept, siblings);
  await store(trx, input, space, look, kept, records, resolution);
  const raisedFor = await raiseFor(trx, input, look, kept, records);
  await input.progress?.(trx);
  const changed = records.filter((r) => r.before !== null && differs(r)).length;
  const freed = await releaseSharedEmails(trx, input.accountId, givenUp(records));
  return {
    created: resolution.created.size, changed, unchanged: kept.length - kept.filter((t) => t.stateChanged).length, excluded: resolution.excluded.length,
    mergesRequested: resolution.merges.length, raisedFor: [...new Set([...raisedFor, ...freed])], recheck: things.filter((t) => t.recheck).map((t) => t.externalId),
  };
}

/** Takes all locks in the fixed order: keys, records, source records, deliveries, links. */
async function lockEverything(trx: Trx, input: ApplyInput, space: KeySpace): Promise<Look> {
  const groups = groupRows(input.rows);
  const ids = [...groups.keys()];
  const seen = await preview(trx, input, ids);
  const keys = [...groups.values()].flat().map((row) => mergingKeyOf(row.canonical, input.matching));
  const wanted = [...keys, ...seen.map((row) => row.match_value)].filter((key): key is string => key !== null);
  const owners = await lockKeys(trx, space, wanted);
  const known = [...owners.values(), ...seen.flatMap((row) => [row.record_id, row.link_record_id])].filter((id): id is number => id !== null);
  const recordIds = [...new Set(known)].sort((a, b) => a - b);
  const records = await lockRecords(trx, recordIds);
  if (records.size !== recordIds.length) throw new StaleLook('a record was merged meanwhile');
  const sources = await lockSources(trx, input.connectorId, input.dataType, ids);
  for (const stored of sources.values()) if (!records.has(stored.recordId)) throw new StaleLook('a source record moved meanwhile');
  if (recordIds.length > 0) {
    await sql`select 1 from delivery where record_id = any(${arrays.int8(recordIds)}) order by record_id, connector_id, data_type, target for update`.execute(trx);
  }
  const links = await lockLinks(trx, input.connectorId, input.dataType, ids);
  for (const link of links.values()) if (!records.has(link.recordId)) throw new StaleLook('a link moved meanwhile');
  if ((await namesOfAlternates(trx, input, input.rows)).size > 0) throw new StaleLook('a thing got its id meanwhile');
  return { groups, sources, links, owners, records };
}

async function preview(trx: Trx, input: ApplyInput, ids: readonly string[]) {
  const { rows } = await sql<{ record_id: number | null; match_value: string | null; link_record_id: number | null }>`
    select s.record_id, s.match_value, l.record_id as link_record_id from ${keyedIds(input, ids)}
    left join source_record s on s.external_id = x.external_id and s.connector_id = x.connector_id and s.data_type = x.data_type
    left join link l on l.external_id = x.external_id and l.connector_id = x.connector_id and l.data_type = x.data_type
    where s.record_id is not null or l.record_id is not null`.execute(trx);
  return rows;
}

async function resolveAll(trx: Trx, input: ApplyInput, look: Look, things: WorkingSource[], siblings: readonly StoredSource[]): Promise<Resolution> {
  const ids = await newIds(trx, things.filter((t) => look.sources.get(t.externalId)?.matchValue !== t.newKey || t.newKey === null).length);
  const resolution: Resolution = {
    owners: new Map(look.owners), taken: new Map(), released: new Set(), created: new Set(), excluded: [], merges: [],
    nextId: () => ids.pop() ?? fail('no record id left'),
  };
  const shares = (stored: StoredSource) => siblings.some((s) => s.recordId === stored.recordId && s.matchValue === stored.matchValue && stored.matchValue !== null
    && !s.state.deleted && !input.reflecting.has(s.state.connectorId)
    && !(s.state.connectorId === stored.state.connectorId && s.state.externalId === stored.state.externalId));
  for (const thing of things) resolveThing(input, thing, look.sources.get(thing.externalId), look.links.get(thing.externalId), shares, resolution);
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

/** Merges again every record that a thing joined, left or changed. */
async function recompute(trx: Trx, input: ApplyInput, look: Look, things: readonly WorkingSource[], siblings: readonly StoredSource[]): Promise<WorkingRecord[]> {
  const dirty = new Set<number>();
  for (const thing of things) {
    const moved = (look.sources.get(thing.externalId)?.recordId ?? look.links.get(thing.externalId)?.recordId ?? null) !== thing.recordId;
    if (moved || thing.stateChanged || thing.statements.length > 0) dirty.add(thing.recordId);
    if (thing.leaves !== null) dirty.add(thing.leaves);
  }
  const own = new Set(things.map((t) => t.externalId));
  const members = new Map<number, SourceState[]>();
  const add = (id: number, state: SourceState) => members.set(id, [...(members.get(id) ?? []), state]);
  for (const s of siblings) if (!(s.state.connectorId === input.connectorId && own.has(s.state.externalId))) add(s.recordId, s.state);
  for (const thing of things) if (thing.state !== null) add(thing.recordId, thing.state);
  const events = await ledgerOf(trx, input, look, things, dirty);
  return [...dirty].map((id) => remerge(id, look.records.get(id) ?? null, members.get(id) ?? [], events.get(id) ?? []));
}

type Events = Awaited<ReturnType<typeof loadConsentEvents>>;

/** The ledger of the dirty records as it will be after this page. Records without new statements keep what was decided. */
async function ledgerOf(trx: Trx, input: ApplyInput, look: Look, things: readonly WorkingSource[], dirty: ReadonlySet<number>): Promise<Events> {
  const events = await loadConsentEvents(trx, [...dirty].filter((id) => look.records.has(id)));
  for (const thing of things) if (thing.leaves !== null) shareLedger(events, input, thing, thing.leaves);
  for (const thing of things) {
    if (thing.statements.length > 0) events.set(thing.recordId, withStatements(events.get(thing.recordId) ?? [], thing.statements));
  }
  return events;
}

/** A statement that is in the ledger already stays as it was received first. */
function withStatements(known: readonly ConsentEvent[], said: readonly ConsentEvent[]): ConsentEvent[] {
  const isSame = (a: ConsentEvent, b: ConsentEvent) => a.at === b.at && a.granted === b.granted && a.permission === b.permission
    && a.externalId === b.externalId && a.connectorId === b.connectorId;
  return [...known, ...said.filter((event, i) => !known.some((other) => isSame(other, event)) && said.findIndex((other) => isSame(other, event)) === i)];
}

/** What `moveConsent` will do in the database, for the decision of this page. */
function shareLedger(events: Events, input: ApplyInput, thing: WorkingSource, leaves: number): void {
  const there = events.get(leaves) ?? [];
  const isOwn = (e: (typeof there)[number]) => e.connectorId === input.connectorId && e.externalId === thing.externalId;
  events.set(leaves, there.filter((e) => !(e.granted && isOwn(e))));
  events.set(thing.recordId, [...(events.get(thing.recordId) ?? []), ...there.filter((e) => !e.granted || isOwn(e))]);
}

function remerge(id: number, before: MergedRecord | null, members: readonly SourceState[], events: Parameters<typeof decideAll>[0]): WorkingRecord {
  const merged = mergeSources(members, {});
  const after = { ...merged, id, dataType: 'contacts' as const, consent: decideAll(events), version: (before?.version ?? 0) + 1 };
  return { id, before, after };
}

const sameJson = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

async function store(
  trx: Trx, input: ApplyInput, space: KeySpace, look: Look, things: readonly WorkingSource[], records: WorkingRecord[], resolution: Resolution,
): Promise<void> {
  const fresh = records.filter((r) => r.before === null);
  const old = records.filter((r) => r.before !== null);
  const changed = old.filter((r) => differs(r));
  await write.insertRecords(trx, input.accountId, input.dataType, fresh);
  await write.updateRecords(trx, changed);
  await assignKeys(trx, space, resolution.taken);
  await write.insertChanges(trx, input, changed.map((r) => ({ record: r.after, fields: diffFields(r.before?.canonical ?? {}, r.after.canonical) })));
  await write.upsertSources(trx, input, things.filter((t) => t.stateChanged || t.leaves !== null));
  await releaseKeys(trx, space, [...resolution.released]);
  await write.upsertLinks(trx, input, things.filter((t) => t.memoryChanged || t.leaves !== null));
  await choosePrimaryLinks(trx, [...twiceLinked(things), ...changed.filter((r) => r.before?.canonical['email'] !== r.after.canonical['email']).map((r) => r.id)]);
  await write.dropLeftDeliveries(trx, input, things);
  for (const thing of things) await moveConsent(trx, input, thing);
  await write.insertConsentEvents(trx, input.accountId, things);
  await write.insertMergeRequests(trx, input, resolution.merges);
  await write.forgetExcluded(trx, input, things.filter((t) => !look.links.has(t.externalId)).map((t) => t.externalId));
  await write.resolveRejected(trx, input, things.map((t) => t.externalId));
  await write.insertExcluded(trx, input, resolution.excluded, excludedReason);
}

/** Addresses that a record had before this page and has no more. */
function givenUp(records: readonly WorkingRecord[]): string[] {
  return records.flatMap(({ before, after }) => {
    const email = before?.canonical['email'];
    return typeof email === 'string' && (email !== after.canonical['email'] || after.deleted) ? [email] : [];
  });
}

/** Records of which several things are on this page. */
function twiceLinked(things: readonly WorkingSource[]): number[] {
  const seen = new Set<number>();
  const twice = new Set<number>();
  for (const { recordId } of things) (seen.has(recordId) ? twice : seen).add(recordId);
  return [...twice];
}

function differs(r: WorkingRecord): boolean {
  return r.before === null || !sameJson(r.before.canonical, r.after.canonical) || !sameJson(r.before.consent, r.after.consent)
    || !sameJson(r.before.provenance, r.after.provenance) || r.before.deleted !== r.after.deleted;
}

async function raiseFor(trx: Trx, input: ApplyInput, look: Look, things: readonly WorkingSource[], records: readonly WorkingRecord[]): Promise<string[]> {
  const changed = new Map(records.filter(differs).map((r) => [r.id, r]));
  await releaseActivities(trx, input, things.filter((t) => !look.links.has(t.externalId)).map((t) => t.externalId));
  const raisedFor: string[] = [];
  for (const target of input.exports) {
    const raises = await raisesAt(trx, input, target, look, things, records, changed);
    await raiseDeliveries(trx, input, target, raises);
    if (raises.length > 0) raisedFor.push(target.connectorId);
  }
  return raisedFor;
}

async function raisesAt(
  trx: Trx, input: ApplyInput, target: ApplyInput['exports'][number], look: Look, things: readonly WorkingSource[], records: readonly WorkingRecord[],
  changed: ReadonlyMap<number, WorkingRecord>,
): Promise<Raise[]> {
  const lane = (r: WorkingRecord): Raise['lane'] => (withdrew(r) ? 0 : input.urgency === 'live' ? 1 : 2);
  const byId = new Map(records.map((r) => [r.id, r]));
  const own = target.connectorId === input.connectorId;
  const ownIds = new Set(own ? things.map((t) => t.externalId) : []);
  const raises: Raise[] = [];
  if (own) {
    for (const thing of things) {
      const record = byId.get(thing.recordId);
      if (record === undefined || thing.state?.deleted === true || !(changed.has(record.id) || drifted(look, thing))) continue;
      if (target.hasWork(record.after, thing.memory)) raises.push({ recordId: thing.recordId, target: thing.externalId, lane: lane(record) });
    }
  }
  const joined = own ? new Set<number>() : joinedRecords(look, things, byId);
  const oldIds = [...new Set([...[...changed.values()].filter((r) => r.before !== null || own).map((r) => r.id), ...joined])];
  const links = oldIds.length === 0 ? [] : await linksAt(trx, target.connectorId, input.dataType, oldIds);
  const linked = new Set(links.map((l) => l.recordId));
  for (const link of links) {
    const record = changed.get(link.recordId) ?? (joined.has(link.recordId) && link.externalId.startsWith(alternatePrefix) ? byId.get(link.recordId) : undefined);
    if (record && !ownIds.has(link.externalId) && (target.targets === 'all-links' || link.isPrimary || withdrew(record))) raises.push({ recordId: link.recordId, target: link.externalId, lane: lane(record) });
  }
  if (target.createsContacts) {
    for (const r of changed.values()) if (!linked.has(r.id) && !(own && things.some((t) => t.recordId === r.id))) raises.push({ recordId: r.id, target: '', lane: lane(r) });
  }
  return raises;
}

/** Records that a thing of this page joined: a destination's thing without an id of ours gets one now, although nothing else may differ. */
function joinedRecords(look: Look, things: readonly WorkingSource[], records: ReadonlyMap<number, WorkingRecord>): ReadonlySet<number> {
  const joined = things.filter((t) => look.links.get(t.externalId)?.recordId !== t.recordId).map((t) => t.recordId);
  return new Set(joined.filter((id) => (records.get(id)?.before ?? null) !== null));
}

/** The platform holds something else than it was known to: what differs is to be put right. A read that shows the same raises nothing again. */
function drifted(look: Look, thing: WorkingSource): boolean {
  const known = look.links.get(thing.externalId);
  return known === undefined || known.recordId !== thing.recordId || !areSameFields(known.memory.held, thing.memory.held);
}

function withdrew(r: WorkingRecord): boolean {
  return Object.entries(r.after.consent).some(([name, now]) => now.state === 'withdrawn' && r.before?.consent[name]?.state !== 'withdrawn' && r.before !== null);
}
