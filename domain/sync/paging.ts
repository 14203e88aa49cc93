/** What comes after a page. `loop`: the source gave a token for the second time, and reading on would never end or would skip rows. */
export type PageStep =
  | { readonly kind: 'more'; readonly token: string }
  | { readonly kind: 'end' }
  | { readonly kind: 'loop'; readonly token: string };

/**
 * Guards the paging of one read. Only an absent token is the end: a page without rows is not, and neither is an empty
 * token. Keeps each token that it has seen, one a page.
 */
export class PageGuard {
  readonly #seen = new Set<string>();

  /** `startToken`: where a read that was interrupted goes on. */
  constructor(startToken?: string) {
    if (startToken !== undefined) this.#seen.add(startToken);
  }

  /** Says what comes after the page that carried this token. */
  after(nextPageToken: string | undefined): PageStep {
    if (nextPageToken === undefined) return { kind: 'end' };
    if (this.#seen.has(nextPageToken)) return { kind: 'loop', token: nextPageToken };
    this.#seen.add(nextPageToken);
    return { kind: 'more', token: nextPageToken };
  }
}
