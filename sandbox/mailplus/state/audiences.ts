import type { Contact } from './contact.ts';

/** An audience. `createdMs` and the like are epoch milliseconds. */
export interface Audience {
  readonly externalId: string;
  name: string;
  description: string | undefined;
  readonly createdMs: number;
  changedMs: number;
  lastAddedMs: number | undefined;
  lastRemovedMs: number | undefined;
  lastSyncMs: number | undefined;
  readonly members: Set<Contact>;
  /** Whether an automation or a segment uses it, so that it cannot be deleted. */
  inUse: boolean;
}

/** The account's audiences; ids and names are unique in the account. */
export class Audiences {
  readonly #audiences = new Map<string, Audience>();

  get size(): number {
    return this.#audiences.size;
  }

  all(): Audience[] {
    return [...this.#audiences.values()];
  }

  find(externalId: string): Audience | undefined {
    return this.#audiences.get(externalId);
  }

  withName(name: string): Audience | undefined {
    return this.all().find((audience) => audience.name === name);
  }

  add(externalId: string, name: string, description: string | undefined, atMs: number): Audience {
    const audience: Audience = {
      externalId, name, description, createdMs: atMs, changedMs: atMs,
      lastAddedMs: undefined, lastRemovedMs: undefined, lastSyncMs: undefined, members: new Set(), inUse: false,
    };
    this.#audiences.set(externalId, audience);
    return audience;
  }

  remove(audience: Audience): void {
    this.#audiences.delete(audience.externalId);
  }

  /** Takes a contact out of every audience. */
  forget(contact: Contact): void {
    for (const audience of this.#audiences.values()) audience.members.delete(contact);
  }
}
