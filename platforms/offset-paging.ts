import { createHash } from 'node:crypto';
import { HubError } from '../domain/errors.ts';
import { maxEmptyPages, pagingLoop } from './pagination.ts';

/**
 * Paging by offset over a set that rows may leave while it is read (a contact that changes gets a later `lastChanged` and
 * leaves the window): every later row then moves up, and plain offsets would skip as many rows as have left.
 * So each page begins a few rows early and looks for the rows that were read last. Found: what comes after them is new.
 * Not found: once more from further back; still not found: all over again. Rows may come twice, none is skipped.
 */
export interface OffsetCursor {
  /** Offset of the first row that was not read yet, if no row has left. */
  readonly offset: number;
  /** Digests of the rows read last. */
  readonly tail: readonly string[];
  /** How far back to begin to look for them. */
  readonly overlap: number;
  /** Rows of the page read last. */
  readonly rows: number;
  /** How often reading began again from the first row. */
  readonly restarts: number;
  readonly emptyPages: number;
}

/** What one page showed. */
export interface OffsetPage {
  /** A key of each row, in order. */
  readonly keys: readonly string[];
  /** Whether the source says that there is more. */
  readonly more: boolean;
  /** Where the source says that the next page begins. */
  readonly statedNext?: number;
}

/** What to make of a page: leave out the first `skip` rows, go on at `next` (absent: that was all). */
export interface OffsetStep {
  readonly skip: number;
  readonly next?: OffsetCursor;
  /** Rows left the set so often that the last page could not be checked against the one before. */
  readonly unchecked?: true;
}

const tailLength = 10;
const deepOverlap = 500;
const maxRestarts = 10;
const start: OffsetCursor = { offset: 0, tail: [], overlap: 0, rows: 0, restarts: 0, emptyPages: 0 };

/** Reads a token of `writeOffsetToken`; `undefined` is the beginning. Throws HubError INTERNAL for any other text. */
export function readOffsetToken(token: string | undefined): OffsetCursor {
  if (token === undefined) return start;
  const [numbers = '', tail, ...rest] = token.split('|');
  if (!/^\d{1,12}(?:,\d{1,12}){4}$/.test(numbers) || tail === undefined || rest.length > 0) throw new HubError('INTERNAL', 'A page token cannot be read.');
  const [offset = 0, overlap = 0, rows = 0, restarts = 0, emptyPages = 0] = numbers.split(',').map(Number);
  return { offset, overlap, rows, restarts, emptyPages, tail: tail === '' ? [] : tail.split(',') };
}

/** The cursor as a token. Carries digests only: keys may be personal. */
export function writeOffsetToken({ offset, overlap, rows, restarts, emptyPages, tail }: OffsetCursor): string {
  return `${[offset, overlap, rows, restarts, emptyPages].join(',')}|${tail.join(',')}`;
}

/** The offset to ask for: a few rows before the first unread one. */
export function offsetToRead(cursor: OffsetCursor): number {
  return Math.max(0, cursor.offset - cursor.overlap);
}

/**
 * Judges the page that was read at `offsetToRead(cursor)`. Throws HubError PAGING_LOOP when the source says where to go on and
 * that is not further on, and after 100 empty pages in a row.
 */
export function stepOffset(cursor: OffsetCursor, page: OffsetPage): OffsetStep {
  const readAt = offsetToRead(cursor);
  const skip = alreadyRead(cursor, page.keys, cursor.offset - readAt);
  if (skip === undefined && !(page.keys.length === 0 && page.more)) {
    const again = lookFurtherBack(cursor);
    if (again !== undefined) return { skip: page.keys.length, next: again };
  }
  const unchecked = skip === undefined && page.keys.length > 0 ? { unchecked: true as const } : {};
  if (!page.more) return { skip: skip ?? 0, ...unchecked };
  return { skip: skip ?? 0, next: goOn(cursor, page, readAt), ...unchecked };
}

function goOn(cursor: OffsetCursor, page: OffsetPage, readAt: number): OffsetCursor {
  const { keys } = page;
  const rows = keys.length;
  const offset = page.statedNext ?? (rows === 0 ? cursor.offset + 1 : readAt + rows);
  const emptyPages = rows === 0 ? cursor.emptyPages + 1 : 0;
  if (offset <= readAt) throw pagingLoop('the next page would begin where this one did', offset);
  if (emptyPages > maxEmptyPages) throw pagingLoop(`more than ${maxEmptyPages} empty pages in a row`, emptyPages);
  const tail = keys.slice(rows - within(rows, tailLength)).map(digest);
  return { offset, tail, overlap: tail.length, rows, restarts: cursor.restarts, emptyPages };
}

/** At most half a page: what a page begins early it must not end early. */
const within = (rows: number, wanted: number): number => Math.min(wanted, Math.floor(rows / 2));

/** How many rows of the overlap were read before; `undefined` when none of the rows read last is in it. */
function alreadyRead(cursor: OffsetCursor, keys: readonly string[], overlap: number): number | undefined {
  if (overlap === 0) return 0;
  const tail = new Set(cursor.tail);
  const known = keys.slice(0, overlap).findLastIndex((key) => tail.has(digest(key)));
  return known < 0 ? undefined : known + 1;
}

function lookFurtherBack(cursor: OffsetCursor): OffsetCursor | undefined {
  const overlap = within(cursor.rows, deepOverlap);
  if (cursor.overlap < overlap) return { ...cursor, overlap };
  return cursor.restarts < maxRestarts ? { ...start, restarts: cursor.restarts + 1 } : undefined;
}

function digest(key: string): string {
  return createHash('sha1').update(key).digest('base64url').slice(0, 10);
}
