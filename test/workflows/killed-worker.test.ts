import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createActivities } from '../../activities/index.ts';
import { formatIdentity, hasEnded, ownIdentity } from '../../workers/identity.ts';
import { releaseOrphans } from '../../workers/release-orphans.ts';
import { fakeContacts } from '../support/fake-platform.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { waitFor as waitShortly } from '../support/wait-for.ts';

/** A missed heartbeat takes eight seconds, and more on a machine that is busy with other tests. */
const waitFor: typeof waitShortly = (condition) => waitShortly(condition, { timeoutMs: 30_000 });
const timeoutMs = 60_000;

describe('the identity of a worker', () => {
  const own = { pid: 10, host: 'here', nonce: 'aa11' };
  const alive = (pid: number) => pid === 11;

  it('tells that a worker of this machine has ended', () => {
    expect(hasEnded('12@here#bb22', own, alive)).toBe(true);
    expect(hasEnded('10@here#bb22', own, alive)).toBe(true);
  });

  it('never takes a living worker, this one, or one of another machine for ended', () => {
    for (const identity of ['11@here#bb22', '10@here#aa11', '12@there#bb22', '12@here', '', 'temporal-cli:root@here']) expect(hasEnded(identity, own, alive)).toBe(false);
  });

  it('reads what it writes', () => {
    expect(formatIdentity(own)).toBe('10@here#aa11');
    expect(hasEnded(formatIdentity(ownIdentity()), ownIdentity(), () => true)).toBe(true);
  });
});

describe('a worker that was killed', () => {
  let hub: TestHub;

  beforeAll(async () => {
    hub = await startTestHub();
  });

  afterAll(async () => {
    await hub.close();
  });

  it('has what it was working on given back at once, and one sender at a time carries it out', async () => {
    let letGo: () => void = () => undefined;
    const hung = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const dead = { pid: 999_999_9, host: ownIdentity().host, nonce: 'dead' };
    let isFirst = true;
    hub.fake.before = async (operation) => {
      if (operation !== 'deliver' || !isFirst) return;
      isFirst = false;
      await hung;
    };
    await hub.stopWorker();
    await hub.startWorker({ identity: formatIdentity(dead) });
    await hub.startLive('source-1');
    await hub.startLive('sink-1');
    hub.fake.contacts = fakeContacts(3, new Date(Date.now() - 600_000).toISOString());
    await hub.pull('source-1', 'contacts');
    await waitFor(() => hub.fake.calls.includes('deliver 3'));
    expect(await releaseOrphans(hub.client, ownIdentity())).toBe(1);
    const { raw } = await hub.client.workflow.getHandle('deliver/sink-1').describe();
    expect(raw.pendingActivities?.[0]?.attempt).toBe(2);
    letGo();
    await waitFor(async () => (await hub.db.selectFrom('delivery').select('state').where('connector_id', '=', 'sink-1').where('state', '=', 'delivered').execute()).length === 3);
    expect(hub.fake.delivered).toHaveLength(3);
    // The first attempt still runs in this process. Only when its lock is free has the second one ended, and the next test a sender of its own.
    await waitFor(async () => ((await hub.client.workflow.getHandle('deliver/sink-1').describe()).raw.pendingActivities ?? []).length === 0);
  });

  it('leaves a workflow that goes on, also when its work was just told to begin anew', async () => {
    let letGo: () => void = () => undefined;
    const hung = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let isFirst = true;
    hub.fake.before = async (operation) => {
      if (operation !== 'deliver' || !isFirst) return;
      isFirst = false;
      await hung;
    };
    const { id } = await hub.db.insertInto('record').values({ account_id: 'main', data_type: 'contacts', canonical: JSON.stringify({ email: 'one.more@people.example' }), provenance: '[]' }).returning('id').executeTakeFirstOrThrow();
    await hub.db.insertInto('delivery').values({ account_id: 'main', connector_id: 'sink-1', data_type: 'contacts', record_id: id, target: '', wanted: 1, delivered: 0, failures: 0, lane: 1, state: 'pending' }).execute();
    const sender = hub.client.workflow.getHandle('deliver/sink-1');
    await sender.signal('wake');
    await waitFor(() => !isFirst);
    const { runId } = await sender.describe();
    await sender.signal('endWait');
    try {
      await waitFor(async () => Number((await sender.describe()).raw.pendingActivities?.[0]?.state) === 3);
      expect(await releaseOrphans(hub.client, ownIdentity())).toBe(1);
    } finally {
      letGo();
    }
    await waitFor(async () => (await hub.db.selectFrom('delivery').select('state').where('connector_id', '=', 'sink-1').where('state', '=', 'delivered').execute()).length === 4);
    expect((await sender.describe()).runId).toBe(runId);
  });

  it('leaves a workflow that goes on when nobody gives its work back, and it was told to begin anew: the heartbeat is missed', async () => {
    let letGo: () => void = () => undefined;
    const hung = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let calls = 0;
    const deliverPending = async () => {
      calls += 1;
      if (calls === 1) await hung;
      return { sent: 0, settled: 0, actions: 0, more: false };
    };
    await hub.stopWorker();
    await hub.startWorker({ activities: { ...createActivities(hub.deps), deliverPending }, interceptors: {} });
    const sender = hub.client.workflow.getHandle('deliver/sink-1');
    const { runId } = await sender.describe();
    await sender.signal('wake');
    await waitFor(() => calls === 1);
    await sender.signal('endWait');
    try {
      await waitFor(() => calls === 2);
      expect((await sender.describe()).runId).toBe(runId);
    } finally {
      letGo();
    }
  }, timeoutMs);
});
