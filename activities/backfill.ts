import { Context } from '@temporalio/activity';
import { inAccount, type Trx } from '../db/database.ts';
import { writeAudit } from '../db/repositories/audit.ts';
import { endRuns, findRun, insertRun, runningRuns, runProgress, takeOverRuns, type BackfillRun, type RunProgress } from '../db/repositories/backfill-runs.ts';
import { lockConnector, setPhase } from '../db/repositories/connector-state.ts';
import { repeatOnConflict } from '../db/repositories/repeat-on-conflict.ts';
import { HubError } from '../domain/errors.ts';
import type { BackfillInput } from '../workflows/message-types.ts';
import { activateInDatabase } from './activate.ts';
import { planRuns, type PlannedRun } from './backfill-plan.ts';
import { finishRun } from './finish-run.ts';
import { loadConnector, type LoadedConnector } from './connector-context.ts';
import type { OrchestrationDependencies } from './orchestration.ts';
import { isRunning } from './reach-workflows.ts';

/** A backfill that was opened: its runs, one a data type, in the order in which they are carried out. */
export interface OpenedBackfill {
  readonly accountId: string;
  readonly platform: string;
  readonly runs: readonly { readonly runId: number; readonly dataType: string; readonly from: string }[];
}

/** Activities of `backfill`. */
export function createBackfillActivities(deps: OrchestrationDependencies) {
  /**
   * Opens a run for each data type, or takes over those whose workflow is closed. Throws BACKFILL_RUNNING with the workflow of the one that
   * runs, whatever id it was started under; NOT_IMPORTED, REQUEST_INVALID, CONNECTOR_STATE, CONNECTOR_UNKNOWN. Nothing is opened then.
   */
  async function openBackfill(input: BackfillInput): Promise<OpenedBackfill> {
    const workflowId = Context.current().info.workflowExecution?.workflowId ?? '';
    await activateInDatabase(deps, await loadConnector(deps, input.connectorId));
    const connector = await loadConnector(deps, input.connectorId);
    if (connector.row.phase === 'removed') throw new HubError('CONNECTOR_STATE', `«${input.connectorId}» was removed.`, { connectorId: input.connectorId });
    const planned = input.resume === true ? [] : await planRuns(deps, connector, input);
    await repeatOnConflict(async () => {
      const mine = await takeable(deps, input, workflowId);
      await inAccount(deps.db, connector.row.account_id, (trx) => open(trx, connector, { input, workflowId, mine, planned }));
    });
    return openedFor(deps, connector, workflowId);
  }

  /** How far a run is, and which of its slices are open, newest first. */
  async function runSlices({ runId }: { readonly runId: number }): Promise<RunProgress & { readonly state: BackfillRun['state'] }> {
    const run = await findRun(deps.db, runId);
    return { ...(await runProgress(deps.db, runId)), state: run?.state ?? 'failed' };
  }

  /** Ends a run. When it was the first import of its type, what waited for it is set free. Idempotent. */
  async function closeRun(input: { readonly connectorId: string; readonly runId: number; readonly state: 'done' | 'cancelled' | 'failed'; readonly reason?: string }): Promise<void> {
    await finishRun(deps, await loadConnector(deps, input.connectorId), input);
  }
  return { openBackfill, runSlices, closeRun };
}

/** The runs under way that this workflow may have: its own, and those whose workflow is closed. Throws BACKFILL_RUNNING for others that were asked for. */
async function takeable(deps: OrchestrationDependencies, input: BackfillInput, workflowId: string): Promise<readonly BackfillRun[]> {
  const mine: BackfillRun[] = [];
  for (const run of await runningRuns(deps.db, input.connectorId)) {
    const isOthers = run.workflow_id !== workflowId && (await isRunning(deps, run.workflow_id));
    if (!isOthers) mine.push(run);
    else if (input.resume !== true && (input.dataType === undefined || input.dataType === run.data_type)) throw runningError(run);
  }
  return input.dataType === undefined ? mine : mine.filter((run) => run.data_type === input.dataType);
}

/** The refusal of a second start. */
export function runningError(run: Pick<BackfillRun, 'connector_id' | 'data_type' | 'workflow_id'>): HubError {
  const message = `A backfill of ${run.data_type} is already running at «${run.connector_id}»: workflow ${run.workflow_id}. Wait for it, or cancel that workflow.`;
  return new HubError('BACKFILL_RUNNING', message, { connectorId: run.connector_id });
}

interface Opening {
  readonly input: BackfillInput;
  readonly workflowId: string;
  readonly mine: readonly BackfillRun[];
  readonly planned: readonly PlannedRun[];
}

async function open(trx: Trx, connector: LoadedConnector, { input, workflowId, mine, planned }: Opening): Promise<void> {
  const { row } = connector;
  const present = await lockConnector(trx, row.id);
  const keeps = mine.filter((run) => input.from === undefined || isSame(run, planned));
  await endRuns(trx, mine.filter((run) => !keeps.includes(run)).map((run) => run.id), 'cancelled', 'another start took its place');
  await takeOverRuns(trx, keeps.map((run) => run.id), workflowId);
  const fresh = planned.filter((plan) => !keeps.some((run) => run.data_type === plan.dataType));
  for (const plan of fresh) await openRun(trx, connector, plan, { workflowId, who: input.who ?? 'temporal' });
  const takenOver = keeps.filter((run) => run.workflow_id !== workflowId);
  if (takenOver.length > 0) {
    await writeAudit(trx, { accountId: row.account_id, who: input.who ?? 'temporal', what: 'backfill.takenOver', connectorId: row.id, details: { workflowId, runs: takenOver.map((run) => run.id) } });
  }
  if (present?.phase === 'live' && fresh.some((plan) => plan.slices.length > 0)) await setPhase(trx, row.id, 'backfilling');
}

const isSame = (run: BackfillRun, planned: readonly PlannedRun[]) => planned.some((plan) => plan.dataType === run.data_type && plan.from === run.from_at);

/** Throws 23505 when another start was quicker: then everything is looked up again. */
async function openRun(trx: Trx, { row }: LoadedConnector, plan: PlannedRun, { workflowId, who }: { readonly workflowId: string; readonly who: string }): Promise<void> {
  const runId = await insertRun(trx, { accountId: row.account_id, connectorId: row.id, workflowId, ...plan });
  const { slices, ...window } = plan;
  await writeAudit(trx, { accountId: row.account_id, who, what: 'backfill.started', connectorId: row.id, details: { ...window, slices: slices.length, workflowId, runId } });
}

async function openedFor(deps: OrchestrationDependencies, { row }: LoadedConnector, workflowId: string): Promise<OpenedBackfill> {
  const runs = (await runningRuns(deps.db, row.id)).filter((run) => run.workflow_id === workflowId);
  return { accountId: row.account_id, platform: row.platform, runs: runs.map((run) => ({ runId: run.id, dataType: run.data_type, from: run.from_at })) };
}
