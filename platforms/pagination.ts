import { HubError } from '../domain/errors.ts';

/** Empty pages in a row after which a source is taken to turn in circles. */
const maxEmptyPages = 100;

/** A page as a walker sees it: `nextPageToken` absent means that the source said it is the last. */
export interface WalkedPage {
  readonly nextPageToken?: string;
}

/** Remembers the page tokens of one walk. Throws HubError PAGING_LOOP for a token that was given before. */
export function createLoopGuard(): (token: string) => void {
  const seen = new Set<string>();
  return (token) => {
    if (seen.has(token)) throw pagingLoop('the same page token was given twice', seen.size);
    seen.add(token);
  };
}

/**
 * Walks all pages from a token on. Ends only when the source gives no further token: an empty page is not the end.
 * Throws HubError PAGING_LOOP for a repeated token, and for more than 100 pages in a row that `isEmpty` calls empty.
 */
export async function* walkPages<Page extends WalkedPage>(
  readPage: (pageToken: string | undefined) => Promise<Page>,
  options: { readonly from?: string; readonly isEmpty?: (page: Page) => boolean } = {},
): AsyncGenerator<Page, void, undefined> {
  const guard = createLoopGuard();
  let token = options.from;
  let emptyPages = 0;
  if (token !== undefined) guard(token);
  for (;;) {
    const page = await readPage(token);
    emptyPages = options.isEmpty?.(page) === true ? emptyPages + 1 : 0;
    yield page;
    if (page.nextPageToken === undefined) return;
    if (emptyPages > maxEmptyPages) throw pagingLoop(`more than ${maxEmptyPages} empty pages in a row`, emptyPages);
    guard(page.nextPageToken);
    token = page.nextPageToken;
  }
}

/** The error for a source whose pages do not come to an end. */
export function pagingLoop(what: string, pages: number): HubError {
  return new HubError('PAGING_LOOP', `Reading stopped: ${what}.`, { pages });
}
