import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatIdentity, hasEnded, ownIdentity } from '../../workers/identity.ts';
import { releaseOrphans } from '../../workers/release-orphans.ts';
import { fakeContacts } from '../support/fake-platform.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { waitFor } from '../support/wait-for.ts';

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
  });
});
