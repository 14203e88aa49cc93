import { decideAll, type ConsentEvent } from '../../../domain/consent/ledger.ts';
import { mergeSources, type MergePolicy } from '../../../domain/merge/merge-record.ts';
import type { MergedRecord, SourceState } from '../../../domain/model/record.ts';
import type { Trx } from '../../database.ts';
import { loadConsentEvents, type StoredSource } from './load.ts';
import type { Look } from './look.ts';
import type { ApplyInput, WorkingRecord, WorkingSource } from './types.ts';

/** Merges again every record that a thing joined, left or changed. */
export async function recompute(trx: Trx, input: ApplyInput, look: Look, things: readonly WorkingSource[], siblings: readonly StoredSource[], policy: MergePolicy): Promise<WorkingRecord[]> {
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
  return [...dirty].map((id) => remerge(input.dataType, policy, id, look.records.get(id) ?? null, members.get(id) ?? [], events.get(id) ?? []));
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

function remerge(dataType: MergedRecord['dataType'], policy: MergePolicy, id: number, before: MergedRecord | null, members: readonly SourceState[], events: Parameters<typeof decideAll>[0]): WorkingRecord {
  const merged = mergeSources(members, policy);
  const after = { ...merged, id, dataType, consent: decideAll(events), version: (before?.version ?? 0) + 1 };
  return { id, before, after };
}
