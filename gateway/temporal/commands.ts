import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { startRemap } from '../../activities/start-remap.ts';
import { startRematch } from '../../activities/start-rematch.ts';
import { startOptions, workflowIds, workflowTypes } from '../../workflows/ids.ts';
import type { BackfillRequest, CommandAnswer, ConnectorInput, FailedSelection } from '../../workflows/message-types.ts';
import { pauseUpdate, removeUpdate, resumeUpdate, retryFailedUpdate, skipFailedUpdate, startBackfillUpdate, wakeSignal } from '../../workflows/messages.ts';

type LifecycleWorkflow = (input: ConnectorInput) => Promise<void>;

/** Commands to the workflow of a connector, which writes them to PostgreSQL. Each starts the workflow when it does not run. */
export interface ConnectorCommands {
  start(connectorId: string): Promise<void>;
  pause(connectorId: string, who: string): Promise<CommandAnswer>;
  resume(connectorId: string, who: string): Promise<CommandAnswer>;
  remove(connectorId: string, who: string): Promise<CommandAnswer>;
  startBackfill(connectorId: string, request: BackfillRequest): Promise<CommandAnswer>;
  retryFailed(connectorId: string, selection: FailedSelection): Promise<CommandAnswer>;
  skipFailed(connectorId: string, selection: FailedSelection): Promise<CommandAnswer>;
  /** Has the contacts of an account matched anew; does nothing when that is under way. */
  rematch(accountId: string): Promise<void>;
  /** Has the stored records of a connector brought in line with its mapping; does nothing when that is under way. */
  remap(connectorId: string): Promise<void>;
}

/**
 * Commands over a Temporal client; each is answered when a worker has carried it out, at most after `timeoutMs`.
 * They throw the client's errors, which `toTemporalError` translates: a refusal of the workflow keeps its code.
 */
export function connectorCommands(client: Client, timeoutMs: number): ConnectorCommands {
  const send = <Args extends unknown[]>(connectorId: string, update: UpdateDefinition<CommandAnswer, Args>, args: Args): Promise<CommandAnswer> =>
    client.withDeadline(Date.now() + timeoutMs, () => client.workflow.executeUpdateWithStart(update, { args, startWorkflowOperation: lifecycleStart(connectorId) }));
  return {
    start: async (connectorId) => client.withDeadline(Date.now() + timeoutMs, () => wakeLifecycle(client, connectorId)),
    pause: (connectorId, who) => send(connectorId, pauseUpdate, [who]),
    resume: (connectorId, who) => send(connectorId, resumeUpdate, [who]),
    remove: (connectorId, who) => send(connectorId, removeUpdate, [who]),
    startBackfill: (connectorId, request) => send(connectorId, startBackfillUpdate, [request]),
    retryFailed: (connectorId, selection) => send(connectorId, retryFailedUpdate, [selection]),
    skipFailed: (connectorId, selection) => send(connectorId, skipFailedUpdate, [selection]),
    rematch: async (accountId) => client.withDeadline(Date.now() + timeoutMs, () => startRematch(client, accountId)),
    remap: async (connectorId) => client.withDeadline(Date.now() + timeoutMs, () => startRemap(client, connectorId)),
  };
}

function lifecycleStart(connectorId: string): WithStartWorkflowOperation<LifecycleWorkflow> {
  return new WithStartWorkflowOperation<LifecycleWorkflow>(workflowTypes.connectorLifecycle, {
    workflowId: workflowIds.connector(connectorId),
    ...startOptions,
    args: [{ connectorId }],
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
}

async function wakeLifecycle(client: Client, connectorId: string): Promise<void> {
  await client.workflow.signalWithStart<LifecycleWorkflow>(workflowTypes.connectorLifecycle, {
    workflowId: workflowIds.connector(connectorId), ...startOptions, args: [{ connectorId }], signal: wakeSignal,
  });
}
