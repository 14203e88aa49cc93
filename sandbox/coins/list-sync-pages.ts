import { createPrng } from '../dataset/prng.ts';
import type { ListSyncInput } from './list-sync-input.ts';
import type { WireProspect } from './wire.ts';

/** The members of a list, cut into pages; `prospects(page)` counts from 1 and gives the same at every call. */
export type MemberPages = { pageCount: number; prospects(page: number): readonly WireProspect[] };

/** Cuts members into pages. An empty list is one empty page. */
export function cutIntoPages(members: readonly WireProspect[], pageSize: number): MemberPages {
  return {
    pageCount: Math.max(1, Math.ceil(members.length / pageSize)),
    prospects: (page) => members.slice((page - 1) * pageSize, page * pageSize),
  };
}

/** The cards that the input names; without ids and filter all of them. Ids without a card are left out. */
export function membersOf(cards: readonly WireProspect[], input: ListSyncInput): WireProspect[] {
  const { prospectIds, filter } = input;
  const conditions = Object.entries(filter ?? {});
  const fits = (card: WireProspect): boolean => conditions.every(([name, text]) => (card as Record<string, unknown>)[name] === text);
  if (prospectIds === undefined) return cards.filter(fits);
  const byId = new Map(cards.map((card) => [card.prospectId, card]));
  return prospectIds.flatMap((id) => byId.get(id) ?? []).filter(fits);
}

/** The pages in the order in which they go out: a permutation, at times with some of them twice, less the missing ones. */
export function sendingOrder(pageCount: number, input: Pick<ListSyncInput, 'order' | 'seed' | 'missingPages'>): number[] {
  const prng = createPrng(input.seed ?? 1);
  const missing = new Set(input.missingPages);
  const pages = Array.from({ length: pageCount }, (_unused, index) => index + 1).filter((page) => !missing.has(page));
  if (input.order === 'shuffled') {
    for (let last = pages.length - 1; last > 0; last -= 1) {
      const other = prng.below(last + 1);
      [pages[last], pages[other]] = [pages[other] ?? 0, pages[last] ?? 0];
    }
  }
  if (input.order !== 'with-duplicates') return pages;
  const order = [...pages];
  for (const page of pages.filter(() => prng.chance(1 / 3))) {
    const first = order.indexOf(page);
    order.splice(first + 1 + prng.below(order.length - first), 0, page);
  }
  return order;
}
