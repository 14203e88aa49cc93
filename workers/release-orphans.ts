import { ApplicationFailure } from '@temporalio/common';
import { ActivityNotFoundError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { hasEnded, type WorkerIdentity } from './identity.ts';

/** `PENDING_ACTIVITY_STATE_STARTED` and `…_CANCEL_REQUESTED` of temporal.api.enums.v1.PendingActivityState: a worker has it. */
const takenStates: ReadonlySet<number> = new Set([2, 3]);

/**
 * Attempts of workers on this machine that were killed: they are given back at once, instead of after the eight seconds in which a
 * heartbeat is missed. Safe: a sender holds a lock that its end has released, and everything else may be repeated. Returns how many.
 */
export async function releaseOrphans(client: Client, own: WorkerIdentity): Promise<number> {
  let released = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query: "ExecutionStatus = 'Running'" })) {
    for (const activityId of await orphansOf(client, { workflowId, runId }, own)) {
      if (await giveBack(client, { workflowId, runId, activityId })) released += 1;
    }
  }
  return released;
}

async function orphansOf(client: Client, { workflowId, runId }: { readonly workflowId: string; readonly runId: string }, own: WorkerIdentity): Promise<readonly string[]> {
  try {
    const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
    const pending = raw.pendingActivities ?? [];
    return pending.flatMap(({ activityId, state, lastWorkerIdentity }) => (takenStates.has(Number(state)) && typeof activityId === 'string' && hasEnded(lastWorkerIdentity ?? '', own) ? [activityId] : []));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
}

async function giveBack(client: Client, activity: { readonly workflowId: string; readonly runId: string; readonly activityId: string }): Promise<boolean> {
  const failure = ApplicationFailure.create({ type: 'WORKER_ENDED', message: 'The process that worked on this attempt ended.', nextRetryDelay: 1 });
  failure.stack = failure.message;
  try {
    await client.activity.fail(activity, failure);
    return true;
  } catch (error) {
    if (error instanceof ActivityNotFoundError) return false;
    throw error;
  }
}
