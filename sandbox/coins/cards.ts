import { isFields } from './checks.ts';
import { Refusal } from './refusal.ts';
import type { Consent, WireProspect } from './wire.ts';

/** A page of cards as the API lists them. */
type CardPage = { prospects: WireProspect[]; page: number; pageCount: number };

type Position = { at: number; card: WireProspect };

const modifiedMs = (card: WireProspect): number =>
  typeof card.lastModified === 'string' ? Date.parse(card.lastModified) || 0 : 0;

/** The prospect cards. A card is never changed in place: every edit puts a new object in its stead. */
export class Cards {
  readonly #cards = new Map<string, WireProspect>();
  readonly #mergedInto = new Map<string, string>();
  #sorted: Position[] | undefined;

  /** Number of cards that are not merged away. */
  get size(): number {
    return this.#cards.size;
  }

  /** All cards, in the order in which they came. */
  all(): WireProspect[] {
    return [...this.#cards.values()];
  }

  /** The card, or undefined when there is none or it is merged away. */
  find(prospectId: string): WireProspect | undefined {
    return this.#cards.get(prospectId);
  }

  /** The card that this one was merged into (the last one of a chain). */
  mergedInto(prospectId: string): string | undefined {
    let into = this.#mergedInto.get(prospectId);
    for (let next = into; next !== undefined; next = this.#mergedInto.get(next)) into = next;
    return into;
  }

  /** Which cards were merged away, and into which. */
  merges(): Record<string, string> {
    return Object.fromEntries([...this.#mergedInto.keys()].map((id) => [id, this.mergedInto(id) ?? '']));
  }

  /** The card. @throws Refusal (404, with `mergedInto` when it was merged away) */
  require(prospectId: string): WireProspect {
    const card = this.#cards.get(prospectId);
    if (card !== undefined) return card;
    const into = this.mergedInto(prospectId);
    if (into === undefined) throw new Refusal(404, `there is no prospect ${prospectId}`);
    throw new Refusal(404, `prospect ${prospectId} was merged`, { mergedInto: into });
  }

  /** Puts cards in, over those that have the same id. */
  put(cards: Iterable<WireProspect>): void {
    for (const card of cards) {
      this.#cards.set(card.prospectId, card);
      this.#mergedInto.delete(card.prospectId);
    }
    this.#sorted = undefined;
  }

  /** Merges one card away. The one that stays is stamped with `lastModified`. */
  merge(from: string, into: string, lastModified: string): void {
    if (from === into) throw new Refusal(400, 'a prospect cannot be merged into itself', { field: 'into' });
    this.require(from);
    const kept = this.require(into);
    this.#cards.delete(from);
    this.#mergedInto.set(from, into);
    this.put([{ ...kept, lastModified }]);
  }

  /** Cards saved at or after `sinceMs`, the oldest stamp first, at one stamp by id. A page beyond the last one is empty. */
  page(sinceMs: number, page: number, pageSize: number): CardPage {
    const sorted = (this.#sorted ??= this.#sort());
    const first = firstFrom(sorted, sinceMs);
    const start = first + (page - 1) * pageSize;
    const prospects = sorted.slice(start, start + pageSize).map(({ card }) => card);
    return { prospects, page, pageCount: Math.max(1, Math.ceil((sorted.length - first) / pageSize)) };
  }

  clear(): void {
    this.#cards.clear();
    this.#mergedInto.clear();
    this.#sorted = undefined;
  }

  #sort(): Position[] {
    const positions = this.all().map((card) => ({ at: modifiedMs(card), card }));
    return positions.toSorted((left, right) => left.at - right.at || (left.card.prospectId < right.card.prospectId ? -1 : 1));
  }
}

/** Index of the first position at or after this time. */
function firstFrom(sorted: readonly Position[], sinceMs: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.at ?? 0) < sinceMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isConsent(value: unknown): value is Consent {
  if (!isFields(value) || typeof value['code'] !== 'string' || typeof value['value'] !== 'boolean') return false;
  return value['date'] === null || typeof value['date'] === 'string';
}

/** The consents of a card; what cannot be read as one is left out. */
export function consentsOf(card: WireProspect): Consent[] {
  return Array.isArray(card.consents) ? card.consents.filter(isConsent) : [];
}
