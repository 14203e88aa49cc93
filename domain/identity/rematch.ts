/** One thing of a record, a source record or a link that has none, as another matching sees it. */
export interface RematchThing {
  /** Unique in the account. */
  readonly name: string;
  /** The keys that it may go by, the surest first: of a platform where contacts are ours by link also what that one holds. */
  readonly keys: readonly string[];
  /** An operator keeps it in its record. */
  readonly pinned: boolean;
  readonly deleted: boolean;
  /** It is at a platform where contacts are ours by link (`membership.ts`). */
  readonly reflecting: boolean;
  /** `stand`: it may be a contact of its own; `follow`: it may go with one that has its key; `stay`: it is the record's, as the primary link at a reflecting platform is. */
  readonly may: 'stand' | 'follow' | 'stay';
}

/** What decides how a record comes apart. */
export interface RematchFacts {
  readonly record: number;
  /** The key of the record's merged view. */
  readonly recordKey: string | null;
  readonly things: readonly RematchThing[];
  /** The record that owns a key; `null` when none does. */
  readonly ownerOf: (key: string) => number | null;
}

/** Things that go on together, by the key that each goes by. */
export interface RematchPart {
  readonly key: string | null;
  readonly members: ReadonlyMap<string, string | null>;
}

/** `stays`: what the record keeps. `leaves`: what goes, each part to the record that owns its key or to one of its own. */
export interface RematchPlan {
  readonly stays: RematchPart;
  readonly leaves: readonly RematchPart[];
}

/**
 * How one record comes apart when contacts are matched by another kind of key. Things with the same key stay together, one without a key is its
 * own. The part whose key the merged view shows keeps the record, and with it the contacts that are ours by link; else the part whose key the record
 * owns already, else the first by name. A link left over from an earlier merge goes with the part that has its key. Pure, and at
 * rest: what a plan leads to is not changed by planning again.
 */
export function planRematch(facts: RematchFacts): RematchPlan {
  const groups = groupsOf(facts);
  const staying = stayingGroup(facts, groups);
  const leaves = groups.filter((group) => group !== staying);
  const gone = new Set(leaves.flatMap((group) => [...group.members.keys()]));
  const members = new Map(staying?.members ?? []);
  const inForce = new Set([staying?.key ?? null, facts.recordKey]);
  for (const thing of facts.things) {
    if (gone.has(thing.name) || members.has(thing.name)) continue;
    members.set(thing.name, thing.reflecting && !thing.pinned ? (thing.keys.find((key) => inForce.has(key)) ?? null) : (thing.keys[0] ?? null));
  }
  return { stays: { key: staying?.key ?? null, members }, leaves };
}

interface Group {
  readonly key: string | null;
  readonly members: Map<string, string | null>;
  /** Somebody living who is not at a reflecting platform. */
  lives: boolean;
  /** Somebody who is not at a reflecting platform. */
  stands: boolean;
}

function groupsOf({ recordKey, things }: RematchFacts): Group[] {
  const groups = new Groups();
  const free = things.filter((thing) => !thing.pinned && thing.may !== 'stay').sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, keys: [key = null], deleted } of free.filter(({ reflecting }) => !reflecting)) {
    if (key === null && deleted) continue;
    const group = groups.of(key);
    group.members.set(name, key);
    group.stands = true;
    group.lives ||= !deleted;
  }
  for (const { name, keys, may, deleted } of free.filter(({ reflecting }) => reflecting)) {
    const key = keys.find((value) => groups.has(value)) ?? keys[0];
    if (key === undefined) continue;
    const isAlone = !groups.has(key);
    if (isAlone && (may === 'follow' || deleted || key === recordKey)) continue;
    groups.of(key).members.set(name, key);
  }
  return groups.all;
}

class Groups {
  readonly all: Group[] = [];
  readonly #byKey = new Map<string, Group>();

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** The group of a key; for none, one of its own each time. */
  of(key: string | null): Group {
    const known = key === null ? undefined : this.#byKey.get(key);
    if (known !== undefined) return known;
    const group: Group = { key, members: new Map(), lives: false, stands: false };
    this.all.push(group);
    if (key !== null) this.#byKey.set(key, group);
    return group;
  }
}

function stayingGroup({ record, recordKey, things, ownerOf }: RematchFacts, groups: readonly Group[]): Group | undefined {
  const standing = groups.filter((group) => group.stands);
  const isKept = standing.length > 0 || things.some(({ pinned, may }) => pinned || may === 'stay');
  const living = standing.filter((group) => group.lives);
  const candidates = !isKept ? groups : living.length > 0 ? living : standing;
  return candidates.find(({ key }) => key !== null && key === recordKey) ?? candidates.find(({ key }) => key !== null && ownerOf(key) === record)
    ?? candidates.find(({ key }) => key !== null) ?? candidates[0];
}
