import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { runningRuns } from '../db/repositories/backfill-runs.ts';
import { workflowIds } from '../workflows/ids.ts';
import { endWaitSignal } from '../workflows/messages.ts';
import { loggable } from './failure.ts';
import type { OrchestrationDependencies } from './orchestration.ts';

/** Ends the waits of all workflows of a connector: each looks up anew what to do. */
export async function endWaits(deps: OrchestrationDependencies, connectorId: string): Promise<void> {
  await forEachWorkflow(deps, connectorId, (handle) => handle.signal(endWaitSignal));
}

/** Cancels all workflows of a connector but its lifecycle. */
export async function cancelWorkflows(deps: OrchestrationDependencies, connectorId: string, alsoIds: readonly string[] = []): Promise<void> {
  await forEachWorkflow(deps, connectorId, async (handle) => void (await handle.cancel()), alsoIds);
}

/** True when a workflow of this id is running. */
export async function isRunning(deps: Pick<OrchestrationDependencies, 'temporal'>, workflowId: string): Promise<boolean> {
  return (await statusOf(deps, workflowId)) === 'RUNNING';
}

/** The status of the newest run of a workflow id; undefined when the server knows none. */
export async function statusOf({ temporal }: Pick<OrchestrationDependencies, 'temporal'>, workflowId: string): Promise<string | undefined> {
  try {
    return (await temporal.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function forEachWorkflow(deps: OrchestrationDependencies, connectorId: string, act: (handle: WorkflowHandle) => Promise<void>, alsoIds: readonly string[] = []): Promise<void> {
  const runs = await runningRuns(deps.db, connectorId);
  const ids = new Set([workflowIds.sync(connectorId), workflowIds.deliver(connectorId), ...runs.map((run) => run.workflow_id), ...alsoIds, ...(await listed(deps, connectorId))]);
  ids.delete(workflowIds.connector(connectorId));
  await Promise.all([...ids].map(async (id) => {
    try {
      await act(deps.temporal.workflow.getHandle(id));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }));
}

/** What the list of workflows knows: also pulls, slices, and backfills under ids of their own. It may be a second behind. */
async function listed(deps: OrchestrationDependencies, connectorId: string): Promise<readonly string[]> {
  const ids: string[] = [];
  try {
    for await (const { workflowId } of deps.temporal.workflow.list({ query: `ConnectorId = '${connectorId}' AND ExecutionStatus = 'Running'` })) ids.push(workflowId);
  } catch (error) {
    deps.log.warn({ connectorId, ...loggable(error) }, 'Workflows could not be listed; those with ids by convention are reached all the same');
  }
  return ids;
}
