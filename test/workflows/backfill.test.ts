import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CommandAnswer } from '../../workflows/message-types.ts';
import { attributeKeys } from '../../workflows/search-attributes.ts';
import { fakeContacts } from '../support/fake-platform.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { testServers } from '../support/test-servers.ts';
import { waitFor } from '../support/wait-for.ts';

const run = promisify(execFile);

describe('a backfill', () => {
  let hub: TestHub;
  let gate: Promise<void> = Promise.resolve();
  let openGate: () => void = () => undefined;

  beforeAll(async () => {
    hub = await startTestHub();
    await hub.startLive('fake-1');
    hub.fake.before = async (operation, _detail, signal) => {
      if (operation === 'readPage') await Promise.race([gate, new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }))]);
    };
  });

  beforeEach(() => {
    openGate();
    gate = Promise.resolve();
    hub.fake.contacts = [];
    hub.fake.windows.length = 0;
  });

  afterAll(async () => {
    openGate();
    await hub.close();
  });

  /** Pages are answered only once the result is called. */
  function hold(): () => void {
    gate = new Promise((resolve) => {
      openGate = resolve;
    });
    return openGate;
  }

  /** The real command line program. */
  async function temporal(...args: string[]): Promise<{ stdout: string; stderr: string; failed: boolean }> {
    const { temporalExecutable } = testServers();
    try {
      return { ...(await run(temporalExecutable, ['workflow', ...args, '--address', hub.temporal.address, '--namespace', hub.temporal.namespace])), failed: false };
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return { stdout, stderr, failed: true };
    }
  }

  /** So many days ago: one slice. */
  const recent = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  const start = (input: unknown, workflowId: string) => temporal('execute', '--task-queue', 'hub', '--type', 'backfill', '--workflow-id', workflowId, '--input', JSON.stringify(input));
  const runs = () => hub.db.selectFrom('backfill_run').selectAll().where('workflow_id', '<>', 'earlier').orderBy('id').execute();
  const lastRun = async () => (await runs()).at(-1);
  const runningRun = () => waitFor(async () => (await runs()).find((one) => one.state === 'running'));
  const status = async (workflowId: string) => (await hub.client.workflow.getHandle(workflowId).describe()).status.name;
  const sweep = () => hub.client.workflow.execute('sweep', { workflowId: `sweep/test-${Date.now()}`, taskQueue: 'hub' });

  it('starts from plain JSON by the temporal program, under any id', async () => {
    hub.fake.contacts = fakeContacts(3, '2026-05-01T00:00:00.000Z', 'cli');
    const { stdout, failed } = await start({ connectorId: 'fake-1', dataType: 'contacts', from: '2026-01-01' }, 'started by hand');
    expect(stdout).toContain('{"connectorId":"fake-1","runs":[{"dataType":"contacts","rows":3}]}');
    expect(failed).toBe(false);
    expect(await lastRun()).toMatchObject({ data_type: 'contacts', from_at: '2026-01-01T00:00:00.000Z', state: 'done', rows: 3, workflow_id: 'started by hand', is_first: false });
    const { typedSearchAttributes } = await hub.client.workflow.getHandle('started by hand').describe();
    expect([attributeKeys.connectorId, attributeKeys.dataType, attributeKeys.platform].map((key) => typedSearchAttributes.get(key))).toEqual(['fake-1', 'contacts', 'fake']);
  });

  it('reads every type that has a lookback, as far as the preset says, when nothing else is said', async () => {
    const { failed } = await start({ connectorId: 'fake-1' }, 'everything');
    expect(failed).toBe(false);
    expect((await runs()).filter((one) => one.workflow_id === 'everything').map((one) => one.data_type)).toEqual(['contacts']);
    const years = (Date.now() - Date.parse((await lastRun())?.from_at ?? '')) / (365.25 * 86_400_000);
    expect(Math.round(years)).toBe(10);
  });

  const wrong: readonly [unknown, RegExp][] = [
    ['mailplus-1', /The input has to be JSON as .*"connectorId":"mailplus-1"/],
    [{}, /«connectorId» has to be the id of a connector/],
    [{ connectorId: 'fake-1', type: 'contacts' }, /There is no «type»/],
    [{ connectorId: 'fake-1', dataType: 'contact' }, /«dataType» has to be one of orders, products, stock/],
    [{ connectorId: 'fake-1', dataType: 'contacts', from: '01-01-2020' }, /«from» has to be a date as 2020-01-01/],
    [{ connectorId: 'fake-9' }, /There is no connector fake-9/],
    [{ connectorId: 'fake-1', dataType: 'orders' }, /does not import orders.*«fake-1» imports: contacts, activities/],
    [{ connectorId: 'fake-1', dataType: 'activities' }, /no lookback for activities/],
  ];

  it.each(wrong)('refuses %j at once with a sentence that says what is allowed', async (input, sentence) => {
    const before = (await runs()).length;
    const { stdout, failed } = await start(input, `wrong ${JSON.stringify(input)}`);
    expect(failed).toBe(true);
    expect(stdout).toMatch(sentence);
    expect(await runs()).toHaveLength(before);
  });

  it('refuses a second start while one runs, whatever its id, with the id of the one that runs', async () => {
    const release = hold();
    const first = await hub.client.workflow.start('backfill', { workflowId: 'the first', taskQueue: 'hub', args: [{ connectorId: 'fake-1', dataType: 'contacts', from: '2026-06-01' }] });
    await runningRun();
    const { stdout, failed } = await start({ connectorId: 'fake-1', dataType: 'contacts', from: '2026-06-01' }, 'the second');
    expect(failed).toBe(true);
    expect(stdout).toContain('A backfill of contacts is already running at «fake-1»: workflow the first.');
    await expect(hub.lifecycle('fake-1').executeUpdate<CommandAnswer, [object]>('startBackfill', { args: [{ dataType: 'contacts' }] })).rejects.toMatchObject({ cause: { type: 'BACKFILL_RUNNING' } });
    release();
    await first.result();
  });

  it('is stopped by cancelling its workflow, and stays stopped', async () => {
    const release = hold();
    const handle = await hub.client.workflow.start('backfill', { workflowId: 'to be cancelled', taskQueue: 'hub', args: [{ connectorId: 'fake-1', dataType: 'contacts', from: '2026-06-01' }] });
    const { id } = await runningRun();
    await waitFor(() => hub.fake.windows.length > 0);
    await handle.cancel();
    release();
    await expect(handle.result()).rejects.toThrow();
    expect(await status('to be cancelled')).toBe('CANCELLED');
    expect(await hub.db.selectFrom('backfill_run').select(['state', 'reason']).where('id', '=', id).execute()).toEqual([{ state: 'cancelled', reason: 'its workflow was cancelled' }]);
    await sweep();
    expect((await runs()).some((one) => one.state === 'running')).toBe(false);
    const [entry] = await hub.db.selectFrom('audit').select('what').orderBy('id', 'desc').where('what', 'like', 'backfill.%').limit(1).execute();
    expect(entry?.what).toBe('backfill.cancelled');
  });

  it('that was terminated is started again by the sweep, and goes on behind the last page', async () => {
    hub.fake.contacts = fakeContacts(30, recent(5), 'term');
    hub.fake.pageSize = 10;
    let pages = 0;
    const release = hold();
    const before = hub.fake.before;
    hub.fake.before = async (operation, detail, signal) => {
      if (operation === 'readPage' && (pages += 1) <= 2) return;
      await before(operation, detail, signal);
    };
    const handle = await hub.client.workflow.start('backfill', { workflowId: 'to be terminated', taskQueue: 'hub', args: [{ connectorId: 'fake-1', dataType: 'contacts', from: recent(10) }] });
    const { id } = await runningRun();
    await waitFor(async () => (await hub.db.selectFrom('slice').select('page_token').where('run_id', '=', id).where('page_token', '=', '20').execute()).length === 1);
    await handle.terminate('by the test');
    hub.fake.windows.length = 0;
    hub.fake.before = before;
    release();
    await sweep();
    await hub.client.workflow.getHandle('backfill/fake-1/contacts').result();
    const done = await hub.db.selectFrom('backfill_run').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(done).toMatchObject({ state: 'done', workflow_id: 'backfill/fake-1/contacts', rows: 30 });
    expect(hub.fake.windows.every((one) => one.pageToken === '20')).toBe(true);
    hub.fake.pageSize = 100;
  });

  it('is taken over by a start that finds its workflow closed', async () => {
    const release = hold();
    const handle = await hub.client.workflow.start('backfill', { workflowId: 'left behind', taskQueue: 'hub', args: [{ connectorId: 'fake-1', dataType: 'contacts', from: '2026-08-01' }] });
    const { id } = await runningRun();
    await handle.terminate('by the test');
    release();
    const { failed } = await start({ connectorId: 'fake-1', dataType: 'contacts' }, 'takes over');
    expect(failed).toBe(false);
    expect(await hub.db.selectFrom('backfill_run').selectAll().where('id', '=', id).executeTakeFirstOrThrow()).toMatchObject({ state: 'done', workflow_id: 'takes over', from_at: '2026-08-01T00:00:00.000Z' });
    expect((await hub.db.selectFrom('audit').select('what').orderBy('id', 'desc').limit(5).execute()).map((entry) => entry.what)).toContain('backfill.takenOver');
  });

  it('starts a slice again that was terminated by hand', async () => {
    const release = hold();
    const handle = await hub.client.workflow.start('backfill', { workflowId: 'slice lost', taskQueue: 'hub', args: [{ connectorId: 'fake-1', dataType: 'contacts', from: recent(10) }] });
    const { id } = await runningRun();
    await waitFor(() => hub.fake.windows.length > 0);
    const [slice] = await hub.db.selectFrom('slice').select('from_at').where('run_id', '=', id).orderBy('from_at', 'desc').limit(1).execute();
    await hub.client.workflow.getHandle(`backfill/fake-1/contacts/${slice?.from_at}`).terminate('by the test');
    release();
    await expect(handle.result()).resolves.toMatchObject({ connectorId: 'fake-1' });
  });
});
