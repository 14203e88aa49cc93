import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { startRematch } from '../../activities/start-rematch.ts';
import { accountsToRematch, changeAccountSettings, findAccount } from '../../db/repositories/accounts.ts';
import { inAccount } from '../../db/database.ts';
import { workflowIds, workflowTypes, taskQueue } from '../../workflows/ids.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { waitFor } from '../support/wait-for.ts';

let hub: TestHub;

beforeAll(async () => {
  hub = await startTestHub({ settings: { retryLadderMs: [200], timeBoxMs: 1_000, pullMarginMs: 0, pullOverlapMs: 1_000, lookAheadMaxAgeMs: 60_000 } });
  await hub.startLive('fake-1');
});
afterAll(() => hub.close());

const change = (matching: 'email' | 'phone') => inAccount(hub.db, 'main', (trx) => changeAccountSettings(trx, 'main', { matching, rematchingSince: new Date().toISOString() }));
const handle = () => hub.client.workflow.getHandle(workflowIds.rematch('main'));
const passes = async () => {
  const { events } = await handle().fetchHistory();
  return (events ?? []).filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'rematchContacts').length;
};
const isDone = async () => (await findAccount(hub.db, 'main'))?.rematchingSince === null;

describe('another matching', () => {
  it('is carried out in two passes, the second when no page of the old manner is under way, and then the mark is taken away', async () => {
    await change('phone');
    await startRematch(hub.client, 'main');
    await startRematch(hub.client, 'main');
    await handle().result();
    expect([await passes(), await isDone(), await accountsToRematch(hub.db)]).toEqual([2, true, []]);
    expect(await findAccount(hub.db, 'main')).toMatchObject({ settings: { matching: 'phone' } });
  });

  it('has nothing to do without the mark', async () => {
    await startRematch(hub.client, 'main');
    await handle().result();
    expect(await passes()).toBe(1);
  });

  it('is begun again by the sweep when it was not started, or was terminated', async () => {
    const sweep = () => hub.client.workflow.execute(workflowTypes.sweep, { workflowId: 'sweep/test', taskQueue });
    await change('email');
    expect(await sweep()).toMatchObject({ rematches: 1 });
    await waitFor(async () => (await handle().describe()).status.name === 'RUNNING');
    await handle().terminate('by an operator');
    expect(await isDone()).toBe(false);
    expect(await sweep()).toMatchObject({ rematches: 1 });
    await handle().result();
    expect(await isDone()).toBe(true);
  });

  it('goes on after its worker was stopped', async () => {
    await change('phone');
    await startRematch(hub.client, 'main');
    await waitFor(async () => (await passes()) === 1);
    await hub.stopWorker();
    await hub.startWorker();
    await waitFor(isDone);
    expect(await passes()).toBe(2);
    expect(await sql<{ count: number }>`select count(*) count from account where settings->>'rematchingSince' is not null`.execute(hub.db)).toMatchObject({ rows: [{ count: 0 }] });
  });
});
