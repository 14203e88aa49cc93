import type { Fields, Instant, Scalar } from '../model/fields.ts';
import type { SourceState } from '../model/record.ts';

/** What a stored payload says under one mapping. */
export interface DerivedFields {
  readonly canonical: Fields;
  /** Canonical field to the key that it was read from. */
  readonly heldKeyOf: Readonly<Record<string, string>>;
}

/**
 * A source record as it would be had it always been read with another mapping: what the source said goes from the field that its property
 * had to the one that it has now, with the time since when the source says so. Null when nothing changes. Pure.
 *
 * - Only values that the record holds move. What it does not hold although the payload shows it was our own write, and stays no statement.
 * - A value that the record holds and the payload does not show is of another time and stays where it is; an empty one goes with its field.
 * - The versions become one: older ones were read with the other mapping, and the values since when are kept with it.
 * - Carried out twice, or on what was read by the new mapping meanwhile, it changes nothing.
 */
export function rederive(state: SourceState, before: DerivedFields, after: DerivedFields): SourceState | null {
  if (state.deleted) return null;
  const moves = movesOf(state, before, after);
  const emptied = [...emptiedBy(state, before, after), ...leftBy(state, before, after)];
  if (moves.length === 0 && emptied.length === 0) return null;
  const canonical: Record<string, Scalar> = { ...state.canonical };
  const fieldTimes: Record<string, Instant> = { ...state.fieldTimes };
  const edited = new Set(state.edited);
  for (const name of [...emptied, ...moves.map(({ from }) => from)]) {
    delete canonical[name];
    delete fieldTimes[name];
    edited.delete(name);
  }
  for (const { from, to, value } of moves) {
    canonical[to] = value;
    fieldTimes[to] = state.fieldTimes[from] ?? state.sourceTime;
    if (state.edited.includes(from)) edited.add(to);
    else edited.delete(to);
  }
  return { ...state, canonical, fieldTimes, edited: [...edited].sort(), versions: [{ at: state.sourceTime, fields: canonical, since: fieldTimes }] };
}

interface Move {
  readonly from: string;
  readonly to: string;
  readonly value: Scalar;
}

function movesOf(state: SourceState, before: DerivedFields, after: DerivedFields): Move[] {
  const now = namesByKey(after);
  const moves = Object.entries(before.canonical).flatMap(([from, value]): Move[] => {
    const key = before.heldKeyOf[from];
    if (key === undefined || state.canonical[from] !== value || after.heldKeyOf[from] === key && after.canonical[from] === value) return [];
    const to = now.get(key);
    const moved = to === undefined ? undefined : after.canonical[to];
    return to === undefined || moved === undefined ? [] : [{ from, to, value: moved }];
  });
  return isDone(state, before, after) ? [] : moves;
}

/** The record says nothing that only the mapping of before makes of the payload. */
function isDone({ canonical }: SourceState, before: DerivedFields, after: DerivedFields): boolean {
  return [...Object.keys(before.canonical), ...Object.keys(after.canonical)].every((name) => {
    const isSame = before.heldKeyOf[name] === after.heldKeyOf[name] && before.canonical[name] === after.canonical[name];
    return isSame || canonical[name] === undefined || canonical[name] === after.canonical[name];
  });
}

/** Fields that kept an older value of a property which was read into another field since: it says something newer there. */
function leftBy({ canonical }: SourceState, before: DerivedFields, after: DerivedFields): string[] {
  const now = namesByKey(after);
  return Object.keys(before.canonical).filter((name) => {
    const to = now.get(before.heldKeyOf[name] ?? '');
    const isFed = after.canonical[name] !== undefined;
    return to !== undefined && to !== name && !isFed && canonical[name] !== undefined && canonical[name] !== null && canonical[name] !== before.canonical[name] && canonical[to] === after.canonical[to];
  });
}

/** Fields that were said to be empty and come from another property now, or from none: nobody said that of them. */
function emptiedBy({ canonical }: SourceState, before: DerivedFields, after: DerivedFields): string[] {
  return Object.keys(canonical).filter((name) => canonical[name] === null && before.heldKeyOf[name] !== undefined && before.heldKeyOf[name] !== after.heldKeyOf[name]);
}

function namesByKey({ canonical, heldKeyOf }: DerivedFields): ReadonlyMap<string, string> {
  return new Map(Object.keys(canonical).flatMap((name): [string, string][] => {
    const key = heldKeyOf[name];
    return key === undefined ? [] : [[key, name]];
  }));
}
