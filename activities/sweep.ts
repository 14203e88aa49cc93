import { accountsToRematch } from '../db/repositories/accounts.ts';
import { runningRuns } from '../db/repositories/default-source/runs.ts';
import { connectorsToRemap } from '../db/repositories/mapping/mapping-runs.ts';
import { listConnectors, type ConnectorRow } from '../db/repositories/connectors.ts';
import { syncStateOfRow } from '../db/repositories/connector-state.ts';
import { dueWork, runsByWorkflow } from '../db/repositories/sweep.ts';
import { workflowIds, workflowTypes } from '../workflows/ids.ts';
import { attributeKeys } from '../workflows/search-attributes.ts';
import { startBackfill } from './activate.ts';
import { followDefaultSource } from './default-source.ts';
import { finishRun } from './finish-run.ts';
import { loadConnector } from './connector-context.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { OrchestrationDependencies } from './orchestration.ts';
import { statusOf } from './reach-workflows.ts';
import { startRemap } from './start-remap.ts';
import { startRematch } from './start-rematch.ts';
import { ensureSchedules, ensureSweepSchedule, everyMsOf, scheduleIdsOf, surplusScheduleIdsOf } from './schedules.ts';
import { sweepData, type DataSweep } from './sweep-data.ts';

/** What a sweep did. Counts only. */
export interface SweepResult extends DataSweep {
  /** Lifecycles that did not run, or showed an old state. */
  readonly lifecycles: number;
  readonly schedules: number;
  readonly backfills: number;
  /** Accounts whose contacts are to be matched anew. */
  readonly rematches: number;
  /** Connectors with stored records that are to be brought in line with their mapping, or with whose word counts first. */
  readonly remaps: number;
  /** Workflows woken because they had work to do. */
  readonly woken: number;
}

/** Activities of `sweep`. */
export function createSweepActivities(deps: OrchestrationDependencies) {
  /**
   * Wakes what has due work, starts what should run and does not, restores Schedules and search attributes, and puts right what nobody
   * else comes back to (design §6). Everything is decided from PostgreSQL and from lists; no workflow is asked. Idempotent.
   */
  async function sweepOnce(): Promise<SweepResult> {
    return withHeartbeat(async () => {
      const connectors = await listConnectors(deps.db);
      const data = await sweepData(deps);
      await ensureSweepSchedule(deps);
      return {
        ...data,
        lifecycles: await restoreLifecycles(deps, connectors),
        schedules: await restoreSchedules(deps, connectors),
        backfills: await restoreBackfills(deps),
        rematches: await restoreRematches(deps),
        remaps: await restoreRemaps(deps, connectors),
        woken: await wakeDue(deps),
      };
    });
  }
  return { sweepOnce };
}

async function wakeDue(deps: OrchestrationDependencies): Promise<number> {
  const { sync, deliver } = await dueWork(deps.db);
  for (const id of sync) deps.waker.wake('sync', id);
  for (const id of deliver) deps.waker.wake('deliver', id);
  return sync.length + deliver.length;
}

async function restoreLifecycles(deps: OrchestrationDependencies, connectors: readonly ConnectorRow[]): Promise<number> {
  const shown = new Map<string, string | undefined>();
  const query = `WorkflowType = '${workflowTypes.connectorLifecycle}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId, typedSearchAttributes } of deps.temporal.workflow.list({ query })) shown.set(workflowId, typedSearchAttributes.get(attributeKeys.syncState));
  const stale = connectors.filter((row) => shown.get(workflowIds.connector(row.id)) !== syncStateOfRow(row));
  for (const row of stale) deps.waker.wake('connector', row.id);
  return stale.length;
}

async function restoreSchedules(deps: OrchestrationDependencies, connectors: readonly ConnectorRow[]): Promise<number> {
  const shown = new Map<string, { readonly paused: boolean; readonly everyMs: number | undefined }>();
  for await (const { scheduleId, state, spec } of deps.temporal.schedule.list()) shown.set(scheduleId, { paused: state.paused, everyMs: spec?.intervals?.[0]?.every });
  let restored = 0;
  for (const row of connectors) {
    const connector = await loadConnector(deps, row.id);
    const isRight = (id: string): boolean => shown.get(id)?.paused === row.paused && shown.get(id)?.everyMs === everyMsOf(deps, connector, id);
    const isComplete = scheduleIdsOf(connector).every(isRight) && !surplusScheduleIdsOf(connector).some((id) => shown.has(id));
    if (row.phase === 'onboarding' || isComplete) continue;
    await ensureSchedules(deps, connector);
    restored += 1;
  }
  return restored;
}

async function restoreRematches(deps: OrchestrationDependencies): Promise<number> {
  const accounts = await accountsToRematch(deps.db);
  for (const accountId of accounts) await startRematch(deps.temporal, accountId);
  return accounts.length;
}

async function restoreRemaps(deps: OrchestrationDependencies, connectors: readonly ConnectorRow[]): Promise<number> {
  for (const accountId of new Set(connectors.map((row) => row.account_id))) await followDefaultSource(deps, accountId);
  const due = new Set([...(await connectorsToRemap(deps.db)), ...(await runningRuns(deps.db)).map((run) => run.connectorId)]);
  for (const connectorId of due) await startRemap(deps.temporal, connectorId);
  return due.size;
}

/** Terminate means restart, cancel means stop. */
async function restoreBackfills(deps: OrchestrationDependencies): Promise<number> {
  let restored = 0;
  for (const { connectorId, workflowId, runIds, dataTypes } of await runsByWorkflow(deps.db)) {
    const status = await statusOf(deps, workflowId);
    if (status === 'RUNNING') continue;
    const connector = await loadConnector(deps, connectorId);
    if (status === 'CANCELLED') for (const runId of runIds) await finishRun(deps, connector, { runId, state: 'cancelled', reason: 'its workflow was cancelled' });
    else await startBackfill(deps, connector, { connectorId, resume: true, who: 'sweep', ...(dataTypes.length === 1 && dataTypes[0] !== undefined ? { dataType: dataTypes[0] } : {}) });
    restored += 1;
  }
  return restored;
}
