import { invalidParams } from './api-error.ts';
import type { Call } from './call.ts';
import { queryValue } from './query.ts';

const defaultPageSize = 1_000;
const maxPageSize = 10_000;

/** Where a page starts and how long it may be. */
export interface PageRequest {
  readonly after: number;
  readonly pageSize: number;
}

/** `paging` of a list: both fields on every page but the last, where it is empty (contract 1.4, a suggestion). */
interface Paging {
  readonly next?: string;
  readonly after?: number;
}

/** One page and what comes after it. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly paging: Paging;
}

/** Reads `after` and `pageSize`. `required`: a missing `pageSize` is a 400, as in three of the vendor's methods. */
export function readPageRequest(call: Call, required: boolean): PageRequest {
  const rawSize = queryValue(call.query, 'pageSize');
  if (required && rawSize === undefined) throw invalidParams('pageSize is required');
  const pageSize = rawSize === undefined ? defaultPageSize : wholeNumber('pageSize', rawSize);
  if (pageSize < 1 || pageSize > maxPageSize) throw invalidParams(`pageSize must be 1 to ${maxPageSize}`);
  return { after: wholeNumber('after', queryValue(call.query, 'after') ?? '0'), pageSize };
}

/** Cuts the page out of a row of `total` items that `read` can give by rank. */
export function pageOf<Item>(
  call: Call, request: PageRequest, total: number, read: (from: number, to: number) => readonly Item[],
): Page<Item> {
  const end = Math.min(request.after + request.pageSize, total);
  const items = request.after < total ? read(request.after, end) : [];
  const { pagingAfter, nextOnLastPage } = call.account.options;
  if (items.length === 0 || (end >= total && !nextOnLastPage)) return { items, paging: {} };
  const next = request.after + items.length;
  return { items, paging: { next: nextUrl(call, request, next), after: pagingAfter === 'next' ? next : request.after } };
}

function nextUrl(call: Call, request: PageRequest, after: number): string {
  const kept = call.query.filter(([name]) => !name.startsWith('oauth_') && name !== 'after' && name !== 'pageSize');
  const parameters = [...kept, ['pageSize', String(request.pageSize)], ['after', String(after)]] as const;
  return `${call.url}?${parameters.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')}`;
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw invalidParams(`${name} must be a whole number`);
  return Number(text);
}
