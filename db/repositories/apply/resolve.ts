import { decideMembership } from '../../../domain/identity/membership.ts';
import type { StoredLink, StoredSource } from './load.ts';
import { nameOf, type Members } from './members.ts';
import type { ApplyInput, WorkingSource } from './types.ts';

/** A key that a record gave up. */
export interface ReleasedKey {
  readonly record: number;
  readonly key: string;
  /**
   * The last prospect that went by it has another one now: what a contact at a reflecting platform, or a source that is gone, once
   * said of it does not keep it.
   */
  readonly overtaken: boolean;
}

/** What membership decisions are made from and what they lead to. Filled in the order of the rows. */
export interface Resolution {
  /** Owner of each locked key; changes as records take keys and give them up. */
  readonly owners: Map<string, number | null>;
  readonly members: Members;
  /** Keys that records take in this page. */
  readonly taken: Map<string, number>;
  readonly released: ReleasedKey[];
  readonly created: Set<number>;
  readonly excluded: string[];
  /** Each pair once. */
  readonly merges: { keep: number; merge: number; reason: string }[];
  /** The id of a record to be made for whoever has the key. */
  readonly nextId: (key: string | null) => number;
}

/** Gives a thing its record. False when it is excluded: only a list sync may create it. */
export function resolveThing(input: ApplyInput, thing: WorkingSource, stored: StoredSource | undefined, link: StoredLink | undefined, r: Resolution): boolean {
  const current = stored?.recordId ?? link?.recordId ?? null;
  const oldKey = stored?.matchValue ?? null;
  const name = nameOf(input.connectorId, thing.externalId);
  const reflecting = input.reflecting.has(input.connectorId);
  const decision = decideMembership({
    current, pinned: stored?.pinned ?? null, oldKey, newKey: thing.newKey, keyOwner: thing.newKey === null ? null : (r.owners.get(thing.newKey) ?? null),
    reflecting, othersHaveAnotherKey: current !== null && r.members.hasOtherKey(current, thing.newKey, name), mayCreate: input.mayCreate,
  });
  if (decision.kind === 'excluded') {
    r.excluded.push(thing.externalId);
    return false;
  }
  if (decision.kind === 'leave') thing.leaves = decision.from;
  thing.recordId = recordFor(decision, thing, r);
  if (thing.state?.deleted === false) r.members.move(name, { key: thing.newKey, reflecting }, current, thing.recordId);
  if (current !== null && oldKey !== null && (oldKey !== thing.newKey || thing.leaves !== null)) release(current, oldKey, !reflecting, r);
  return true;
}

type Taken = Exclude<ReturnType<typeof decideMembership>, { kind: 'excluded' }>;

function recordFor(decision: Taken, thing: WorkingSource, r: Resolution): number {
  switch (decision.kind) {
    case 'create': return createFor(thing, r);
    case 'attach': return decision.record;
    case 'leave': return decision.to ?? createFor(thing, r);
    case 'stay':
      if (decision.takesKey && thing.newKey !== null) take(thing.newKey, decision.record, r);
      if (decision.mergeWith !== undefined) requestMerge(decision.record, decision.mergeWith, r);
      return decision.record;
  }
}

function createFor(thing: WorkingSource, r: Resolution): number {
  const id = r.nextId(thing.newKey);
  r.created.add(id);
  if (thing.newKey !== null) take(thing.newKey, id, r);
  return id;
}

function take(key: string, record: number, r: Resolution): void {
  r.owners.set(key, record);
  r.taken.set(key, record);
}

/** Nobody of the record goes by the key any more: who comes with it next is somebody else, unless a record that was to be merged with this one has it for good. */
function release(record: number, key: string, overtaken: boolean, r: Resolution): void {
  if (r.members.hasKey(record, key, !overtaken)) return;
  r.released.push({ record, key, overtaken });
  if (r.owners.get(key) !== record) return;
  const heir = r.merges.map(({ keep, merge }) => (keep === record ? merge : merge === record ? keep : null)).find((other) => other !== null && r.members.keepsKey(other, key));
  if (heir === undefined || heir === null) r.owners.set(key, null);
  else take(key, heir, r);
}

/** Why two records are merged. */
export const sharedKeyReason = 'both have the same merging key';

function requestMerge(a: number, b: number, r: Resolution): void {
  const [keep, merge] = [Math.min(a, b), Math.max(a, b)];
  if (r.merges.some((asked) => asked.keep === keep && asked.merge === merge)) return;
  r.merges.push({ keep, merge, reason: sharedKeyReason });
}
