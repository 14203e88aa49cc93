import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { SweepResult } from '../../activities/sweep.ts';
import { attributeKeys } from '../../workflows/search-attributes.ts';
import { fakeContacts } from '../support/fake-platform.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { waitFor } from '../support/wait-for.ts';

describe('the sweep', () => {
  let hub: TestHub;
  let sweeps = 0;

  beforeAll(async () => {
    hub = await startTestHub({ settings: { listSyncParkAfterMs: 60_000 } });
    await hub.startLive('fake-1');
    await hub.startLive('sink-1');
    await waitFor(async () => (await listedLifecycles()).length === 2);
  });

  afterAll(async () => {
    await hub.close();
  });

  const sweep = (): Promise<SweepResult> => hub.client.workflow.execute<() => Promise<SweepResult>>('sweep', { workflowId: `sweep/test-${(sweeps += 1)}`, taskQueue: 'hub' });
  const status = async (id: string) => (await hub.client.workflow.getHandle(id).describe()).status.name;
  const own = { account_id: 'main', connector_id: 'fake-1' };

  async function listedLifecycles(): Promise<string[]> {
    const ids: string[] = [];
    for await (const one of hub.client.workflow.list({ query: "WorkflowType = 'connectorLifecycle' AND ExecutionStatus = 'Running' AND SyncState = 'live'" })) ids.push(one.workflowId);
    return ids;
  }

  /** The list of workflows lags: one that has ended by itself may still be on it. */
  async function terminateAll(): Promise<void> {
    for await (const { workflowId, runId } of hub.client.workflow.list({ query: "ExecutionStatus = 'Running'" })) {
      if (workflowId.startsWith('temporal-sys')) continue;
      await hub.client.workflow.getHandle(workflowId, runId).terminate('by the test').catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
    }
  }

  async function storeRecord(): Promise<number> {
    const { id } = await hub.db.insertInto('record').values({ account_id: 'main', data_type: 'contacts', canonical: JSON.stringify({ email: 'left@people.example' }), provenance: '[]' }).returning('id').executeTakeFirstOrThrow();
    return id;
  }

  it('does nothing when nothing was left behind', async () => {
    const { partitions, ...rest } = await sweep();
    expect(partitions).toBe(4);
    expect(rest).toEqual({ activitiesReleased: 0, backfills: 0, bouncesSettled: 0, changesCut: 0, deliveriesFreed: 0, lifecycles: 0, listsParked: 0, merged: 0, remaps: 0, rematches: 0, schedules: 0, woken: 0 });
    expect((await sweep()).partitions).toBe(0);
  });

  it('has a Schedule of its own', async () => {
    const { action, policies } = await hub.client.schedule.getHandle('sweep').describe();
    expect([action.workflowType, policies.overlap]).toEqual(['sweep', 'SKIP']);
  });

  it('starts a lifecycle again that an operator terminated', async () => {
    await hub.lifecycle('fake-1').terminate('by the test');
    await waitFor(async () => (await listedLifecycles()).length === 1);
    expect(await sweep()).toMatchObject({ lifecycles: 1 });
    await waitFor(async () => (await status('connector/fake-1')) === 'RUNNING');
    await waitFor(async () => (await listedLifecycles()).length === 2);
  });

  it('follows a changed interval of pulls, up to a day, also when nobody was told of the change', async () => {
    const every = async () => (await hub.client.schedule.getHandle('pull/fake-1/contacts').describe()).spec.intervals?.[0]?.every;
    const { settings } = await hub.db.selectFrom('connector').select('settings').where('id', '=', 'fake-1').executeTakeFirstOrThrow();
    const setTo = (more: object) => hub.db.updateTable('connector').set({ settings: JSON.stringify({ ...settings, ...more }) }).where('id', '=', 'fake-1').execute();
    const before = await every();
    await setTo({ pullIntervalMinutes: 1_440 });
    expect((await sweep()).schedules).toBe(1);
    expect(await every()).toBe(86_400_000);
    await waitFor(async () => (await sweep()).schedules === 0);
    await setTo({});
    await sweep();
    expect(await every()).toBe(before);
  });

  it('restores a Schedule that was deleted, or paused by hand', async () => {
    await hub.client.schedule.getHandle('pull/fake-1/contacts').delete();
    await hub.client.schedule.getHandle('pull/fake-1/activities').pause('by the test');
    await waitFor(async () => (await sweep()).schedules === 1);
    expect((await hub.client.schedule.getHandle('pull/fake-1/contacts').describe()).state.paused).toBe(false);
    expect((await hub.client.schedule.getHandle('pull/fake-1/activities').describe()).state.paused).toBe(false);
  });

  it('restores a state that the list of workflows shows wrongly', async () => {
    await hub.db.updateTable('connector').set({ health_in: 'holding', health_in_reason: 'set by the test' }).where('id', '=', 'fake-1').execute();
    expect(await sweep()).toMatchObject({ lifecycles: 1 });
    await waitFor(async () => (await hub.lifecycle('fake-1').describe()).typedSearchAttributes.get(attributeKeys.syncState) === 'holding');
    await hub.db.updateTable('connector').set({ health_in: 'ok', health_in_reason: null }).where('id', '=', 'fake-1').execute();
    await waitFor(async () => (await sweep()).lifecycles === 1);
    await waitFor(async () => (await listedLifecycles()).length === 2);
  });

  it('wakes what has work that a lost wake left behind', async () => {
    hub.fake.contacts = fakeContacts(1, new Date(Date.now() - 60_000).toISOString(), 'inbox');
    const recordId = await storeRecord();
    await hub.db.insertInto('delivery').values({ account_id: 'main', connector_id: 'sink-1', data_type: 'contacts', record_id: recordId, target: '', wanted: 1, delivered: 0, failures: 0, lane: 1, state: 'pending' }).execute();
    await hub.db.insertInto('inbox').values({ ...own, kind: 'source-changed', key: 'lost', body_hash: Buffer.alloc(32), payload: JSON.stringify({ dataType: 'contacts', ids: ['inbox0'] }) }).execute();
    expect(await sweep()).toMatchObject({ woken: 2 });
    await waitFor(async () => (await hub.db.selectFrom('inbox').select('state').where('key', '=', 'lost').executeTakeFirst())?.state === 'applied');
    await waitFor(async () => (await hub.db.selectFrom('delivery').select('state').where('record_id', '=', recordId).executeTakeFirst())?.state === 'delivered');
  });

  it('sets deliveries free whose connector has its first import by now', async () => {
    const recordId = await storeRecord();
    await hub.db.insertInto('delivery').values({ account_id: 'main', connector_id: 'sink-1', data_type: 'contacts', record_id: recordId, target: '', wanted: 1, delivered: 0, failures: 0, lane: 2, state: 'parked', reason: 'waiting for its own first import' }).execute();
    expect(await sweep()).toMatchObject({ deliveriesFreed: 1 });
    await waitFor(async () => (await hub.db.selectFrom('delivery').select('state').where('record_id', '=', recordId).executeTakeFirst())?.state === 'delivered');
  });

  it('releases activities whose contact is there by now', async () => {
    const [link] = await hub.db.selectFrom('link').select(['external_id', 'record_id']).where('connector_id', '=', 'fake-1').limit(1).execute();
    await hub.db.insertInto('activity').values({ ...own, external_id: 'a1', type: 'email.clicked', at: '2026-11-01T00:00:00.000Z', contact_external_id: link?.external_id ?? '', record_id: null, description: 'A click.' }).execute();
    expect(await sweep()).toMatchObject({ activitiesReleased: 1 });
    expect(await hub.db.selectFrom('activity').select('record_id').where('external_id', '=', 'a1').executeTakeFirst()).toEqual({ record_id: link?.record_id });
  });

  it('parks list syncs that wait for pages too long, and names the missing ones', async () => {
    await hub.db.insertInto('list').values({ ...own, external_id: 'L-1', name: 'List' }).execute();
    const sync = { ...own, list_id: 'L-1', page_count: 3 };
    await hub.db.insertInto('list_sync').values([{ ...sync, sync_id: 'old', started_at: new Date(Date.now() - 120_000).toISOString() }, { ...sync, sync_id: 'new', started_at: new Date().toISOString() }]).execute();
    await hub.db.insertInto('list_sync_page').values({ ...own, sync_id: 'old', page: 2 }).execute();
    expect(await sweep()).toMatchObject({ listsParked: 1 });
    expect(await hub.db.selectFrom('list_sync').select(['sync_id', 'state', 'reason']).orderBy('sync_id').execute()).toEqual([
      { sync_id: 'new', state: 'receiving', reason: null }, { sync_id: 'old', state: 'parked', reason: 'missing pages: 1, 3 of 3' },
    ]);
  });

  it('starts everything again that ran when the worker and all workflows are gone', async () => {
    await hub.stopWorker();
    await terminateAll();
    const recordId = await storeRecord();
    await hub.db.insertInto('delivery').values({ account_id: 'main', connector_id: 'sink-1', data_type: 'contacts', record_id: recordId, target: '', wanted: 1, delivered: 0, failures: 0, lane: 1, state: 'pending' }).execute();
    await hub.startWorker();
    await sweep();
    await waitFor(async () => (await hub.db.selectFrom('delivery').select('state').where('record_id', '=', recordId).executeTakeFirst())?.state === 'delivered');
    await waitFor(async () => (await listedLifecycles()).length === 2);
  });
});
