import { planRematch, type RematchPart } from '../../../domain/identity/rematch.ts';
import type { RematchLook, RematchScope, StoredThing } from './rematch-look.ts';

/** A thing that goes from one record to another. */
export interface Move {
  readonly connectorId: string;
  readonly externalId: string;
  readonly from: number;
  readonly to: number;
}

/** A source record and the key under which it is to be stored. */
export interface Mark {
  readonly connectorId: string;
  readonly externalId: string;
  readonly value: string | null;
}

/** What has to be written so that some records are matched by the new kind of key. */
export interface RematchWork {
  readonly moves: readonly Move[];
  readonly marks: readonly Mark[];
  /** Keys that records take. */
  readonly taken: ReadonlyMap<string, number>;
  readonly created: readonly number[];
  readonly merges: readonly { readonly keep: number; readonly merge: number }[];
}

/** Nothing has to be written. */
export const isAtRest = (work: RematchWork): boolean => work.moves.length + work.marks.length + work.taken.size + work.merges.length === 0;

/**
 * Works out what matching these records anew leads to, one after the other in id order, each seeing what the ones before have led to.
 * `nextId` gives ids of new records. Pure.
 */
export function workOut(scope: Pick<RematchScope, 'matching'>, look: RematchLook, nextId: () => number): RematchWork {
  const run = new Run(look, nextId);
  for (const id of look.ids) run.rematch(id);
  return run.workFor(scope.matching);
}

class Run {
  readonly #taken = new Map<string, number>();
  readonly #created: number[] = [];
  readonly #merges = new Map<string, RematchWork['merges'][number]>();
  readonly #keys = new Map<StoredThing, string | null>();
  readonly #moves = new Map<StoredThing, Move>();
  readonly #look: RematchLook;
  readonly #nextId: () => number;
  readonly #owners: Map<string, number | null>;
  readonly #things: Map<number, StoredThing[]>;

  constructor(look: RematchLook, nextId: () => number) {
    this.#look = look;
    this.#nextId = nextId;
    this.#owners = new Map(look.owners);
    this.#things = new Map([...look.things].map(([id, things]) => [id, [...things]]));
  }

  rematch(id: number): void {
    const things = this.#things.get(id) ?? [];
    const ownerOf = (key: string): number | null => this.#owners.get(key) ?? null;
    const plan = planRematch({ record: id, recordKey: this.#look.recordKeys.get(id) ?? null, things, ownerOf });
    for (const thing of things) {
      const key = plan.stays.members.get(thing.name);
      if (key === undefined) continue;
      this.#keys.set(thing, key);
      if (key !== null && !thing.pinned) this.#claim(key, id);
    }
    for (const part of plan.leaves) this.#leave(id, part, things.filter(({ name }) => part.members.has(name)));
  }

  workFor(matching: string): RematchWork {
    const changed = [...this.#keys].filter(([{ hasSource, storedKind, storedKey }, value]) => hasSource && (storedKind !== (value === null ? null : matching) || storedKey !== value));
    return {
      moves: [...this.#moves.values()], marks: changed.map(([{ connectorId, externalId }, value]) => ({ connectorId, externalId, value })),
      taken: this.#taken, created: this.#created, merges: [...this.#merges.values()],
    };
  }

  /** The record takes the key, or is to be merged with the one that has it. */
  #claim(key: string, id: number): void {
    const owner = this.#owners.get(key) ?? null;
    if (owner === null) this.#take(key, id);
    else if (owner !== id) this.#merges.set(`${Math.min(id, owner)} ${Math.max(id, owner)}`, { keep: Math.min(id, owner), merge: Math.max(id, owner) });
  }

  /** A thing that joined this record in the same run comes from where it was before. */
  #leave(from: number, { key }: RematchPart, members: readonly StoredThing[]): void {
    const owner = key === null ? null : (this.#owners.get(key) ?? null);
    const to = owner === null || owner === from ? this.#create() : owner;
    if (key !== null && to !== owner) this.#take(key, to);
    for (const thing of members) {
      const { connectorId, externalId } = thing;
      this.#keys.set(thing, key);
      this.#moves.set(thing, { connectorId, externalId, from: this.#moves.get(thing)?.from ?? from, to });
    }
    this.#things.get(to)?.push(...members);
  }

  #create(): number {
    const id = this.#nextId();
    this.#created.push(id);
    return id;
  }

  #take(key: string, id: number): void {
    this.#owners.set(key, id);
    this.#taken.set(key, id);
  }
}
