import type { Contact } from './contact.ts';

/** A temporary ("static") list. `owner` is the key that made it; `undefined` for one made in the account itself. */
export interface TemporaryList {
  readonly externalId: string | undefined;
  readonly owner: string | undefined;
  readonly name: string;
  readonly createdMs: number;
  readonly type: 'IMPORT' | 'RESPONSE' | 'API' | 'SPLIT';
  readonly members: Set<Contact>;
  inUse: boolean;
}

/** The account's temporary lists, with exact counts of what was made and removed. */
export class TemporaryLists {
  readonly #lists: TemporaryList[] = [];
  /** Per name, how many lists were ever made with it. */
  readonly createdByName = new Map<string, number>();
  deleted = 0;

  get size(): number {
    return this.#lists.length;
  }

  all(): readonly TemporaryList[] {
    return this.#lists;
  }

  /** A list by the id that this key gave it; another key's lists are not found. */
  ownedBy(owner: string, externalId: string): TemporaryList | undefined {
    return this.#lists.find((list) => list.owner === owner && list.externalId === externalId);
  }

  hasName(name: string): boolean {
    return this.#lists.some((list) => list.name === name);
  }

  add(list: TemporaryList): void {
    this.#lists.push(list);
    this.createdByName.set(list.name, (this.createdByName.get(list.name) ?? 0) + 1);
  }

  remove(list: TemporaryList): void {
    this.#lists.splice(this.#lists.indexOf(list), 1);
    this.deleted += 1;
  }

  /** Takes a contact out of every list. */
  forget(contact: Contact): void {
    for (const list of this.#lists) list.members.delete(contact);
  }
}
