import type { Platform, ReportsMailings } from '../platforms/platform.ts';
import { attempts, type PlatformOperation } from './attempt.ts';
import type { Ladder } from './ladder.ts';

/**
 * The platforms with the retry ladder before and after each call that an activity makes: nothing is sent while the credential is
 * held, and the first success ends the hold. Outside of activities on a ladder they are the platforms themselves.
 */
export function guardPlatforms(platforms: Readonly<Record<string, Platform>>, ladder: Ladder): Readonly<Record<string, Platform>> {
  return Object.fromEntries(Object.entries(platforms).map(([id, platform]) => [id, guard(platform, ladder)]));
}

function guard(platform: Platform, ladder: Ladder): Platform {
  const { readPage, readRecords, deliver, act, subscribe, reports } = platform;
  return {
    ...platform,
    ...(readPage && { readPage: (...args) => guarded(ladder, 'readPage', () => readPage(...args)) }),
    ...(readRecords && { readRecords: (...args) => guarded(ladder, 'readRecords', () => readRecords(...args)) }),
    ...(deliver && { deliver: (...args) => guarded(ladder, 'deliver', () => deliver(...args)) }),
    ...(act && { act: (...args) => guarded(ladder, 'act', () => act(...args)) }),
    ...(reports && { reports: guardReports(reports, ladder) }),
    ...(subscribe && { subscribe: (...args) => guarded(ladder, 'subscribe', () => subscribe(...args)) }),
  };
}

function guardReports(reports: ReportsMailings['reports'], ladder: Ladder): ReportsMailings['reports'] {
  const each = <Result>(call: () => Promise<Result>): Promise<Result> => guarded(ladder, 'readReports', call);
  return {
    settings: (settings) => reports.settings(settings),
    mailings: (...args) => each(() => reports.mailings(...args)),
    campaignMailings: (...args) => each(() => reports.campaignMailings(...args)),
    details: (...args) => each(() => reports.details(...args)),
    statistics: (...args) => each(() => reports.statistics(...args)),
    pages: (...args) => guardedPages(reports.pages(...args), each),
    trendReports: (...args) => guardedPages(reports.trendReports(...args), each),
  };
}

/** Each page is a call of its own. */
async function* guardedPages<Page>(pages: AsyncGenerator<Page, void, undefined>, each: <Result>(call: () => Promise<Result>) => Promise<Result>): AsyncGenerator<Page, void, undefined> {
  for (;;) {
    let step: IteratorResult<Page, void> | undefined = await each(() => pages.next());
    if (step.done === true) return;
    yield step.value;
    // Else the page lives until the next one has come.
    step = undefined;
  }
}

async function guarded<Result>(ladder: Ladder, operation: PlatformOperation, call: () => Promise<Result>): Promise<Result> {
  const attempt = attempts.getStore();
  if (attempt === undefined) return call();
  await ladder.mayCall(attempt);
  attempt.operation = operation;
  const result = await call();
  await ladder.succeeded(attempt, operation);
  return result;
}
