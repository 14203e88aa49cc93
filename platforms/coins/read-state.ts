import { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import type { Instant } from '../../domain/model/fields.ts';

/**
 * Where a read of the prospect list stands; its text is the page token.
 *
 * Coins lists the cards by their stamps, and a card that is saved during the read moves to the end: page numbers shift under the
 * reader. So the next page is asked for by the last stamp that was read, and page numbers only count within cards of one stamp
 * (after a bulk change in Coins there are many). Such a run of page numbers is read again while cards are being saved.
 * A list that turns out not to be in order is read by page numbers alone.
 */
export interface ReadState {
  /** Cards saved at or after this time are asked for. */
  readonly since: Instant;
  readonly page: number;
  /** When the run of page numbers began, by our clock. */
  readonly runStartedAt: Instant;
  /** How often the run was begun. */
  readonly pass: number;
  /** The list is not in order. */
  readonly unordered: boolean;
}

/** What a page tells about the list. */
export interface PageFacts {
  /** Stamps of the cards that have a readable one, in the order of the page. */
  readonly stamps: readonly Instant[];
  readonly isLast: boolean;
}

/** How to go on. `checkQuiet`: if cards were saved since `runStartedAt`, with `restart`, otherwise with `then` (`undefined`: the end). */
export type NextStep =
  | { readonly kind: 'end' }
  | { readonly kind: 'read'; readonly state: ReadState }
  | { readonly kind: 'checkQuiet'; readonly restart: ReadState; readonly then: ReadState | undefined };

const mostPasses = 5;
const stateSchema = z.object({
  since: z.iso.datetime(), page: z.int().min(1), runStartedAt: z.iso.datetime(), pass: z.int().min(1), unordered: z.boolean(),
});

/** The first page of a window. */
export function firstState(from: Instant, now: Instant): ReadState {
  return { since: from, page: 1, runStartedAt: now, pass: 1, unordered: false };
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

function isOrdered(since: Instant, stamps: readonly Instant[]): boolean {
  return stamps.every((stamp, index) => stamp >= (stamps[index - 1] ?? since));
}

/** Leaves a run of page numbers: one that was a single page needs no check, one that was read too often is given up. */
function leaveRun(state: ReadState, now: Instant, then: ReadState | undefined): NextStep {
  if (state.page > 1 && state.pass < mostPasses) {
    return { kind: 'checkQuiet', restart: { ...state, page: 1, runStartedAt: now, pass: state.pass + 1 }, then };
  }
  return then === undefined ? { kind: 'end' } : { kind: 'read', state: then };
}

/** Decides how to go on after a page of the window `[from, to)`. Pure. Every step goes on in time, page or pass, so that reading ends. */
export function nextStep(state: ReadState, facts: PageFacts, window: { readonly from: Instant; readonly to: Instant }, now: Instant): NextStep {
  const { stamps, isLast } = facts;
  if (!state.unordered && !isOrdered(state.since, stamps)) {
    return { kind: 'read', state: { ...firstState(window.from, now), unordered: true } };
  }
  const last = stamps.at(-1);
  const isPastWindow = !state.unordered && last !== undefined && last >= window.to;
  if (isLast || isPastWindow) return leaveRun(state, now, undefined);
  if (!state.unordered && last !== undefined && last > state.since) return leaveRun(state, now, firstState(last, now));
  return { kind: 'read', state: { ...state, page: state.page + 1 } };
}
