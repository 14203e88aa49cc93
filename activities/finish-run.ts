import { inAccount } from '../db/database.ts';
import { writeAudit } from '../db/repositories/audit.ts';
import { endRuns } from '../db/repositories/backfill-runs.ts';
import { lockConnector } from '../db/repositories/connector-state.ts';
import type { LoadedConnector } from './connector-context.ts';
import { freeWaiting, goLive } from './first-import.ts';
import { dataTypeOf, type OrchestrationDependencies } from './orchestration.ts';

/** How a run ends. */
export interface RunEnd {
  readonly runId: number;
  readonly state: 'done' | 'cancelled' | 'failed';
  /** For a person to read; without personal data. */
  readonly reason?: string;
}

/**
 * Ends a run, and what follows from it in the same transaction: deliveries that waited for this first import are set free, and the
 * connector is live once all first imports are complete and nothing is running. Then the workflows concerned are woken. Idempotent.
 */
export async function finishRun(deps: OrchestrationDependencies, connector: LoadedConnector, end: RunEnd): Promise<void> {
  const { row } = connector;
  await inAccount(deps.db, row.account_id, async (trx) => {
    await lockConnector(trx, row.id);
    const [run] = await endRuns(trx, [end.runId], end.state, end.reason ?? null);
    if (run === undefined) return;
    const freed = end.state === 'done' && run.is_first ? await freeWaiting(trx, connector, dataTypeOf(run.data_type)) : 0;
    await writeAudit(trx, {
      accountId: row.account_id, who: 'hub', what: `backfill.${end.state}`, connectorId: row.id,
      details: { dataType: run.data_type, runId: run.id, workflowId: run.workflow_id, rows: run.rows, freed, ...(end.reason === undefined ? {} : { reason: end.reason }) },
    });
    await goLive(trx, connector);
  });
  deps.waker.wake('deliver', row.id);
  deps.waker.wake('connector', row.id);
}
