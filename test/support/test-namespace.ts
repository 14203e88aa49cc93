import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { ensureSearchAttributes } from '../../embedded/search-attributes.ts';
import { testTemporal } from './test-temporal.ts';
import { waitFor } from './wait-for.ts';

/** A namespace of one test file on the shared Temporal server: workflow ids, Schedules and the task queue are then its own. */
export interface TestNamespace {
  readonly address: string;
  readonly namespace: string;
  readonly client: Client;
  close(): Promise<void>;
}

/** Makes a namespace with the hub's search attributes; takes some 30 ms. */
export async function createTestNamespace(): Promise<TestNamespace> {
  const { address } = testTemporal();
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  const connection = await Connection.connect({ address });
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs('1 day') });
  await waitFor(async () => {
    await ensureSearchAttributes(connection, namespace);
    return true;
  }, { message: `the namespace ${namespace}` });
  return { address, namespace, client: new Client({ connection, namespace }), close: () => connection.close() };
}
