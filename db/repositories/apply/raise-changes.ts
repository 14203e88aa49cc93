import { areSameFields } from '../../../domain/model/same-value.ts';
import type { Trx } from '../../database.ts';
import { alternatePrefix } from './adopt-links.ts';
import { deliveryName, type Look } from './look.ts';
import { linksAt, raiseDeliveries, type Raise } from './raise.ts';
import { releaseActivities } from './release-activities.ts';
import type { ApplyInput, WorkingRecord, WorkingSource } from './types.ts';

/** Raises what a page has changed: deliveries at every export connector, and activities that waited for a contact. Returns the connectors with work. */
export async function raiseFor(
  trx: Trx, input: ApplyInput, look: Look, things: readonly WorkingSource[], records: readonly WorkingRecord[], changed: ReadonlyMap<number, WorkingRecord>,
): Promise<string[]> {
  if (input.dataType === 'contacts') await releaseActivities(trx, input, things.filter((t) => !look.links.has(t.externalId)).map((t) => t.externalId));
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
  const ownRecords = new Set(own ? things.map((t) => t.recordId) : []);
  const raises: Raise[] = [];
  if (own) {
    for (const thing of things) {
      const record = byId.get(thing.recordId);
      if (record === undefined || thing.state?.deleted === true || !(changed.has(record.id) || drifted(look, thing))) continue;
      if (target.hasWork(record.after, thing.memory) || isBeingSent(look, thing)) raises.push({ recordId: thing.recordId, target: thing.externalId, lane: lane(record) });
    }
  }
  const joined = own ? new Set<number>() : joinedRecords(look, things, byId);
  const oldIds = [...new Set([...[...changed.values()].filter((r) => r.before !== null).map((r) => r.id), ...joined])];
  const links = oldIds.length === 0 ? [] : await linksAt(trx, target.connectorId, input.dataType, oldIds);
  const linked = new Set(links.map((l) => l.recordId));
  for (const link of links) {
    const record = changed.get(link.recordId) ?? (joined.has(link.recordId) && link.externalId.startsWith(alternatePrefix) ? byId.get(link.recordId) : undefined);
    if (record && !ownIds.has(link.externalId) && (target.targets === 'all-links' || link.isPrimary || withdrew(record))) raises.push({ recordId: link.recordId, target: link.externalId, lane: lane(record) });
  }
  if (target.createsContacts) {
    for (const r of changed.values()) if (!linked.has(r.id) && !ownRecords.has(r.id)) raises.push({ recordId: r.id, target: '', lane: lane(r) });
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

/** What was planned from the record as it was may be about to leave: what it holds after that is not known yet. */
function isBeingSent(look: Look, { recordId, externalId }: WorkingSource): boolean {
  return look.pending.has(deliveryName(recordId, externalId)) || look.pending.has(deliveryName(recordId, ''));
}

function withdrew(r: WorkingRecord): boolean {
  return Object.entries(r.after.consent).some(([name, now]) => now.state === 'withdrawn' && r.before?.consent[name]?.state !== 'withdrawn' && r.before !== null);
}
