import { ScheduleAlreadyRunning, ScheduleNotFoundError, type Client, type ScheduleHandle } from '@temporalio/client';
import { pullIntervalOf } from '../db/repositories/connector-settings.ts';
import type { ReportSettings } from '../platforms/reports-mailings.ts';
import { startOptions, workflowIds, workflowTypes } from '../workflows/ids.ts';
import { attributePairs } from '../workflows/search-attributes.ts';
import type { LoadedConnector } from './connector-context.ts';
import { pulledTypes, type OrchestrationDependencies } from './orchestration.ts';

/** A pull that was missed for longer than this is left out: the next one's window covers it. */
const catchupWindowMs = 60_000;
const pausedNote = 'The connector is paused.';

interface WantedSchedule {
  readonly scheduleId: string;
  readonly everyMs: number;
  readonly paused: boolean;
  readonly create: () => Promise<unknown>;
}

/**
 * Makes sure that each pulled data type of a connector has its Schedule, and its reports where they are switched on, with the connector's
 * intervals, paused when it is; the one for reports that are switched off goes. Idempotent.
 */
export async function ensureSchedules(deps: OrchestrationDependencies, connector: LoadedConnector): Promise<void> {
  for (const dataType of pulledTypes(connector)) await ensureSchedule(deps.temporal, wantedPull(deps, connector, dataType));
  const settings = reportSettingsOf(connector);
  if (settings?.isOn === true) await ensureSchedule(deps.temporal, wantedReports(deps, connector, settings.intervalMs));
  for (const scheduleId of surplusScheduleIdsOf(connector)) await unlessGone(() => deps.temporal.schedule.getHandle(scheduleId).delete());
}

/** The interval that one of a connector's Schedules should have, in milliseconds. */
export function everyMsOf(deps: Pick<OrchestrationDependencies, 'intervals'>, connector: LoadedConnector, scheduleId: string): number {
  const reports = scheduleId === workflowIds.reportsSchedule(connector.row.id) ? reportSettingsOf(connector) : undefined;
  return reports === undefined ? pullEveryMs(deps, connector) : wholeSeconds(reports.intervalMs);
}

/** Milliseconds between two pulls of a connector, as its Schedules should have it. */
function pullEveryMs(deps: Pick<OrchestrationDependencies, 'intervals'>, { row }: Pick<LoadedConnector, 'row'>): number {
  return wholeSeconds(pullIntervalOf(row.settings, deps.intervals.pullMs));
}

/** Ids of the Schedules that a connector should have. */
export function scheduleIdsOf(connector: LoadedConnector): readonly string[] {
  const pulls = pulledTypes(connector).map((dataType) => workflowIds.pullSchedule(connector.row.id, dataType));
  return reportSettingsOf(connector)?.isOn === true ? [...pulls, workflowIds.reportsSchedule(connector.row.id)] : pulls;
}

/** Ids of Schedules that a connector had by another setting, and should not have. */
export function surplusScheduleIdsOf(connector: LoadedConnector): readonly string[] {
  return reportSettingsOf(connector)?.isOn === false ? [workflowIds.reportsSchedule(connector.row.id)] : [];
}

function reportSettingsOf({ platform, settings }: LoadedConnector): ReportSettings | undefined {
  return platform.reports?.settings(settings);
}

/** Removes the Schedules of a connector. Idempotent. */
export async function deleteSchedules(deps: OrchestrationDependencies, connector: LoadedConnector): Promise<void> {
  for (const scheduleId of [...scheduleIdsOf(connector), ...surplusScheduleIdsOf(connector)]) await unlessGone(() => deps.temporal.schedule.getHandle(scheduleId).delete());
}

/** Pulls each data type now, unless a pull is under way. */
export async function triggerPulls(deps: OrchestrationDependencies, connector: LoadedConnector): Promise<void> {
  for (const scheduleId of scheduleIdsOf(connector)) await unlessGone(() => deps.temporal.schedule.getHandle(scheduleId).trigger('SKIP'));
}

