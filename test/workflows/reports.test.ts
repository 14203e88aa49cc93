import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Context } from '@temporalio/activity';
import type { ReportsResult } from '../../workflows/pull-reports.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { taskQueue, workflowIds, workflowTypes } from '../../workflows/ids.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { waitFor } from '../support/wait-for.ts';

let hub: TestHub;
let mail: MailplusSandbox;
let pulls = 0;
let atPage: () => Promise<void> = () => Promise.resolve();

beforeAll(async () => {
  mail = await startMailplusSandbox();
  hub = await startTestHub({ platforms: { mailplus }, faultPoint: (name) => (name === 'report-page' ? atPage() : Promise.resolve()) });
  await hub.startLive('mailplus-1', { platform: 'mailplus', credentials: { key: 'sandbox-key', secret: 'sandbox-secret' }, settings: { baseUrl: mail.url, reports: 'on' } });
});
afterAll(async () => {
  await hub.close();
  await mail.close();
});

const send = (count: number) => mail.state.sendMailing({ name: 'Large', recipients: { generated: { count } }, sentAt: new Date(Date.now() - 3_600_000).toISOString() }).encryptedId;
const schedule = () => hub.client.schedule.getHandle(workflowIds.reportsSchedule('mailplus-1'));
const start = () => hub.client.workflow.start<(input: { readonly connectorId: string }) => Promise<ReportsResult>>(workflowTypes.pullReports, { workflowId: `reports/test-${(pulls += 1)}`, taskQueue, args: [{ connectorId: 'mailplus-1' }] });
const sweep = () => hub.client.workflow.execute(workflowTypes.sweep, { workflowId: `sweep/test-${(pulls += 1)}`, taskQueue });
const stored = async (mailing: string) => (await hub.db.selectFrom('report_event as e').innerJoin('report_mailing as m', 'm.id', 'e.mailing_id').where('m.external_id', '=', mailing)
  .select(({ fn }) => fn.countAll<number>().as('lines')).executeTakeFirstOrThrow()).lines;
const setReports = async (word: string) => hub.db.updateTable('connector').set({ settings: JSON.stringify({ baseUrl: mail.url, timeZone: 'UTC', optInStrategy: 'both', reports: word }) }).where('id', '=', 'mailplus-1').execute();

describe('pulling reports', () => {
  it('has a Schedule that starts it, and a handful of events however long a list is', async () => {
    const id = send(30_000);
    await waitFor(async () => {
      await schedule().trigger();
      return true;
    }, { message: 'the Schedule' });
    await waitFor(async () => (await stored(id)) === 30_000, { timeoutMs: 30_000, message: 'all recipients' });
    const { info } = await schedule().describe();
    const { workflow } = info.recentActions[0]?.action ?? {};
    const handle = hub.client.workflow.getHandle(workflow?.workflowId ?? '', workflow?.firstExecutionRunId);
    expect(await handle.result()).toEqual({ rows: 30_000, mailings: 1 });
    expect((await handle.fetchHistory()).events?.length).toBeLessThan(25);
  });

  it('goes on after its worker was stopped in the middle, and has every line once', async () => {
    const id = send(30_000);
    let isHeld = false;
    atPage = async () => {
      isHeld = true;
      await Context.current().cancelled.catch(() => undefined);
    };
    const handle = await start();
    await waitFor(() => isHeld, { message: 'the first page' });
    await hub.stopWorker();
    atPage = () => Promise.resolve();
    expect(await stored(id)).toBeLessThan(30_000);
    await hub.startWorker();
    await handle.result();
    expect(await stored(id)).toBe(30_000);
  });

  it('waits on the ladder while Mail+ is away', async () => {
    const id = send(10);
    const fault = mail.state.addFault({ action: 'status', status: 503, path: `/mailing/${id}/recipients` });
    const handle = await start();
    await waitFor(async () => (await hub.db.selectFrom('connector').select('health_in').where('id', '=', 'mailplus-1').executeTakeFirstOrThrow()).health_in === 'holding');
    mail.state.removeFault(fault.id);
    expect(await handle.result()).toMatchObject({ mailings: 1 });
    expect(await stored(id)).toBe(10);
  });

  it('stops when they are switched off: the sweep takes the Schedule away, and brings it back', async () => {
    await setReports('off');
    expect(await (await start()).result()).toEqual({ rows: 0, mailings: 0, waiting: 'reports are switched off' });
    const hasSchedule = async () => schedule().describe().then(() => true, () => false);
    await waitFor(async () => {
      await sweep();
      return !(await hasSchedule());
    }, { message: 'the Schedule to go' });
    await setReports('on');
    await waitFor(async () => {
      await sweep();
      return hasSchedule();
    }, { message: 'the Schedule to come back' });
  });
});
