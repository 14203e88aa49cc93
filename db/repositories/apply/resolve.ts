import { decideMembership } from '../../../domain/identity/membership.ts';
import type { StoredLink, StoredSource } from './load.ts';
import type { ApplyInput, WorkingSource } from './types.ts';

/** What membership decisions are made from and what they lead to. Filled in the order of the rows. */
export interface Resolution {
  /** Owner of each locked key; changes as records take keys. */
  readonly owners: Map<string, number | null>;
  /** Keys that records take in this page. */
  readonly taken: Map<string, number>;
  /** Keys that may have lost their last user. */
  readonly released: Set<string>;
  readonly created: Set<number>;
  readonly excluded: string[];
  readonly merges: { keep: number; merge: number; reason: string }[];
  readonly nextId: () => number;
}

/** Gives a thing its record. False when it is excluded: only a list sync may create it. */
export function resolveThing(
  input: ApplyInput, thing: WorkingSource, stored: StoredSource | undefined, link: StoredLink | undefined,
  sharesOldKey: (stored: StoredSource) => boolean, r: Resolution,
): boolean {
  const current = stored?.recordId ?? link?.recordId ?? null;
  const oldKey = stored?.matchValue ?? null;
  const decision = decideMembership({
    current, pinned: stored?.pinned ?? null, oldKey, newKey: thing.newKey, keyOwner: thing.newKey === null ? null : (r.owners.get(thing.newKey) ?? null),
    reflecting: input.reflecting.has(input.connectorId), othersShareOldKey: stored !== undefined && sharesOldKey(stored), mayCreate: input.mayCreate,
  });
  if (oldKey !== null && oldKey !== thing.newKey) r.released.add(oldKey);
  switch (decision.kind) {
    case 'excluded':
      r.excluded.push(thing.externalId);
      return false;
    case 'create':
      thing.recordId = createFor(thing, r);
      return true;
    case 'attach':
      thing.recordId = decision.record;
      return true;
    case 'leave':
      thing.leaves = decision.from;
      thing.recordId = decision.to ?? createFor(thing, r);
      return true;
    case 'stay':
      thing.recordId = decision.record;
      if (decision.takesKey && thing.newKey !== null) take(thing.newKey, decision.record, r);
      if (decision.mergeWith !== undefined) requestMerge(decision.record, decision.mergeWith, r);
      return true;
  }
}

function createFor(thing: WorkingSource, r: Resolution): number {
  const id = r.nextId();
  r.created.add(id);
  if (thing.newKey !== null) take(thing.newKey, id, r);
  return id;
}

function take(key: string, record: number, r: Resolution): void {
  r.owners.set(key, record);
  r.taken.set(key, record);
}

/** Why two records are merged. */
export const sharedKeyReason = 'both have the same merging key';

function requestMerge(a: number, b: number, r: Resolution): void {
  r.merges.push({ keep: Math.min(a, b), merge: Math.max(a, b), reason: sharedKeyReason });
}