/** Makes sure that the sweep has its Schedule. Idempotent. */
export async function ensureSweepSchedule(deps: OrchestrationDependencies): Promise<void> {
  const scheduleId = workflowIds.sweepSchedule;
  const everyMs = wholeSeconds(deps.intervals.sweepMs);
  await ensureSchedule(deps.temporal, {
    scheduleId, everyMs, paused: false,
    create: () => deps.temporal.schedule.create({
      scheduleId, spec: { intervals: [{ every: everyMs }] }, policies: { overlap: 'SKIP', catchupWindow: catchupWindowMs },
      action: { type: 'startWorkflow', workflowType: workflowTypes.sweep, workflowId: workflowIds.sweepSchedule, ...startOptions, args: [] },
    }),
  });
}

function wantedPull(deps: OrchestrationDependencies, { row }: LoadedConnector, dataType: string): WantedSchedule {
  const scheduleId = workflowIds.pullSchedule(row.id, dataType);
  const everyMs = pullEveryMs(deps, { row });
  const attributes = attributePairs({ accountId: row.account_id, connectorId: row.id, platform: row.platform, dataType });
  return wanted(deps, row.paused, { scheduleId, everyMs, action: { workflowType: workflowTypes.pull, args: [{ connectorId: row.id, dataType }], typedSearchAttributes: attributes } });
}

function wantedReports(deps: OrchestrationDependencies, { row }: LoadedConnector, intervalMs: number): WantedSchedule {
  const attributes = attributePairs({ accountId: row.account_id, connectorId: row.id, platform: row.platform });
  return wanted(deps, row.paused, {
    scheduleId: workflowIds.reportsSchedule(row.id), everyMs: wholeSeconds(intervalMs),
    action: { workflowType: workflowTypes.pullReports, args: [{ connectorId: row.id }], typedSearchAttributes: attributes },
  });
}

interface ScheduledStart {
  readonly scheduleId: string;
  readonly everyMs: number;
  /** The workflow has the Schedule's id. */
  readonly action: { readonly workflowType: string; readonly args: unknown[]; readonly typedSearchAttributes: ReturnType<typeof attributePairs> };
}

function wanted(deps: OrchestrationDependencies, paused: boolean, { scheduleId, everyMs, action }: ScheduledStart): WantedSchedule {
  return {
    scheduleId, everyMs, paused,
    create: () => deps.temporal.schedule.create({
      scheduleId, spec: { intervals: [{ every: everyMs, offset: offsetOf(scheduleId, everyMs) }] }, policies: { overlap: 'SKIP', catchupWindow: catchupWindowMs },
      state: paused ? { paused: true, note: pausedNote } : { paused: false },
      action: { type: 'startWorkflow', workflowId: scheduleId, ...startOptions, ...action },
    }),
  };
}

async function ensureSchedule(client: Client, wanted: WantedSchedule): Promise<void> {
  const handle = client.schedule.getHandle(wanted.scheduleId);
  const present = await unlessGone(() => handle.describe());
  if (present === undefined) {
    await createOnce(wanted);
    return;
  }
  if (present.spec.intervals?.[0]?.every !== wanted.everyMs) await setInterval(handle, wanted);
  if (present.state.paused !== wanted.paused) await (wanted.paused ? handle.pause(pausedNote) : handle.unpause('The connector goes on.'));
}

async function setInterval(handle: ScheduleHandle, { everyMs, scheduleId }: WantedSchedule): Promise<void> {
  await handle.update((previous) => ({ ...previous, spec: { intervals: [{ every: everyMs, offset: offsetOf(scheduleId, everyMs) }] } }));
}

async function createOnce(wanted: WantedSchedule): Promise<void> {
  try {
    await wanted.create();
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

async function unlessGone<Result>(call: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/** Schedules count in seconds. */
const wholeSeconds = (ms: number) => Math.max(1, Math.round(ms / 1_000)) * 1_000;

/** Spreads the pulls of many connectors over the interval, always the same for one Schedule. */
function offsetOf(scheduleId: string, everyMs: number): number {
  let hash = 0;
  for (const character of scheduleId) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return Math.floor(((hash % 1_000) / 1_000) * (everyMs / 1_000)) * 1_000;
}
