import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { ensureSearchAttributes } from '../../embedded/search-attributes.ts';
import { startOptions, taskQueue } from '../../workflows/ids.ts';

/** A namespace of one hub on the shared Temporal server. */
export interface Namespace {
  readonly name: string;
  /** Events that the server has recorded for all workflows so far. */
  events(): Promise<number>;
  /** Starts a workflow of the hub and waits for its end. */
  run(workflowType: string, workflowId: string, input: object): Promise<unknown>;
  close(): Promise<void>;
}

const registrationTimeoutMs = 30_000;
const retryMs = 100;

/** Makes a namespace with the hub's search attributes. */
export async function createNamespace(address: string, name: string): Promise<Namespace> {
  const connection = await Connection.connect({ address });
  await connection.workflowService.registerNamespace({ namespace: name, workflowExecutionRetentionPeriod: msToTs('1 day') });
  const deadline = Date.now() + registrationTimeoutMs;
  for (;;) {
    try {
      await ensureSearchAttributes(connection, name);
      break;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
  const client = new Client({ connection, namespace: name });
  return {
    name, events: () => countEvents(client),
    run: (workflowType, workflowId, input) => client.workflow.execute(workflowType, { workflowId, ...startOptions, args: [input] }), close: () => connection.close(),
  };
}

/** A running workflow is asked itself: the list knows the length of closed ones only. */
async function countEvents(client: Client): Promise<number> {
  let events = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query: `TaskQueue = '${taskQueue}'` })) {
    events += (await client.workflow.getHandle(workflowId, runId).describe()).historyLength;
  }
  return events;
}
