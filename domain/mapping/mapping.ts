/** Which way a mapping goes: `in` reads the property into the field, `out` writes the field to the property. */
export type MappingDirection = 'in' | 'out' | 'both';

/** What a person says about one canonical field; it goes over the platform's defaults, in its direction. */
export interface MappingEntry {
  /** Canonical field, as `city` or `extra.levelOfInterest`. */
  readonly field: string;
  /** The platform's name of it, as `freeField1` or `list1:2`; `null` leaves the field out. */
  readonly property: string | null;
  readonly direction: MappingDirection;
}

/** The platform's property of each canonical field, for fields that go one way. A property has one field at most. */
export type Pairing = Readonly<Record<string, string>>;

/** The mapping in force: what is written where, and what is read from where. */
export interface Mapping {
  readonly in: Pairing;
  readonly out: Pairing;
}

/** A change of what a person says. */
export interface MappingChange {
  readonly set: readonly MappingEntry[];
  /** Fields that go back to the platform's defaults in both directions; `all` of them. Comes before `set`. */
  readonly reset: readonly string[] | 'all';
}

const ways = ['in', 'out'] as const;
type Way = (typeof ways)[number];

const goes = (direction: MappingDirection, way: Way): boolean => direction === 'both' || direction === way;

/**
 * The defaults with what a person says over them. A property that an entry takes is taken from its default field. Pure.
 */
export function resolveMapping(defaults: Pairing, entries: readonly MappingEntry[]): Mapping {
  return { in: resolveWay(defaults, entries, 'in'), out: resolveWay(defaults, entries, 'out') };
}

function resolveWay(defaults: Pairing, entries: readonly MappingEntry[], way: Way): Pairing {
  const own = entries.filter(({ direction }) => goes(direction, way));
  const fields = new Set(own.map(({ field }) => field));
  const taken = new Set(own.map(({ property }) => property));
  const kept = Object.entries(defaults).filter(([field, property]) => !fields.has(field) && !taken.has(property));
  return Object.fromEntries([...kept, ...own.flatMap(({ field, property }): [string, string][] => (property === null ? [] : [[field, property]]))]);
}

/**
 * The entries after a change, by field: an entry replaces what was said of its field in its direction and leaves the other one. Of two
 * entries of one field and direction the later counts. Pure.
 */
export function changeEntries(entries: readonly MappingEntry[], { set, reset }: MappingChange): readonly MappingEntry[] {
  const kept = reset === 'all' ? [] : entries.filter(({ field }) => !reset.includes(field));
  const said = { in: new Map<string, string | null>(), out: new Map<string, string | null>() };
  for (const { field, property, direction } of [...kept, ...set]) {
    for (const way of ways) if (goes(direction, way)) said[way].set(field, property);
  }
  const fields = [...new Set([...said.in.keys(), ...said.out.keys()])].sort();
  return fields.flatMap((field) => entriesOf(field, said.in.get(field), said.out.get(field)));
}

function entriesOf(field: string, read: string | null | undefined, written: string | null | undefined): MappingEntry[] {
  if (read !== undefined && read === written) return [{ field, property: read, direction: 'both' }];
  return [
    ...(read === undefined ? [] : [{ field, property: read, direction: 'in' as const }]),
    ...(written === undefined ? [] : [{ field, property: written, direction: 'out' as const }]),
  ];
}

/** Whether two pairings are the same, in whatever order. */
export function isSamePairing(left: Pairing, right: Pairing): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}
