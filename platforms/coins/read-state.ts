import { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import type { Instant } from '../../domain/model/fields.ts';

/**
 * Where a read of the prospect list stands; its text is the page token.
 *
 * Coins lists the cards by their stamps, and a card that is saved during the read moves to the end: page numbers shift under the reader.
 * So a window is read by page numbers first, while the order of the whole is watched. When cards were saved meanwhile, it is read again:
 * a list that was in order by its stamps (the next page is asked for by the last stamp that was read, and page numbers only count within
 * cards of one stamp), any other by page numbers again, until a pass was quiet. The same when cards were taken out meanwhile, which no
 * stamp tells of: their number does.
 */
export interface ReadState {
  readonly by: 'pages' | 'stamps';
  /** Cards saved at or after this time are asked for. */
  readonly since: Instant;
  readonly page: number;
  /** When the present run of page numbers began, by our clock. */
  readonly runStartedAt: Instant;
  /** How often the run was begun. */
  readonly pass: number;
  /** All stamps so far came in ascending order; once lost, it stays so. */
  readonly ordered: boolean;
  /** The last stamp so far; `since` before the first one. */
  readonly last: Instant;
  /** How many cards there were since `since` when the second page of the run was about to be read. */
  readonly total?: number | undefined;
  /** Pages without a card in a row. */
  readonly emptyPages?: number | undefined;
  /** Digest of the page before. */
  readonly before?: string | undefined;
}

/** What a page tells about the list. */
export interface PageFacts {
  /** Stamps of the cards that have a readable one, in the order of the page. */
  readonly stamps: readonly Instant[];
  readonly isLast: boolean;
}

/** How to go on. `checkQuiet`: if no card was saved or taken out since the run began, with `ifQuiet`, otherwise with `ifNot`; `undefined` is the end. */
export type NextStep =
  | { readonly kind: 'go'; readonly to: ReadState | undefined }
  | { readonly kind: 'checkQuiet'; readonly ifQuiet: ReadState | undefined; readonly ifNot: ReadState };

const mostPasses = 5;
const stateSchema = z.object({
  by: z.enum(['pages', 'stamps']), since: z.iso.datetime(), page: z.int().min(1), runStartedAt: z.iso.datetime(), pass: z.int().min(1),
  ordered: z.boolean(), last: z.iso.datetime(), total: z.int().optional(), emptyPages: z.int().optional(), before: z.string().optional(),
});

/** The first page of a window. */
export function firstState(from: Instant, now: Instant): ReadState {
  return { by: 'pages', since: from, page: 1, runStartedAt: now, pass: 1, ordered: true, last: from };
}

/** The page token of a state. */
export function tokenOf(state: ReadState): string {
  return JSON.stringify(state);
}

/** The state of a page token. @throws HubError INTERNAL when it is none of ours */
export function stateOf(token: string): ReadState {
  try {
    return stateSchema.parse(JSON.parse(token));
  } catch (error) {
    throw new HubError('INTERNAL', 'a page token of the prospect list can not be read', {}, error);
  }
}

/** Leaves a run of page numbers. One that was a single page needs no check; one that was begun too often is taken as it is. */
function leaveRun(state: ReadState, ifNot: ReadState, ifQuiet: ReadState | undefined): NextStep {
  if (state.page === 1 || state.pass >= mostPasses) return { kind: 'go', to: ifQuiet };
  return { kind: 'checkQuiet', ifQuiet, ifNot: { ...ifNot, pass: state.pass + 1 } };
}

/** Decides how to go on after a page of the window `[from, to)`. Pure. Each step goes forward in time, page or pass, so that reading ends. */
export function nextStep(state: ReadState, facts: PageFacts, window: { readonly from: Instant; readonly to: Instant }, now: Instant): NextStep {
  const { stamps, isLast } = facts;
  const ordered = state.ordered && stamps.every((stamp, index) => stamp >= (stamps[index - 1] ?? state.last));
  const last = stamps.at(-1) ?? state.last;
  const again = firstState(window.from, now);
  if (state.by === 'stamps' && !ordered) return { kind: 'go', to: { ...again, ordered: false } };
  const isOver = isLast || (ordered && last >= window.to);
  if (state.by === 'stamps') {
    const sameRun = { ...state, page: 1, runStartedAt: now, last: state.since };
    if (isOver) return leaveRun(state, sameRun, undefined);
    if (last > state.since) return leaveRun(state, sameRun, { ...again, by: 'stamps', since: last, last });
  }
  if (isOver) return leaveRun(state, ordered ? { ...again, by: 'stamps' } : { ...again, ordered }, undefined);
  return { kind: 'go', to: { ...state, page: state.page + 1, ordered, last } };
}
