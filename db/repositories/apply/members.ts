import type { StoredSource } from './load.ts';
import type { WorkingSource } from './types.ts';

/** A living source record as a page sees it. */
interface Member {
  readonly key: string | null;
  readonly reflecting: boolean;
  /** It is on the page and its turn is still to come: it may leave its record yet. */
  readonly awaited?: boolean;
}

/** What is known when a page begins. */
export interface MembersAtFirst {
  readonly connectorId: string;
  readonly things: readonly WorkingSource[];
  /** All stored sources of the records concerned. */
  readonly siblings: readonly StoredSource[];
  readonly reflecting: ReadonlySet<string>;
  /** The record of a thing of the page before the page. */
  readonly recordOf: (externalId: string) => number | null;
}

/**
 * Who is in which record, and by which key, while a page is worked through. Things that are on the page themselves count with what they say
 * on it, wherever in it they stand: what a page leads to does not depend on the order of its rows, nor on how rows were cut into pages.
 */
export class Members {
  readonly #byRecord = new Map<number, Map<string, Member>>();

  constructor({ connectorId, things, siblings, reflecting, recordOf }: MembersAtFirst) {
    const onPage = new Set(things.map((thing) => thing.externalId));
    for (const { state, recordId, matchValue } of siblings) {
      if (state.deleted || (state.connectorId === connectorId && onPage.has(state.externalId))) continue;
      this.#put(recordId, nameOf(state.connectorId, state.externalId), { key: matchValue, reflecting: reflecting.has(state.connectorId) });
    }
    for (const { externalId, state, newKey } of things) {
      const record = recordOf(externalId);
      if (record === null || state === null || state.deleted) continue;
      this.#put(record, nameOf(connectorId, externalId), { key: newKey, reflecting: reflecting.has(connectorId), awaited: true });
    }
  }

  /** A living thing of the page leaves `from`, if it was anywhere, for `to`. */
  move(name: string, member: Member, from: number | null, to: number): void {
    if (from !== null) this.#byRecord.get(from)?.delete(name);
    this.#put(to, name, member);
  }

  /** Somebody else in the record, not at a reflecting platform, goes by another key. */
  hasOtherKey(record: number, key: string | null, except: string): boolean {
    return this.#some(record, (member, name) => name !== except && !member.reflecting && member.key !== key);
  }

  /** Somebody in the record goes by the key; those at reflecting platforms count only when told so. */
  hasKey(record: number, key: string, countsReflecting: boolean): boolean {
    return this.#some(record, (member) => member.key === key && (countsReflecting || !member.reflecting));
  }

  /** Somebody goes by the key and stays in the record, whatever comes on the page yet. */
  keepsKey(record: number, key: string): boolean {
    return this.#some(record, (member) => member.key === key && member.awaited !== true);
  }

  #put(record: number, name: string, member: Member): void {
    const known = this.#byRecord.get(record);
    if (known) known.set(name, member);
    else this.#byRecord.set(record, new Map([[name, member]]));
  }

  #some(record: number, test: (member: Member, name: string) => boolean): boolean {
    for (const [name, member] of this.#byRecord.get(record) ?? []) if (test(member, name)) return true;
    return false;
  }
}

/** The name of a source record among all of an account. */
export const nameOf = (connectorId: string, externalId: string): string => `${connectorId}\n${externalId}`;
