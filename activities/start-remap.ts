import type { Client } from '@temporalio/client';
import { startOptions, workflowIds, workflowTypes } from '../workflows/ids.ts';

/** Starts the workflow that brings a connector's stored records in line with its mapping; one that runs goes on. */
export async function startRemap(client: Client, connectorId: string): Promise<void> {
  await client.workflow.start(workflowTypes.remap, {
    ...startOptions, workflowId: workflowIds.remap(connectorId), args: [{ connectorId }], workflowIdConflictPolicy: 'USE_EXISTING', workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  });
}
