import { HubError } from '../domain/errors.ts';
import { PageGuard } from '../domain/sync/paging.ts';

/** Empty pages in a row after which a source is taken to turn in circles. */
export const maxEmptyPages = 100;

/** A page as a walker sees it: `nextPageToken` absent means that the source said it is the last. */
export interface WalkedPage {
  readonly nextPageToken?: string;
}

/**
 * Walks all pages from a token on. Ends only when the source gives no further token: an empty page is not the end.
 * Throws HubError PAGING_LOOP for a token that was given before.
 */
export async function* walkPages<Page extends WalkedPage>(
  readPage: (pageToken: string | undefined) => Promise<Page>, from?: string,
): AsyncGenerator<Page, void, undefined> {
  const guard = new PageGuard(from);
  let token = from;
  for (let pages = 1; ; pages += 1) {
    const page = await readPage(token);
    yield page;
    const step = guard.after(page.nextPageToken);
    if (step.kind === 'end') return;
    if (step.kind === 'loop') throw pagingLoop('the same page token was given twice', pages);
    ({ token } = step);
  }
}

/** The error for a source whose pages do not come to an end. */
export function pagingLoop(what: string, pages: number): HubError {
  return new HubError('PAGING_LOOP', `Reading stopped: ${what}.`, { pages });
}
