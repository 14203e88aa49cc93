import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { inAccount, type Trx } from '../db/database.ts';
import { writeAudit } from '../db/repositories/audit.ts';
import { typesEverRun } from '../db/repositories/backfill-runs.ts';
import { lockConnector, setPhase } from '../db/repositories/connector-state.ts';
import { raiseFirstExport } from '../db/repositories/gates.ts';
import { ensureCursors, type InitialCursor } from '../db/repositories/stream-state.ts';
import { recordTypes } from '../domain/model/record-fields.ts';
import { isImported } from '../domain/presets/gates.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import { initialCursor } from '../domain/sync/windows.ts';
import { startOptions, workflowIds, workflowTypes } from '../workflows/ids.ts';
import type { BackfillInput } from '../workflows/message-types.ts';
import { attributePairs } from '../workflows/search-attributes.ts';
import { takes } from './apply-context.ts';
import { reportOn, type ConnectorReport } from './connector-report.ts';
import { loadConnector, type LoadedConnector } from './connector-context.ts';
import { followDefaultSource } from './default-source.ts';
import { firstImportOf, firstImportTypes, importedTypes, pulledTypes, pullMarginMs, streamsFor, type OrchestrationDependencies } from './orchestration.ts';
import { deleteSchedules, ensureSchedules } from './schedules.ts';

/** Activities of a connector's life. */
export function createActivateActivities(deps: OrchestrationDependencies) {
  /**
   * Brings a connector to life, or what is missing of it back: cursors before anything is read, the first export, Schedules, the first
   * import, and whose word on products and stock counts first. Idempotent: what is there stays. Returns how the connector is. Throws CONNECTOR_UNKNOWN.
   */
  async function activate({ connectorId }: { readonly connectorId: string }): Promise<ConnectorReport> {
    const isNew = await activateInDatabase(deps, await loadConnector(deps, connectorId));
    const connector = await loadConnector(deps, connectorId);
    await followDefaultSource(deps, connector.row.account_id);
    if (connector.row.phase === 'removed') await deleteSchedules(deps, connector);
    else {
      await ensureSchedules(deps, connector);
      await ensureFirstImport(deps, connector);
      if (isNew) deps.waker.wake('sync', connectorId);
      if (isNew) deps.waker.wake('deliver', connectorId);
    }
    return reportOn(deps, connectorId);
  }
  return { activate };
}

/** Sets cursors, raises the first export and leaves the phase `onboarding`, in one transaction. A second time changes nothing and gives false. */
export async function activateInDatabase(deps: OrchestrationDependencies, connector: LoadedConnector): Promise<boolean> {
  const { row } = connector;
  if (row.phase !== 'onboarding') return false;
  const now = new Date(deps.now()).toISOString();
  return inAccount(deps.db, row.account_id, async (trx) => {
    if ((await lockConnector(trx, row.id))?.phase !== 'onboarding') return false;
    await ensureCursors(trx, { accountId: row.account_id, connectorId: row.id }, cursorsOf(deps, connector, now));
    const raised = await raiseStored(trx, connector);
    await setPhase(trx, row.id, firstImportTypes(connector).length === 0 ? 'live' : 'backfilling');
    await writeAudit(trx, { accountId: row.account_id, who: 'hub', what: 'connector.activated', connectorId: row.id, details: { raised } });
    return true;
  });
}

function cursorsOf(deps: OrchestrationDependencies, connector: LoadedConnector, now: string): readonly InitialCursor[] {
  return pulledTypes(connector).flatMap((dataType) => {
    const first = firstImportOf(connector, dataType, now);
    const cursor = initialCursor('from' in first ? first.from : now, now, pullMarginMs(deps, connector));
    return streamsFor(connector, dataType, 'pulled').map((stream) => ({ stream: stream.name, cursor }));
  });
}

/** Everything that came before this connector goes to it too. */
async function raiseStored(trx: Trx, connector: LoadedConnector): Promise<number> {
  const { row, platform } = connector;
  if (!platform.description.createsContacts) return 0;
  let raised = 0;
  for (const dataType of recordTypes.filter((type) => takes(connector, type))) {
    const gateOpen = !isImported(row.preset as PresetId, dataType, platform.description).allowed;
    raised += await raiseFirstExport(trx, { accountId: row.account_id, connectorId: row.id, dataType, gateOpen });
  }
  return raised;
}

/** Starts the first import when there is a data type that never had one of any outcome: a cancelled one stays cancelled. */
async function ensureFirstImport(deps: OrchestrationDependencies, connector: LoadedConnector): Promise<void> {
  const { row } = connector;
  if (row.phase !== 'backfilling' || connector.platform.description.announcesFirstImport === true) return;
  const ran = await typesEverRun(deps.db, row.id);
  const missing = importedTypes(connector).filter((dataType) => !ran.has(dataType));
  if (missing.length === 0) return;
  const only = ran.size === 0 ? undefined : missing[0];
  await startBackfill(deps, connector, { connectorId: row.id, ...(only === undefined ? {} : { dataType: only }), who: 'hub' });
}

/** Starts a backfill workflow under the id by convention; false when one of that id is running. */
export async function startBackfill(deps: OrchestrationDependencies, { row }: LoadedConnector, input: BackfillInput): Promise<boolean> {
  const attributes = { accountId: row.account_id, connectorId: row.id, platform: row.platform, dataType: input.dataType ?? 'all' };
  try {
    await deps.temporal.workflow.start<(input: BackfillInput) => Promise<unknown>>(workflowTypes.backfill, {
      workflowId: workflowIds.backfill(row.id, input.dataType ?? 'all'), ...startOptions, args: [input], typedSearchAttributes: attributePairs(attributes),
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
