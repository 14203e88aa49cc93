import { inAccount, type Trx } from '../db/database.ts';
import { writeAudit } from '../db/repositories/audit.ts';
import { endRuns, firstImportsDone, runningRuns, type BackfillRun } from '../db/repositories/backfill-runs.ts';
import { lockConnector, setPhase } from '../db/repositories/connector-state.ts';
import { openGate, raiseFirstExport } from '../db/repositories/gates.ts';
import { isExported } from '../domain/presets/gates.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import type { LoadedConnector } from './connector-context.ts';
import { importedTypes, type OrchestrationDependencies } from './orchestration.ts';

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
    const freed = end.state === 'done' && run.is_first ? await freeWaiting(trx, connector, run) : 0;
    await writeAudit(trx, {
      accountId: row.account_id, who: 'hub', what: `backfill.${end.state}`, connectorId: row.id,
      details: { dataType: run.data_type, runId: run.id, workflowId: run.workflow_id, rows: run.rows, freed, ...(end.reason === undefined ? {} : { reason: end.reason }) },
    });
    await goLive(trx, connector);
  });
  deps.waker.wake('deliver', row.id);
  deps.waker.wake('connector', row.id);
}

/** Also raises records that were on their way into the hub when the connector was activated. */
async function freeWaiting(trx: Trx, { row, platform }: LoadedConnector, run: BackfillRun): Promise<number> {
  const { createsContacts } = platform.description;
  if (run.data_type === 'contacts' && createsContacts && platform.deliver !== undefined && isExported(row.preset as PresetId, 'contacts', platform.description).allowed) {
    await raiseFirstExport(trx, { accountId: row.account_id, connectorId: row.id, dataType: 'contacts', gateOpen: true, unlinkedOnly: true });
  }
  return openGate(trx, row.id, run.data_type);
}

async function goLive(trx: Trx, connector: LoadedConnector): Promise<void> {
  const { row } = connector;
  const present = await lockConnector(trx, row.id);
  if (present?.phase !== 'backfilling' || (await runningRuns(trx, row.id)).length > 0) return;
  const done = await firstImportsDone(trx, row.id);
  if (importedTypes(connector).some((dataType) => !done.has(dataType))) return;
  await setPhase(trx, row.id, 'live');
  await writeAudit(trx, { accountId: row.account_id, who: 'hub', what: 'connector.live', connectorId: row.id });
}
