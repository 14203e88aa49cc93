import { createHash } from 'node:crypto';
import { maxEmptyPages, pagingLoop } from '../pagination.ts';
import type { PlatformContext } from '../platform.ts';
import { checkInput, readRawPage } from './call-operation.ts';
import type { InputOf, PagedOperation, RowOf } from './operations/define.ts';
import { rowSchema } from './operations/schemas.ts';
import type { WirePage } from './schema.ts';
import { mailplusSettings } from './settings.ts';

/** A row that does not fit the contract: the rest of the page goes on without it. */
export interface UnreadableRow {
  /** Its place in the page, from 0. */
  readonly index: number;
  readonly path: string;
  readonly payload: unknown;
}

/** One page of a walk. */
export interface WalkedRows<Row> {
  /** Offset of its first row. */
  readonly after: number;
  /** Offset of the next page; absent: this was the last. */
  readonly next?: number;
  readonly rows: readonly Row[];
  readonly unreadable: readonly UnreadableRow[];
}

/**
 * All pages of an operation, one at a time: the next one is asked for only when the last was taken, and none is kept, so that memory
 * stays flat over a million rows. Begins at `after` of the input. An empty page is not the end: Mail+ says when there is no more.
 * Throws HubError PAGING_LOOP for a page that was given before, for an offset that does not go on, and after 100 empty pages in a row;
 * besides what `callOperation` throws.
 */
export function operationPages<Of extends PagedOperation>(context: PlatformContext, operation: Of, input: InputOf<Of>): AsyncGenerator<WalkedRows<RowOf<Of>>, void, undefined> {
  return pagesAs(context, operation, input, (row) => row);
}

/** As `operationPages`, with what `keep` makes of each row in its place: nothing else of a row outlives the reading of its page. Rows of which it makes nothing are unreadable. */
export async function* pagesAs<Of extends PagedOperation, Kept>(context: PlatformContext, operation: Of, input: InputOf<Of>, keep: (row: RowOf<Of>) => Kept | undefined): AsyncGenerator<WalkedRows<Kept>, void, undefined> {
  const walk = new Walk(checkInput(context, operation, input));
  while (!walk.ended) yield await readStep(context, operation, walk, keep);
}

async function readStep<Of extends PagedOperation, Kept>(context: PlatformContext, operation: Of, walk: Walk, keep: (row: RowOf<Of>) => Kept | undefined): Promise<WalkedRows<Kept>> {
  const { after } = walk;
  const page = await readRawPage(context, operation, walk.input);
  walk.take(page);
  const schema = rowSchema(operation, mailplusSettings(context.settings).timeZone);
  const rows: Kept[] = [];
  const unreadable: UnreadableRow[] = [];
  for (const [index, payload] of page.rows.entries()) {
    const parsed = schema.safeParse(payload);
    const kept = parsed.success ? keep(parsed.data as RowOf<Of>) : undefined;
    if (kept !== undefined) rows.push(kept);
    else unreadable.push({ index, payload, path: (parsed.error?.issues[0]?.path ?? []).map(String).join('.') });
  }
  return { after, rows, unreadable, ...(walk.ended ? {} : { next: walk.after }) };
}

/** So many rows become text at once for the digest: the text of a whole page would be as large as its answer. */
const rowsPerDigest = 500;

function digestOf(rows: readonly unknown[]): string {
  const hash = createHash('sha1');
  for (let from = 0; from < rows.length; from += rowsPerDigest) hash.update(JSON.stringify(rows.slice(from, from + rowsPerDigest)));
  return hash.digest('base64');
}

/** Where a walk stands. Keeps a digest of the last page, never its rows. */
class Walk {
  readonly #input: Readonly<Record<string, unknown>>;
  #after: number;
  #lastPage = '';
  #pages = 0;
  #emptyPages = 0;
  #ended = false;

  constructor(input: Readonly<Record<string, unknown>>) {
    this.#input = input;
    this.#after = Number(input['after'] ?? 0);
  }

  get ended(): boolean {
    return this.#ended;
  }

  get after(): number {
    return this.#after;
  }

  /** The input that asks for the next page. */
  get input(): Readonly<Record<string, unknown>> {
    return { ...this.#input, after: this.#after };
  }

  /** Judges a page and moves on. */
  take({ rows, more, statedNext }: WirePage): void {
    this.#pages += 1;
    this.#emptyPages = rows.length === 0 ? this.#emptyPages + 1 : 0;
    const digest = rows.length === 0 ? '' : digestOf(rows);
    if (digest !== '' && digest === this.#lastPage) throw pagingLoop('Mail+ gave the same page twice', this.#pages);
    this.#lastPage = digest;
    this.#ended = !more;
    if (!more) return;
    const next = statedNext ?? this.#after + Math.max(1, rows.length);
    if (next <= this.#after) throw pagingLoop('the next page would begin where this one did', this.#pages);
    if (this.#emptyPages > maxEmptyPages) throw pagingLoop(`more than ${maxEmptyPages} empty pages in a row`, this.#pages);
    this.#after = next;
  }
}
