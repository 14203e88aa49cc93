import type { WorkflowHandle } from '@temporalio/client';

/** The current details of a workflow, as the Temporal UI shows them: Markdown. Needs a worker. */
export async function detailsOf(handle: WorkflowHandle): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}
