import { makeContinueAsNewFunc, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { startOptions, workflowIds } from './ids.ts';
import type { ConnectorInput } from './message-types.ts';
import { mergeAll } from './merges.ts';
import { working } from './proxies.ts';
import { pull } from './pull.ts';
import { wakeLoop } from './wake-loop.ts';

/**
 * Drains the inbox of one connector in order (`sync/<connectorId>`): woken by `wake`, it applies what PostgreSQL holds, in time-boxed
 * activities, until nothing is left.
 */
export async function continuousSync(input: ConnectorInput): Promise<void> {
  const { connectorId } = input;
  let applied = 0;
  let failed = 0;
  await wakeLoop(connectorId, `Inbox of ${connectorId}`, async (perseverance) => {
    const result = await perseverance.run(() => working.drainInbox.executeWithOptions({ summary: `inbox of ${connectorId}` }, [{ connectorId }]));
    applied += result.applied;
    failed += result.failed;
    if (result.mergesRequested > 0) await mergeAll(perseverance, connectorId);
    for (const dataType of result.pullNow) await pullNow(connectorId, dataType);
    return { more: result.more, details: `**Inbox of ${connectorId}**: ${result.more ? 'reading' : 'empty'}.\n\n- Applied by this run of the workflow: ${applied}\n- Set aside because they cannot be applied: ${failed}` };
  }, () => makeContinueAsNewFunc<typeof continuousSync>()(input));
}

/** A source said that something changed and not what. One look at a time: one that is under way or waits reads up to its own moment. */
async function pullNow(connectorId: string, dataType: string): Promise<void> {
  try {
    await startChild(pull, { workflowId: workflowIds.pullNow(connectorId, dataType), ...startOptions, args: [{ connectorId, dataType, upToNow: true }], parentClosePolicy: ParentClosePolicy.ABANDON });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
