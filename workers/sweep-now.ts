import type { Client } from '@temporalio/client';
import type { Log } from '../activities/dependencies.ts';
import { loggable } from '../activities/failure.ts';
import { startOptions, workflowIds, workflowTypes } from '../workflows/ids.ts';

/**
 * Starts a sweep for what a process before this one left behind: work of a worker, or requests that a gateway had accepted and told nobody
 * of. A sweep under way gives way. Never fails: the Schedule of the sweep does the same a little later.
 */
export async function sweepNow(client: Client, log: Log): Promise<void> {
  try {
    await client.workflow.start(workflowTypes.sweep, { workflowId: workflowIds.sweepNow, ...startOptions, args: [], workflowIdConflictPolicy: 'TERMINATE_EXISTING' });
  } catch (error) {
    log.warn(loggable(error), 'What was left behind is looked after by the Schedule of the sweep, a little later');
  }
}
