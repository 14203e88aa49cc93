import { inAccount, type Trx } from '../db/database.ts';
import { writeAudit } from '../db/repositories/audit.ts';
import { listConnectors } from '../db/repositories/connectors.ts';
import { endRuns, runningRuns } from '../db/repositories/backfill-runs.ts';
import { connectorStateOf, replaceCredentials, setPaused, setPhase } from '../db/repositories/connector-state.ts';
import { retryFailed, skipFailed } from '../db/repositories/failed/settle-failed.ts';
import { revokeConnectorTokens } from '../db/repositories/tokens.ts';
import { HubError } from '../domain/errors.ts';
import { stockWarning, type ExistingConnector } from '../domain/presets/preset-choice.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import { pause, resume } from '../domain/sync/connector-state.ts';
import { workflowIds } from '../workflows/ids.ts';
import type { BackfillRequest, CommandAnswer, FailedSelection } from '../workflows/message-types.ts';
import { startBackfill } from './activate.ts';
import { runningError } from './backfill.ts';
import { planRuns } from './backfill-plan.ts';
import { loadConnector, type LoadedConnector } from './connector-context.ts';
import { followDefaultSource } from './default-source.ts';
import type { OrchestrationDependencies } from './orchestration.ts';
import { cancelWorkflows, endWaits, isRunning } from './reach-workflows.ts';
import { deleteSchedules, ensureSchedules, triggerPulls } from './schedules.ts';
import { retriedSentence, skippedSentence } from './settled-sentence.ts';

/** An operator's command. `who` is for the audit. */
export type Command = { readonly who: string } & (
  | { readonly kind: 'pause' | 'resume' | 'remove' }
  | { readonly kind: 'startBackfill'; readonly request: BackfillRequest }
  | { readonly kind: 'retryFailed' | 'skipFailed'; readonly selection: FailedSelection }
);

/** Activities that carry out commands. */
export function createCommandActivities(deps: OrchestrationDependencies) {
  /**
   * Carries out a command: first in PostgreSQL with its audit, then towards the connector's workflows and Schedules. May be repeated.
   * Throws CONNECTOR_UNKNOWN, CONNECTOR_STATE and what the command itself is refused with.
   */
  async function applyCommand({ connectorId, command }: { readonly connectorId: string; readonly command: Command }): Promise<CommandAnswer> {
    const connector = await loadConnector(deps, connectorId);
    if (connector.row.phase === 'removed' && command.kind !== 'remove') throw new HubError('CONNECTOR_STATE', `«${connectorId}» was removed.`, { connectorId });
    if (command.kind === 'remove') return remove(deps, connector, command.who);
    if (command.kind === 'startBackfill') return startByCommand(deps, connector, { ...command.request, who: command.who });
    if (command.kind === 'retryFailed' || command.kind === 'skipFailed') return settleFailed(deps, connector, command.kind, command.selection, command.who);
    return setPause(deps, connector, command.kind, command.who);
  }

  /** Writes a signal that was refused to the audit: nobody waits for its answer. */
  async function noteRefusal(input: { readonly connectorId: string; readonly what: string; readonly code: string; readonly reason: string }): Promise<void> {
    const { row } = await loadConnector(deps, input.connectorId);
    await inAccount(deps.db, row.account_id, (trx) => writeAudit(trx, {
      accountId: row.account_id, who: 'signal', what: `${input.what}.refused`, connectorId: row.id, details: { code: input.code, reason: input.reason },
    }));
  }
  return { applyCommand, noteRefusal };
}

async function audited(deps: OrchestrationDependencies, { row }: LoadedConnector, entry: { readonly who: string; readonly what: string; readonly details?: Readonly<Record<string, unknown>> }, act: (trx: Trx) => Promise<unknown>): Promise<void> {
  await inAccount(deps.db, row.account_id, async (trx) => {
    await act(trx);
    await writeAudit(trx, { accountId: row.account_id, connectorId: row.id, ...entry });
  });
}

