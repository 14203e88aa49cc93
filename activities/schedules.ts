import { ScheduleAlreadyRunning, ScheduleNotFoundError, type Client, type ScheduleHandle } from '@temporalio/client';
import { pullIntervalOf } from '../db/repositories/connector-settings.ts';
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

/** Makes sure that each pulled data type of a connector has its Schedule, with the connector's interval, paused when it is. Idempotent. */
export async function ensureSchedules(deps: OrchestrationDependencies, connector: LoadedConnector): Promise<void> {
  for (const dataType of pulledTypes(connector)) await ensureSchedule(deps.temporal, wantedPull(deps, connector, dataType));
}

/** Milliseconds between two pulls of a connector, as its Schedules should have it. */
export function pullEveryMs(deps: Pick<OrchestrationDependencies, 'intervals'>, { row }: Pick<LoadedConnector, 'row'>): number {
  return wholeSeconds(pullIntervalOf(row.settings, deps.intervals.pullMs));
}

/** Ids of the Schedules that a connector should have. */
export function scheduleIdsOf(connector: LoadedConnector): readonly string[] {
  return pulledTypes(connector).map((dataType) => workflowIds.pullSchedule(connector.row.id, dataType));
}

/** Removes the Schedules of a connector. Idempotent. */
export async function deleteSchedules(deps: OrchestrationDependencies, connector: LoadedConnector): Promise<void> {
  for (const scheduleId of scheduleIdsOf(connector)) await unlessGone(() => deps.temporal.schedule.getHandle(scheduleId).delete());
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
  return {
    scheduleId, everyMs, paused: row.paused,
    create: () => deps.temporal.schedule.create({
      scheduleId, spec: { intervals: [{ every: everyMs, offset: offsetOf(scheduleId, everyMs) }] }, policies: { overlap: 'SKIP', catchupWindow: catchupWindowMs },
      state: row.paused ? { paused: true, note: pausedNote } : { paused: false },
      action: { type: 'startWorkflow', workflowType: workflowTypes.pull, workflowId: scheduleId, ...startOptions, args: [{ connectorId: row.id, dataType }], typedSearchAttributes: attributes },
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
