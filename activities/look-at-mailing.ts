import { beginReading, giveUpReading, listStates, storePage, type ListState, type Reading } from '../db/repositories/reports/lists.ts';
import { endLook, saveDetails, saveStatistics, type DueMailing } from '../db/repositories/reports/mailings.ts';
import { HubError } from '../domain/errors.ts';
import { basisOf, isLastLook, isWorthReading, nextLook, type Following } from '../domain/reports/follow.ts';
import { reportLists, type MailingStatistics, type ReportList, type ReportPage } from '../domain/reports/report.ts';
import type { ReportRun } from './reports.ts';

/** What an interrupted connection or a wrong key is to all calls; anything else is a matter of the report that was asked for. */
export function isOfReport(error: unknown): error is HubError {
  return error instanceof HubError && (error.recovery === 'rejected' || error.recovery === 'configuration' || error.code === 'PLATFORM_ANSWER_INVALID');
}

/** Windows of messages of campaigns begin so long before the last one ended: what happened may be told late. */
const overlapMs = 86_400_000;
const retryMs = 86_400_000;
/** What the platform would say again, however often it is asked: at the last look it is taken for final. */
const refusals: ReadonlySet<string> = new Set(['RECORD_GONE', 'PLATFORM_REFUSED']);
const unknownList: ListState = { reading: null, readBasis: null, readTo: null, readAt: null };

interface Look {
  readonly run: ReportRun;
  readonly mailing: DueMailing;
  readonly following: Following;
  /** Undefined: the platform counts nothing of this mailing. */
  readonly statistics: MailingStatistics | undefined;
  fresh: number;
}

/**
 * Reads what is new of a mailing: its details once, its counts, and those lists of which they say that there is more. False when the time box ended before:
 * it goes on where it stopped. Throws PLATFORM_NOT_LICENSED and what calls on the ladder throw; anything else is noted at the mailing.
 */
export async function lookAtMailing(run: ReportRun, mailing: DueMailing): Promise<boolean> {
  const { deps, settings, startedAt, tally } = run;
  const following: Following = { since: mailing.since, readAt: startedAt, followMs: settings.followMs, endless: mailing.kind === 'campaign' && mailing.isActive };
  const problems: HubError[] = [];
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result | undefined> => work().catch((error: unknown) => {
    if (!isOfReport(error) || error.code === 'PLATFORM_NOT_LICENSED') throw error;
    problems.push(error);
    return undefined;
  });
  const statistics = await attempt(() => readNumbers(run, mailing));
  const look: Look = { run, mailing, following, statistics, fresh: 0 };
  const states = await listStates(deps.db, mailing.id);
  for (const list of problems.length > 0 ? [] : reportLists) {
    const isDone = await attempt(() => readList(look, list, states.get(list) ?? unknownList));
    if (isDone === false) return false;
    if (isDone === undefined) await giveUpReading(deps.db, mailing.id, list);
  }
  tally.mailings += 1;
  await finish(look, problems[0]);
  return true;
}

async function finish({ run: { deps }, mailing, following, fresh }: Look, problem: HubError | undefined): Promise<void> {
  const since = mailing.kind === 'campaign' && fresh > 0 ? following.readAt : mailing.since;
  const later = new Date(Date.parse(following.readAt) + retryMs).toISOString();
  const isFinal = problem === undefined || (isLastLook(following) && refusals.has(problem.code));
  const dueAt = isFinal ? nextLook({ ...following, since }) : later;
  await endLook(deps.db, mailing.id, { readAt: following.readAt, dueAt, since, problem: problem === undefined ? null : { code: problem.code, reason: `${problem.message} ${problem.fix}` } });
}

async function readNumbers({ deps, reports, context }: ReportRun, mailing: DueMailing): Promise<MailingStatistics | undefined> {
  if (!mailing.hasDetails) await saveDetails(deps.db, mailing.id, await reports.details(context, mailing));
  if (mailing.kind === 'campaign') return undefined;
  const at = new Date(deps.now()).toISOString();
  const statistics = await reports.statistics(context, mailing.externalId);
  await saveStatistics(deps.db, mailing.id, statistics, at);
  return statistics;
}

/** Goes on with the reading of a list, or begins one if there may be something new. False when the time box ended before its end. */
async function readList(look: Look, list: ReportList, state: ListState): Promise<boolean> {
  const { run, mailing } = look;
  const reading = state.reading ?? await begin(look, list, state);
  if (reading === null) return true;
  const pages = run.reports.pages(run.context, { mailing, list, after: reading.after, ...windowOf(reading) });
  try {
    let at = reading;
    for (;;) {
      const next = await takePage(look, pages, at);
      if (next === undefined) return true;
      run.signal.throwIfAborted();
      if (run.deps.now() > run.endsAt) return false;
      at = { ...at, after: next };
    }
  } finally {
    await pages.return();
  }
}

/** Stores the next page and gives the offset of the one behind it; undefined: there is none, or another pull reads them. A function of its own, so that nothing of the page is left when the next is asked for. */
async function takePage(look: Look, pages: AsyncGenerator<ReportPage, void, undefined>, at: Reading): Promise<number | undefined> {
  const { run, mailing } = look;
  const { value: page } = await pages.next();
  if (page === undefined) return undefined;
  const fresh = await storePage(run.deps.db, { ...run.scope, mailingId: mailing.id }, at, page, new Date(run.deps.now()).toISOString());
  await run.deps.faultPoint('report-page');
  if (fresh === null) return undefined;
  look.fresh += fresh;
  run.tally.rows += page.rows.length;
  return page.next;
}

async function begin({ run, mailing, following, statistics }: Look, list: ReportList, { readBasis, readTo, readAt }: ListState): Promise<Reading | null> {
  // Read in an earlier time box of this pull: the last look would read it anew in each.
  if (readAt !== null && readAt >= run.startedAt) return null;
  const windowTo = mailing.kind === 'mailing' ? null : new Date(Date.parse(run.startedAt) - run.marginMs).toISOString();
  if (statistics !== undefined && !isWorthReading(list, statistics, readBasis, isLastLook(following))) return null;
  if (windowTo !== null && readTo !== null && windowTo <= readTo) return null;
  const windowFrom = windowTo === null || readTo === null ? null : new Date(Date.parse(readTo) - overlapMs).toISOString();
  const reading = { list, windowFrom, windowTo };
  await beginReading(run.deps.db, run.scope.accountId, mailing.id, reading, statistics === undefined ? null : basisOf(list, statistics));
  return { ...reading, after: 0 };
}

function windowOf({ windowFrom, windowTo }: Reading): { readonly window?: { readonly from?: string; readonly to: string } } {
  return windowTo === null ? {} : { window: { to: windowTo, ...(windowFrom === null ? {} : { from: windowFrom }) } };
}
