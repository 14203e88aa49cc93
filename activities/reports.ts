import { listedStretch, noteRound, nextDue, saveMailings, saveTrendReports, type Listed, type ReportScope } from '../db/repositories/reports/mailings.ts';
import type { PlatformContext, ReportsMailings } from '../platforms/platform.ts';
import type { ReportSettings } from '../platforms/reports-mailings.ts';
import type { ReportsInput } from '../workflows/message-types.ts';
import { activitySignal, loadConnector, platformContext, type LoadedConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withHeartbeat } from './heartbeat.ts';
import { isOfReport, lookAtMailing } from './look-at-mailing.ts';
import { whyNoReading } from './why-no-reading.ts';

/** What one time box of a pull of reports did. Counts only. */
export interface ReportsProgress {
  readonly rows: number;
  readonly mailings: number;
  /** There is more to read: the time box ended. */
  readonly more: boolean;
  /** When the pull began, ISO instant; to be given to the next time box. */
  readonly startedAt: string;
  /** Why nothing is read; for a person. */
  readonly waiting?: string;
}

/** One time box of a pull of reports. */
export interface ReportRun {
  readonly deps: ActivityDependencies;
  readonly reports: ReportsMailings['reports'];
  readonly settings: ReportSettings;
  readonly context: PlatformContext;
  readonly scope: ReportScope;
  readonly signal: AbortSignal;
  readonly endsAt: number;
  /** When the pull began. */
  readonly startedAt: string;
  /** How far before now windows end, in milliseconds. */
  readonly marginMs: number;
  readonly tally: { rows: number; mailings: number };
}

/** Mailings of so long a time are listed in one call. */
const listWindowMs = 92 * 86_400_000;

/** Activities of `pullReports`. */
export function createReportActivities(deps: ActivityDependencies) {
  /**
   * Lists the mailings of a connector, then reads the reports of those that are due, the newest first, for one time box. Every page is stored
   * with the progress of its list, so that it may be killed anywhere. What is wrong with one mailing is noted there and the others go on; what is
   * wrong with reports at all is noted at the connector and ends the pull: contacts are read all the same. Throws what calls on the ladder throw.
   */
  async function readReports(input: ReportsInput): Promise<ReportsProgress> {
    return withHeartbeat(async () => {
      const startedAt = input.startedAt ?? new Date(deps.now()).toISOString();
      const endsAt = deps.now() + deps.settings.timeBoxMs;
      const tally = { rows: 0, mailings: 0 };
      const outcome = await read(deps, { connectorId: input.connectorId, startedAt, endsAt, tally, isNew: input.startedAt === undefined });
      return { ...tally, startedAt, ...outcome };
    });
  }
  return { readReports };
}

interface Box {
  readonly connectorId: string;
  readonly startedAt: string;
  readonly endsAt: number;
  readonly tally: ReportRun['tally'];
  /** The pull begins: mailings are listed first. */
  readonly isNew: boolean;
}

async function read(deps: ActivityDependencies, { isNew, connectorId, ...box }: Box): Promise<Pick<ReportsProgress, 'more' | 'waiting'>> {
  const signal = activitySignal();
  for (let isFirst = true; ; isFirst = false) {
    signal.throwIfAborted();
    const connector = await loadConnector(deps, connectorId);
    const waiting = whyNoReports(connector);
    if (waiting !== undefined) return { more: false, waiting };
    const run = openRun(deps, connector, signal, box);
    if (run === undefined) return { more: false, waiting: 'the platform has no reports' };
    try {
      if (isFirst && isNew) await listAll(run);
      const due = await nextDue(deps.db, connectorId, box.startedAt);
      if (due === undefined) return await end(run);
      if (!(await lookAtMailing(run, due)) || deps.now() > box.endsAt) return { more: true };
    } catch (error) {
      if (!isOfReport(error)) throw error;
      await noteRound(deps.db, run.scope, { code: error.code, reason: `${error.message} ${error.fix}` });
      return { more: false, waiting: error.message };
    }
  }
}

function whyNoReports(connector: LoadedConnector): string | undefined {
  const reading = whyNoReading(connector);
  if (reading !== undefined) return reading;
  return connector.platform.reports?.settings(connector.settings).isOn === false ? 'reports are switched off' : undefined;
}

function openRun(deps: ActivityDependencies, connector: LoadedConnector, signal: AbortSignal, box: Omit<Box, 'isNew' | 'connectorId'>): ReportRun | undefined {
  const { platform: { reports }, row, settings, hubSettings } = connector;
  if (reports === undefined) return undefined;
  return {
    deps, reports, signal, ...box, settings: reports.settings(settings), context: platformContext(deps, connector, signal),
    scope: { accountId: row.account_id, connectorId: row.id }, marginMs: hubSettings.pullMarginMs ?? deps.settings.pullMarginMs,
  };
}

async function end({ deps, scope, startedAt }: ReportRun): Promise<{ readonly more: false }> {
  await noteRound(deps.db, scope, { readAt: startedAt });
  return { more: false };
}

/** Mailings that came or may have changed since the last pull; those of before where the settings reach back further now. */
async function listAll(run: ReportRun): Promise<void> {
  const { deps, reports, context, scope, startedAt, settings } = run;
  const followed = (at: string) => new Date(Date.parse(at) - settings.followMs).toISOString();
  const listed = await listedStretch(deps.db, scope.connectorId);
  const from = settings.from ?? listed?.from ?? followed(startedAt);
  if (listed === undefined) await listBetween(run, { from, to: startedAt }, (to) => ({ from, to }));
  else {
    if (from < listed.from) await listBetween(run, { from, to: listed.from }, (to) => (to === listed.from ? { ...listed, from } : listed));
    const begin = [followed(listed.to), from].reduce((a, b) => (a > b ? a : b));
    await listBetween(run, { from: begin, to: startedAt }, (to) => ({ from: from < listed.from ? from : listed.from, to: to > listed.to ? to : listed.to }));
  }
  await saveMailings(deps.db, scope, await reports.campaignMailings(context), { now: startedAt });
  for await (const page of reports.trendReports(context)) await saveTrendReports(deps.db, scope, page, startedAt);
}

/** `listedBy` gives what is listed when all up to an instant are. */
async function listBetween(run: ReportRun, { from, to }: Listed, listedBy: (to: string) => Listed): Promise<void> {
  const endMs = Date.parse(to);
  for (let fromMs = Date.parse(from); fromMs < endMs; fromMs += listWindowMs) {
    run.signal.throwIfAborted();
    const window = { from: new Date(fromMs).toISOString(), to: new Date(Math.min(fromMs + listWindowMs, endMs)).toISOString() };
    await saveMailings(run.deps.db, run.scope, await run.reports.mailings(run.context, window), { now: run.startedAt, listed: listedBy(window.to) });
  }
}
