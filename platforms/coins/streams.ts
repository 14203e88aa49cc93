import { createHash } from 'node:crypto';
import type { Instant } from '../../domain/model/fields.ts';
import type { RejectedRow, SourceRow } from '../../domain/model/source-record.ts';
import { maxEmptyPages, pagingLoop } from '../pagination.ts';
import type { PlatformContext, SourcePage, StreamDefinition, Window } from '../platform.ts';
import { listProspects } from './client.ts';
import { normaliseProspect } from './normalise.ts';
import { parseProspect } from './parse-prospect.ts';
import { firstState, nextStep, stateOf, tokenOf } from './read-state.ts';
import type { NextStep, ReadState } from './read-state.ts';
import { settingsOf } from './settings.ts';
import type { CoinsSettings } from './settings.ts';

/** The prospect cards, by windows of `lastModified`. */
export const prospectStream: StreamDefinition = {
  name: 'prospects',
  dataType: 'contacts',
  primaryKey: 'prospectId',
  cursorField: 'lastModified',
  sorted: true,
  pageSize: 500,
  kind: 'window',
  pulled: true,
  backfilled: true,
};

/** How far the clocks of Coins and of the hub may lie apart without a moved card being missed. */
const clockMarginMs = 120_000;

function instant(milliseconds: number): Instant {
  return new Date(milliseconds).toISOString();
}

/** Cards as rows and rejects. A card without e-mail and phone is a row here: it may be known, and its consents count. */
export function readCards(cards: readonly unknown[], settings: CoinsSettings): { readonly rows: SourceRow[]; readonly rejected: RejectedRow[] } {
  const rows: SourceRow[] = [];
  const rejected: RejectedRow[] = [];
  for (const [index, card] of cards.entries()) {
    const parsed = parseProspect(card, `prospects[${index}]`);
    if ('rejected' in parsed) rejected.push(parsed.rejected);
    else rows.push(normaliseProspect(parsed.prospect, card, settings));
  }
  return { rows, rejected };
}

/** Whether no card was saved since then. */
async function isQuietSince(context: PlatformContext, since: Instant): Promise<boolean> {
  const { cards } = await listProspects(context, instant(Date.parse(since) - clockMarginMs), 1, 1);
  return cards.length === 0;
}

/** How many cards were saved since then. */
async function countSince(context: PlatformContext, since: Instant): Promise<number> {
  return (await listProspects(context, since, 1, 1)).pageCount;
}

/** Whether the list stood still during the run: nothing saved, and nothing taken out. */
async function stoodStill(context: PlatformContext, { runStartedAt, since, total }: ReadState): Promise<boolean> {
  if (!(await isQuietSince(context, runStartedAt))) return false;
  return total === undefined || (await countSince(context, since)) === total;
}

async function tokenAfter(context: PlatformContext, state: ReadState, step: NextStep): Promise<string | undefined> {
  if (step.kind === 'checkQuiet') {
    const next = (await stoodStill(context, state)) ? step.ifQuiet : step.ifNot;
    return next && tokenOf(next);
  }
  if (step.to?.page !== 2) return step.to && tokenOf(step.to);
  return tokenOf({ ...step.to, total: await countSince(context, step.to.since) });
}

/** What to remember of a page, so that a list without an end is noticed. Throws HubError PAGING_LOOP. */
function watchForLoop(state: ReadState, cards: readonly unknown[]): Pick<ReadState, 'before' | 'emptyPages'> {
  const before = createHash('sha1').update(JSON.stringify(cards)).digest('base64url');
  const isEmpty = cards.length === 0;
  if (state.page > 1 && !isEmpty && before === state.before) throw pagingLoop('the same page came twice in a row', state.page);
  const emptyPages = isEmpty ? (state.emptyPages ?? 0) + 1 : 0;
  if (emptyPages > maxEmptyPages) throw pagingLoop(`more than ${maxEmptyPages} empty pages in a row`, state.page);
  return { before, emptyPages };
}

/**
 * Reads a page of the prospects whose `lastModified` lies in the window (of those without a stamp, all). Rows may come twice;
 * none is missed, also when cards are saved meanwhile (`ReadState`). Rows at or after `window.to` are left to the window they belong to.
 * Idempotent. Throws HubError PAGING_LOOP when two pages in a row are the same, and after 100 empty ones.
 */
export async function readPage(context: PlatformContext, stream: StreamDefinition, window: Window, pageToken: string | undefined): Promise<SourcePage> {
  const readAt = instant(context.now());
  const state = pageToken === undefined ? firstState(window.from, readAt) : stateOf(pageToken);
  const page = await listProspects(context, state.since, state.page, stream.pageSize);
  const seen = watchForLoop(state, page.cards);
  const { rows, rejected } = readCards(page.cards, settingsOf(context));
  const stamps = rows.flatMap(({ sourceTime }) => sourceTime ?? []);
  const step = nextStep({ ...state, ...seen }, { stamps, isLast: state.page >= page.pageCount }, window, readAt);
  const nextPageToken = await tokenAfter(context, state, step);
  const inWindow = rows.filter(({ sourceTime }) => sourceTime === null || sourceTime < window.to);
  return { rows: inWindow, activities: [], rejected, readAt, ...(nextPageToken !== undefined && { nextPageToken }) };
}
