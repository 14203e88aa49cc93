import { mergePending } from '../db/repositories/merge/merge-records.ts';
import { loadApplyContext } from './apply-context.ts';
import { loadConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withHeartbeat } from './heartbeat.ts';

/** Activities that merge records. */
export function createMergeActivities(deps: ActivityDependencies) {
  /** Carries out the account's merge requests. Idempotent; tells which connectors have new work. */
  async function mergeRecords(input: { accountId: string }): Promise<{ merged: number; raisedFor: readonly string[] }> {
    return withHeartbeat(async () => {
      const any = await deps.db.selectFrom('connector').select('id').where('account_id', '=', input.accountId).where('phase', '<>', 'removed').limit(1).executeTakeFirst();
      if (any === undefined) return { merged: 0, raisedFor: [] };
      const context = await loadApplyContext(deps, await loadConnector(deps, any.id));
      const report = await mergePending(deps.db, { ...context, now: new Date(deps.now()).toISOString(), faultPoint: deps.faultPoint });
      return { merged: report.merged, raisedFor: report.raisedFor };
    });
  }
  return { mergeRecords };
}
