import { runningRuns, runProgress } from '../db/repositories/backfill-runs.ts';
import { connectorCounts, lastFailedCall, type ConnectorCounts } from '../db/repositories/connector-report.ts';
import { connectorStateOf } from '../db/repositories/connector-state.ts';
import { catalogue, type ErrorCode } from '../domain/error-catalogue.ts';
import { syncStateOf, type ConnectorState, type SyncState } from '../domain/sync/connector-state.ts';
import { loadConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** A connector as its workflow shows it to operators. Small, without personal data. */
export interface ConnectorReport {
  readonly accountId: string;
  readonly platform: string;
  readonly platformTitle: string;
  readonly isTest: boolean;
  readonly state: ConnectorState;
  readonly syncState: SyncState;
  readonly backfills: readonly { readonly dataType: string; readonly workflowId: string; readonly done: number; readonly total: number; readonly rows: number }[];
  readonly counts: ConnectorCounts;
  readonly lastError?: { readonly code: string; readonly message: string; readonly fix: string; readonly at: string; readonly nextAttemptAt: string | null };
}

/** Looks up how a connector is. Throws HubError CONNECTOR_UNKNOWN. */
export async function reportOn(deps: ActivityDependencies, connectorId: string): Promise<ConnectorReport> {
  const { row, platform } = await loadConnector(deps, connectorId);
  const runs = await runningRuns(deps.db, connectorId);
  const backfills = await Promise.all(runs.map(async (run) => {
    const { done, total, rows } = await runProgress(deps.db, run.id);
    return { dataType: run.data_type, workflowId: run.workflow_id, done, total, rows };
  }));
  const state = connectorStateOf(row);
  const failed = await lastFailedCall(deps.db, connectorId);
  return {
    accountId: row.account_id, platform: row.platform, platformTitle: platform.description.title, isTest: row.is_test,
    state, syncState: syncStateOf(state), backfills, counts: await connectorCounts(deps.db, connectorId),
    ...(failed === undefined ? {} : { lastError: { ...failed, fix: fixOf(failed.code) } }),
  };
}

function fixOf(code: string): string {
  return Object.hasOwn(catalogue, code) ? catalogue[code as ErrorCode].fix : '';
}
