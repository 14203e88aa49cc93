import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import { ensureSearchAttributes, SEARCH_ATTRIBUTES } from '../../embedded/search-attributes.ts';
import { startTemporal, type TemporalServer } from '../../embedded/temporal.ts';
import { removeDirectory, temporaryDirectory, testServers } from '../support/test-servers.ts';
import { testTemporal } from '../support/test-temporal.ts';
import { waitFor } from '../support/wait-for.ts';
import { withServer } from '../support/with-server.ts';

const directory = temporaryDirectory('embedded-temporal');
const start = (ports: { grpc: number; ui: number } | undefined): Promise<TemporalServer> =>
  startTemporal({ executable: testServers().temporalExecutable, directory, ...(ports === undefined ? {} : { ports }), log: () => undefined });

async function using<Result>(address: string, use: (connection: Connection) => Promise<Result>): Promise<Result> {
  const connection = await Connection.connect({ address });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

const startWorkflow = (address: string, workflowId: string): Promise<unknown> =>
  using(address, (connection) =>
    new Client({ connection }).workflow.start('untouched', {
      workflowId,
      taskQueue: 'nobody',
      typedSearchAttributes: [{ key: defineSearchAttributeKey('ConnectorId', 'KEYWORD'), value: workflowId }],
    }),
  );

const statusOf = (address: string, workflowId: string): Promise<string> =>
  using(address, async (connection) => (await new Client({ connection }).workflow.getHandle(workflowId).describe()).status.name);

let server: TemporalServer;

beforeAll(async () => {
  server = await start({ grpc: 0, ui: 0 });
});

afterAll(async () => {
  await server.stop();
  removeDirectory(directory);
});

describe('the embedded Temporal server', () => {
  it('shows a user interface', async () => {
    const response = await waitFor(() => fetch(`${server.uiUrl ?? ''}/`), { message: 'the user interface' });
    expect(response.status).toBe(200);
  });

  it('keeps workflows and their search attributes over SIGKILL, at the same address', async () => {
    const { address } = server;
    await startWorkflow(address, 'survivor');
    await server.kill();
    await server.restart();
    expect(server.address).toBe(address);
    expect(await statusOf(address, 'survivor')).toBe('RUNNING');
    const found = await waitFor(
      () => using(address, async (connection) => (await new Client({ connection }).workflow.count("ConnectorId = 'survivor'")).count === 1),
      { message: 'the workflow in the list by its search attribute' },
    );
    expect(found).toBe(true);
  });

  it('keeps its state and its ports over an orderly restart', async () => {
    const { address, uiUrl } = server;
    await server.stop();
    server = await start(undefined);
    expect([server.address, server.uiUrl]).toEqual([address, uiUrl]);
    expect(await statusOf(address, 'survivor')).toBe('RUNNING');
  });

  it('takes other ports when its own are taken', async () => {
    await server.stop();
    const other = await withServer(() => undefined);
    server = await start({ grpc: other.port, ui: other.port });
    expect(server.address).not.toBe(`127.0.0.1:${other.port}`);
    expect(server.uiUrl).not.toBe(`http://127.0.0.1:${other.port}`);
    await other.close();
  });
});

describe('the search attributes of a namespace', () => {
  it('are registered once on a server that lacks them', async () => {
    const namespace = `bare-${randomUUID()}`;
    await using(testTemporal().address, async (connection) => {
      await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs('1 day') });
      expect(await waitFor(() => ensureSearchAttributes(connection, namespace), { message: 'the new namespace' })).toEqual(SEARCH_ATTRIBUTES);
      expect(await ensureSearchAttributes(connection, namespace)).toEqual([]);
    });
  });
});
