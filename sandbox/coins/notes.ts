import { canonicalJson } from './checks.ts';
import { Refusal } from './refusal.ts';

/** Something kept under its external id, with the time of receipt (ISO 8601, UTC). */
export type Kept<T> = T & { receivedAt: string };

/** How a note was taken: new, or the same again; `doubled` when the card has one that says the same under another id. */
export type Taken<T> = { outcome: 'stored' | 'repeated'; note: Kept<T>; doubled: boolean };

/** What the hub writes on the cards (activities, or tasks), once per prospect and external id. */
export class Notes<T extends { externalId: string }> {
  readonly #byProspect = new Map<string, Map<string, Kept<T>>>();

  /** The notes on one card, in the order of receipt. */
  of(prospectId: string): Kept<T>[] {
    return [...(this.#byProspect.get(prospectId)?.values() ?? [])];
  }

  /** The notes of all cards that have any. */
  all(): Record<string, Kept<T>[]> {
    return Object.fromEntries([...this.#byProspect.keys()].map((id) => [id, this.of(id)]));
  }

  /** Keeps a note. @throws Refusal (409) when the card has another one under this external id */
  take(prospectId: string, note: T, receivedAt: string): Taken<T> {
    const card = this.#byProspect.get(prospectId) ?? new Map<string, Kept<T>>();
    const held = card.get(note.externalId);
    if (held !== undefined) {
      const { receivedAt: _receivedAt, ...before } = held;
      if (canonicalJson(before) === canonicalJson(note)) return { outcome: 'repeated', note: held, doubled: false };
      throw new Refusal(409, `external id ${note.externalId} was used for something else`, { field: 'externalId' });
    }
    const content = contentOf(note);
    const doubled = [...card.values()].some((other) => contentOf(other) === content);
    const kept = { ...note, receivedAt };
    this.#byProspect.set(prospectId, card.set(note.externalId, kept));
    return { outcome: 'stored', note: kept, doubled };
  }

  /** Moves the notes of a merged card to the one that stays; an external id that is there already stays as it is. */
  move(from: string, into: string): void {
    const moved = this.#byProspect.get(from);
    if (moved === undefined) return;
    this.#byProspect.delete(from);
    this.#byProspect.set(into, new Map([...moved, ...(this.#byProspect.get(into) ?? [])]));
  }

  clear(): void {
    this.#byProspect.clear();
  }
}

/** What a note says, without its id and the time of receipt. */
function contentOf(note: Record<string, unknown>): string {
  const { externalId: _externalId, receivedAt: _receivedAt, ...content } = note;
  return canonicalJson(content);
}
