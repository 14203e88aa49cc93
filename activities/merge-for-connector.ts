import { loadConnector } from './connector-context.ts';
import { createMergeActivities } from './merge.ts';
import type { OrchestrationDependencies } from './orchestration.ts';

/** Activities that follow a page which asked for a merge. */
export function createMergeForActivities(deps: OrchestrationDependencies) {
  const { mergeRecords } = createMergeActivities(deps);

  /** Carries out the merge requests of the connector's account and wakes the deliveries concerned. Idempotent. */
  async function mergeFor({ connectorId }: { readonly connectorId: string }): Promise<{ readonly merged: number }> {
    const { row } = await loadConnector(deps, connectorId);
    const { merged, raisedFor } = await mergeRecords({ accountId: row.account_id });
    for (const id of raisedFor) deps.waker.wake('deliver', id);
    return { merged };
  }
  return { mergeFor };
}
