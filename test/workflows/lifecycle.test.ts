import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fakeContacts } from '../support/fake-platform.ts';
import { detailsOf } from '../support/current-details.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { waitFor } from '../support/wait-for.ts';
import { attributeKeys } from '../../workflows/search-attributes.ts';

describe('the life of a connector', () => {
  let hub: TestHub;

  beforeAll(async () => {
    hub = await startTestHub();
    hub.fake.contacts = fakeContacts(250, '2024-03-01T00:00:00.000Z');
    let cursors = -1;
    hub.fake.before = async (operation) => {
      if (operation !== 'readPage' || cursors >= 0) return;
      cursors = (await hub.db.selectFrom('stream_state').select('stream').where('cursor', 'is not', null).execute()).length;
      hub.fake.calls.push(`cursors set before the first page: ${cursors}`);
    };
    await hub.start('fake-1');
    await waitFor(async () => (await hub.phaseOf('fake-1')) === 'live', { timeoutMs: 30_000 });
  });

  afterAll(async () => {
    await hub.close();
  });

  it('imports the whole lookback once, in the order of first imports, and goes live', async () => {
    expect(await hub.db.selectFrom('record').select('id').execute()).toHaveLength(250);
    const runs = await hub.db.selectFrom('backfill_run').select(['data_type', 'state', 'is_first', 'rows']).orderBy('id').execute();
    expect(runs).toEqual([{ data_type: 'contacts', state: 'done', is_first: true, rows: 250 }, { data_type: 'activities', state: 'done', is_first: true, rows: 0 }]);
    const windows = hub.fake.windows.filter((one) => one.stream === 'contacts').map((one) => one.window);
    expect(new Set(windows.map((window) => window.from)).size).toBe(6);
    const [run] = await hub.db.selectFrom('backfill_run').select(['from_at', 'to_at']).where('data_type', '=', 'contacts').execute();
    expect(windows.map((window) => window.from).sort()[0]).toBe(run?.from_at);
    expect(windows.map((window) => window.to).sort().at(-1)).toBe(run?.to_at);
    expect(Date.parse(windows[0]?.from ?? '')).toBeGreaterThan(Date.parse(windows.at(-1)?.from ?? ''));
  });

  it('sets the cursors before the first page is read, where the first import ends', async () => {
    expect(hub.fake.calls).toContain('cursors set before the first page: 2');
    const [run] = await hub.db.selectFrom('backfill_run').select('to_at').where('data_type', '=', 'contacts').execute();
    const [state] = await hub.db.selectFrom('stream_state').select('cursor').where('stream', '=', 'contacts').execute();
    expect(state?.cursor).toBe(run?.to_at);
  });

  it('has a Schedule for each pulled data type', async () => {
    const intervals = await Promise.all(['contacts', 'activities'].map(async (type) => {
      const { spec, action, policies } = await hub.client.schedule.getHandle(`pull/fake-1/${type}`).describe();
      return [spec.intervals?.[0]?.every, action.workflowType, policies.overlap];
    }));
    expect(intervals).toEqual([[3_600_000, 'pull', 'SKIP'], [3_600_000, 'pull', 'SKIP']]);
  });

  it('shows account, platform and state as search attributes, and what a person wants to know as details', async () => {
    await waitFor(async () => (await hub.lifecycle('fake-1').describe()).typedSearchAttributes.get(attributeKeys.syncState) === 'live');
    const { typedSearchAttributes: shown } = await hub.lifecycle('fake-1').describe();
    expect([attributeKeys.accountId, attributeKeys.connectorId, attributeKeys.platform].map((key) => shown.get(key))).toEqual(['main', 'fake-1', 'fake']);
    const details = await waitFor(async () => {
      const text = await detailsOf(hub.lifecycle('fake-1'));
      return text.includes('live') && text;
    });
    expect(details).toContain('**fake-1** (Fake, a test connector): live');
    expect(details).toContain('Reading: ok');
  });

  it('writes what happened to the audit', async () => {
    const entries = await hub.db.selectFrom('audit').select('what').where('connector_id', '=', 'fake-1').orderBy('id').execute();
    expect(entries.map((entry) => entry.what)).toEqual(['connector.activated', 'backfill.started', 'backfill.started', 'backfill.done', 'backfill.done', 'connector.live']);
  });

  it('gives a connector that is added later everything that is stored, and holds it back until that connector\'s own first import', async () => {
    let mayRead = false;
    const before = hub.fake.before;
    hub.fake.before = async (operation, detail, signal) => {
      if (operation === 'readPage') await waitFor(() => mayRead, { timeoutMs: 20_000 });
      await before(operation, detail, signal);
    };
    await hub.start('sink-2');
    const waiting = async () => (await hub.db.selectFrom('delivery').select(['state', 'reason']).where('connector_id', '=', 'sink-2').execute());
    await waitFor(async () => (await waiting()).length === 250);
    expect(new Set((await waiting()).map((row) => `${row.state}: ${row.reason}`))).toEqual(new Set(['parked: waiting for its own first import']));
    expect(hub.fake.delivered).toHaveLength(0);
    mayRead = true;
    await waitFor(() => hub.fake.delivered.length === 250, { timeoutMs: 30_000 });
    expect(hub.fake.delivered.every((item) => item.isNew)).toBe(true);
  });

  it('refuses what is asked of a connector that there is not, by its code', async () => {
    const handle = await hub.client.workflow.start('connectorLifecycle', { workflowId: 'connector/nobody', taskQueue: 'hub', args: [{ connectorId: 'nobody' }] });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'CONNECTOR_UNKNOWN', message: expect.stringContaining('nobody') } });
  });
});
