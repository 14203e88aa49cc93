import type { Trx } from '../db/database.ts';
import { writeAudit } from '../db/repositories/audit.ts';
import { endRuns, firstImportsDone, insertRun, runningRuns } from '../db/repositories/backfill-runs.ts';
import { lockConnector, setPhase } from '../db/repositories/connector-state.ts';
import { openGate, raiseFirstExport } from '../db/repositories/gates.ts';
import type { DataType } from '../domain/presets/data-types.ts';
import { takes } from './apply-context.ts';
import type { LoadedConnector } from './connector-context.ts';
import { firstImportTypes } from './orchestration.ts';

/** The first import of a data type is complete: what waited for it is set free, and records that were on their way into the hub when the connector was activated are raised. Returns how many were freed. */
export async function freeWaiting(trx: Trx, connector: LoadedConnector, dataType: DataType): Promise<number> {
  const { row, platform } = connector;
  if (platform.description.createsContacts && takes(connector, dataType) && dataType !== 'activities') {
    await raiseFirstExport(trx, { accountId: row.account_id, connectorId: row.id, dataType, gateOpen: true, unlinkedOnly: true });
  }
  return openGate(trx, row.id, dataType);
}

/** The connector is live once all first imports are complete and nothing is running. */
export async function goLive(trx: Trx, connector: LoadedConnector): Promise<void> {
  const { row } = connector;
  const present = await lockConnector(trx, row.id);
  if (present?.phase !== 'backfilling' || (await runningRuns(trx, row.id)).length > 0) return;
  const done = await firstImportsDone(trx, row.id);
  if (firstImportTypes(connector).some((dataType) => !done.has(dataType))) return;
  await setPhase(trx, row.id, 'live');
  await writeAudit(trx, { accountId: row.account_id, who: 'hub', what: 'connector.live', connectorId: row.id });
}

/** A system that pushes said that it has sent all it had of a data type. False when that was known already. */
export async function completeFirstImport(trx: Trx, connector: LoadedConnector, dataType: DataType, at: string): Promise<boolean> {
  const { row } = connector;
  await lockConnector(trx, row.id);
  if ((await firstImportsDone(trx, row.id)).has(dataType)) return false;
  const runId = await insertRun(trx, { accountId: row.account_id, connectorId: row.id, dataType, from: at, to: at, isFirst: true, workflowId: `pushed/${row.id}/${dataType}`, slices: [] });
  await endRuns(trx, [runId], 'done', null);
  const freed = await freeWaiting(trx, connector, dataType);
  await writeAudit(trx, { accountId: row.account_id, who: row.id, what: 'import.complete', connectorId: row.id, details: { dataType, freed } });
  await goLive(trx, connector);
  return true;
}
