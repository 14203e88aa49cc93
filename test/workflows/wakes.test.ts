import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { wakeSignal } from '../../workflows/messages.ts';
import { fakeContacts } from '../support/fake-platform.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { waitFor } from '../support/wait-for.ts';

describe('wakes', () => {
  let hub: TestHub;

  beforeAll(async () => {
    hub = await startTestHub();
    await hub.startLive('source-1');
    await hub.startLive('sink-1');
  });

  afterAll(async () => {
    await hub.close();
  });

  const events = async (handle: WorkflowHandle) => (await handle.fetchHistory()).events ?? [];
  const isIdle = async (handle: WorkflowHandle) => {
    const { raw } = await handle.describe();
    return (raw.pendingActivities ?? []).length === 0 && raw.pendingWorkflowTask == null;
  };

  it('carry nothing: what there is to do stands in PostgreSQL', async () => {
    hub.fake.contacts = fakeContacts(20, new Date(Date.now() - 1_800_000).toISOString());
    await hub.pull('source-1', 'contacts');
    await waitFor(async () => (await hub.db.selectFrom('delivery').select('state').where('connector_id', '=', 'sink-1').where('state', '=', 'delivered').execute()).length === 20);
    const signals = (await events(hub.client.workflow.getHandle('deliver/sink-1'))).flatMap((event) => event.workflowExecutionSignaledEventAttributes ?? []);
    expect(signals.length).toBeGreaterThan(0);
    for (const signal of signals) expect([signal.signalName, signal.input?.payloads ?? []]).toEqual(['wake', []]);
  });

  it('are merged: many at once are a few signals', async () => {
    const handle = hub.client.workflow.getHandle('deliver/sink-1');
    await waitFor(() => isIdle(handle));
    const before = (await events(handle)).filter((event) => event.workflowExecutionSignaledEventAttributes != null).length;
    for (let i = 0; i < 500; i += 1) hub.deps.waker.wake('deliver', 'sink-1');
    await waitFor(() => isIdle(handle));
    const after = (await events(handle)).filter((event) => event.workflowExecutionSignaledEventAttributes != null).length;
    expect(after - before).toBeLessThanOrEqual(2);
  });

  it('start a workflow that an operator terminated', async () => {
    await hub.client.workflow.getHandle('deliver/sink-1').terminate('by the test');
    const changedAt = new Date().toISOString();
    hub.fake.contacts = fakeContacts(3, changedAt, 'again').map((contact) => ({ ...contact, changedAt }));
    await hub.pull('source-1', 'contacts');
    await waitFor(async () => (await hub.db.selectFrom('delivery').select('state').where('connector_id', '=', 'sink-1').where('state', '=', 'delivered').execute()).length === 23);
  });

  it('make a workflow continue as new by its own count of messages, and none is lost by it', async () => {
    const handle = hub.client.workflow.getHandle('sync/source-1');
    hub.deps.waker.wake('sync', 'source-1');
    const first = (await waitFor(() => handle.describe())).runId;
    for (let i = 0; i < 40; i += 1) await Promise.all(Array.from({ length: 25 }, () => handle.signal(wakeSignal)));
    await waitFor(async () => (await handle.describe()).runId !== first, { timeoutMs: 20_000 });
    const { status, searchAttributes } = await handle.describe();
    expect([status.name, searchAttributes['ConnectorId']]).toEqual(['RUNNING', ['source-1']]);
    const closed = await events(hub.client.workflow.getHandle('sync/source-1', first));
    expect(closed.at(-1)?.workflowExecutionContinuedAsNewEventAttributes).toBeTruthy();
    await hub.lifecycle('source-1').signal('sourceChanged', { dataType: 'contacts', ids: ['again0'] });
    await waitFor(async () => (await hub.db.selectFrom('inbox').select('state').where('connector_id', '=', 'source-1').execute()).every((row) => row.state === 'applied'));
  });

  it('make the lifecycle continue as new too, while commands go on', async () => {
    const handle = hub.lifecycle('sink-1');
    const first = (await handle.describe()).runId;
    for (let i = 0; i < 40; i += 1) {
      await Promise.all(Array.from({ length: 25 }, () => handle.signal(wakeSignal)));
      if (i % 10 === 0) await handle.executeUpdate<unknown, []>(i % 20 === 0 ? 'pause' : 'resume');
    }
    await waitFor(async () => (await handle.describe()).runId !== first, { timeoutMs: 20_000 });
    await handle.executeUpdate<unknown, []>('resume');
    expect(await hub.db.selectFrom('connector').select('paused').where('id', '=', 'sink-1').executeTakeFirst()).toEqual({ paused: false });
  });
});
