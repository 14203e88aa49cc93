import type { Client } from '@temporalio/client';
import { startOptions, workflowIds, workflowTypes } from '../workflows/ids.ts';

/** Starts the workflow that matches the contacts of an account anew; one that runs goes on. */
export async function startRematch(client: Client, accountId: string): Promise<void> {
  await client.workflow.start(workflowTypes.rematch, {
    ...startOptions, workflowId: workflowIds.rematch(accountId), args: [{ accountId }], workflowIdConflictPolicy: 'USE_EXISTING', workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  });
}
