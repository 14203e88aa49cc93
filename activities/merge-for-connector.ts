import { activitySignal, loadConnector } from './connector-context.ts';
import { mergeRecords, type MergePart } from './merge.ts';
import type { OrchestrationDependencies } from './orchestration.ts';

/** Activities that follow a page which asked for a merge. */
export function createMergeForActivities(deps: OrchestrationDependencies) {
  /**
   * Carries out the merge requests of the connector's account for one time box, and wakes the deliveries concerned. `more`: requests are left. Idempotent;
   * may be killed anywhere.
   */
  async function mergeFor({ connectorId }: { readonly connectorId: string }): Promise<Pick<MergePart, 'merged' | 'more'>> {
    const { row } = await loadConnector(deps, connectorId);
    const { merged, raisedFor, more } = await mergeRecords(deps, row.account_id, deps.settings.timeBoxMs);
    for (const id of raisedFor) deps.waker.wake('deliver', id);
    activitySignal().throwIfAborted();
    return { merged, more };
  }
  return { mergeFor };
}
