import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { createWaker } from '../../activities/wake.ts';
import { connectorCommands } from '../../gateway/temporal/commands.ts';
import { listSyncPage, startGateway, type GatewayFixture } from '../support/gateway-fixture.ts';
import { testTemporal } from '../support/test-temporal.ts';
import { waitFor } from '../support/wait-for.ts';

let gateway: GatewayFixture;
let connection: Connection;
let client: Client;
let admin: string;
const id = 'coins-1';
/** A namespace without workers: other tests may run some on the task queue of the hub. */
const namespace = `gateway-${randomUUID()}`;

async function createNamespace(): Promise<void> {
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs('1 day') });
  const probe = new Client({ connection, namespace });
  await waitFor(async () => (await probe.workflow.count()).count === 0, { timeoutMs: 30_000, message: 'the namespace' });
}

beforeAll(async () => {
  const { address } = testTemporal();
  connection = await Connection.connect({ address });
  await createNamespace();
  client = new Client({ connection, namespace });
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  gateway = await startGateway({
    deps: { temporal: client },
    settings: { temporalAddress: address, temporalNamespace: namespace, commandTimeoutMs: 500 },
    parts: { commands: connectorCommands(client, 500), waker: createWaker(client, log) },
  });
  admin = await gateway.token('admin');
});
afterAll(async () => {
  for (const workflowId of [`connector/${id}`, `sync/${id}`]) await client.workflow.getHandle(workflowId).terminate().catch(() => undefined);
  await gateway.stop();
  await connection.close();
});

async function post(path: string, payload: object) {
  return gateway.app.inject({ method: 'POST', url: `/api/v1${path}`, headers: gateway.bearer(admin), payload });
}

describe('with a Temporal server', () => {
  it('is ready', async () => {
    expect((await gateway.app.inject('/readyz')).json()).toMatchObject({ ready: true, temporal: { ok: true } });
  });

  it('starts the workflow of a new connector, and the one that drains its inbox when something came in', async () => {
    const added = await post('/connectors', { platform: 'coins', id, settings: { baseUrl: 'http://coins.example' }, credentials: { apiToken: 't' } });
    expect(added.json()).toMatchObject({ started: true });
    expect((await client.workflow.getHandle(`connector/${id}`).describe()).type).toBe('connectorLifecycle');
    const headers = { ...gateway.bearer(added.json().sourceToken), 'idempotency-key': 'LS-1' };
    expect((await gateway.app.inject({ method: 'POST', url: `/inbound/coins/${id}/list-syncs`, headers, payload: listSyncPage('LS-1', 1, 1, []) })).statusCode).toBe(202);
    const sync = await waitFor(() => client.workflow.getHandle(`sync/${id}`).describe(), { message: 'the sync workflow' });
    expect([sync.type, sync.taskQueue]).toEqual(['continuousSync', 'hub']);
    const history = await client.workflow.getHandle(`sync/${id}`).fetchHistory();
    expect(JSON.stringify(history)).not.toContain('LS-1');
  });

  it('says after a while that no worker carries a command out', async () => {
    const answer = await post(`/connectors/${id}/pause`, {});
    expect([answer.statusCode, answer.json().error]).toMatchObject([503, { code: 'TEMPORAL_UNAVAILABLE', message: expect.stringContaining('No worker') }]);
  });

  it('shows a status without pulls when there are none', async () => {
    const status = await gateway.app.inject({ url: '/api/v1/status', headers: gateway.bearer(admin) });
    expect(status.json().connectors).toMatchObject([{ connector: { id }, nextPull: null }]);
  });
});