async function setPause(deps: OrchestrationDependencies, connector: LoadedConnector, kind: 'pause' | 'resume', who: string): Promise<CommandAnswer> {
  const { row } = connector;
  const change = (kind === 'pause' ? pause : resume)(connectorStateOf(row));
  if (!change.ok) throw new HubError('CONNECTOR_STATE', change.reason, { connectorId: row.id });
  const { paused } = change.state;
  const isNew = paused !== row.paused;
  if (isNew) await audited(deps, connector, { who, what: paused ? 'connector.paused' : 'connector.resumed' }, (trx) => setPaused(trx, row.id, paused));
  await ensureSchedules(deps, { ...connector, row: { ...row, paused } });
  await endWaits(deps, row.id);
  if (paused) return { message: isNew ? `«${row.id}» is paused. Nothing is read or sent until it is resumed; what comes in is kept.` : `«${row.id}» was paused already.` };
  deps.waker.wake('sync', row.id);
  deps.waker.wake('deliver', row.id);
  return { message: isNew ? `«${row.id}» goes on.` : `«${row.id}» was not paused.` };
}

async function remove(deps: OrchestrationDependencies, connector: LoadedConnector, who: string): Promise<CommandAnswer> {
  const { row } = connector;
  const runs = await runningRuns(deps.db, row.id);
  const warning = stockWarning(row.id, await connectorsOf(deps, row.account_id));
  if (row.phase !== 'removed') {
    await audited(deps, connector, { who, what: 'connector.removed' }, async (trx) => {
      await setPhase(trx, row.id, 'removed');
      await replaceCredentials(trx, row.id, deps.secrets.seal('{}', `connector/${row.id}`));
      await endRuns(trx, runs.map((run) => run.id), 'cancelled', 'the connector was removed');
      await revokeConnectorTokens(trx, row.id, new Date(deps.now()).toISOString());
    });
  }
  await followDefaultSource(deps, row.account_id);
  await deleteSchedules(deps, connector);
  await cancelWorkflows(deps, row.id, runs.map((run) => run.workflow_id));
  return { message: `«${row.id}» is removed. What it brought in stays; nothing is read from it or sent to it any more, and its credentials are deleted.${warning === '' ? '' : ` ${warning}`}` };
}

async function connectorsOf(deps: OrchestrationDependencies, accountId: string): Promise<readonly ExistingConnector[]> {
  const rows = (await listConnectors(deps.db)).filter((row) => row.account_id === accountId);
  return rows.map((row) => ({ id: row.id, preset: row.preset as PresetId, active: row.phase !== 'onboarding' }));
}

async function startByCommand(deps: OrchestrationDependencies, connector: LoadedConnector, request: BackfillRequest): Promise<CommandAnswer> {
  const { row } = connector;
  const planned = await planRuns(deps, connector, request);
  for (const run of await runningRuns(deps.db, row.id)) {
    if (planned.some((plan) => plan.dataType === run.data_type) && (await isRunning(deps, run.workflow_id))) throw runningError(run);
  }
  const workflowId = workflowIds.backfill(row.id, request.dataType ?? 'all');
  const started = await startBackfill(deps, connector, { connectorId: row.id, ...request });
  if (!started) throw runningError({ connector_id: row.id, data_type: request.dataType ?? 'all types', workflow_id: workflowId });
  return { message: `The backfill of ${planned.map((plan) => `${plan.dataType} since ${plan.from.slice(0, 10)}`).join(', ')} runs as the workflow ${workflowId}.` };
}

async function settleFailed(deps: OrchestrationDependencies, connector: LoadedConnector, kind: 'retryFailed' | 'skipFailed', selection: FailedSelection, who: string): Promise<CommandAnswer> {
  const { row } = connector;
  const { who: _who, ...choice } = selection;
  let message = '';
  await audited(deps, connector, { who, what: `failed.${kind === 'retryFailed' ? 'retried' : 'skipped'}`, details: { code: choice.code, ids: choice.ids?.length } }, async (trx) => {
    message = kind === 'retryFailed' ? retriedSentence(await retryFailed(trx, row.id, choice)) : skippedSentence(await skipFailed(trx, row.id, choice));
  });
  if (kind === 'retryFailed') {
    await endWaits(deps, row.id);
    await triggerPulls(deps, connector);
    deps.waker.wake('sync', row.id);
    deps.waker.wake('deliver', row.id);
  }
  deps.waker.wake('connector', row.id);
  return { message };
}
