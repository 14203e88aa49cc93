import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { detailsOf } from '../support/current-details.ts';
import { fakeContacts } from '../support/fake-platform.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { waitFor } from '../support/wait-for.ts';
import type { CommandAnswer } from '../../workflows/message-types.ts';
import * as messages from '../../workflows/messages.ts';

describe('commands to a connector', () => {
  let hub: TestHub;

  beforeAll(async () => {
    hub = await startTestHub();
    await hub.startLive('fake-1');
  });

  afterAll(async () => {
    await hub.close();
  });

  const connector = (id: string) => hub.db.selectFrom('connector').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const audit = async (id: string) => (await hub.db.selectFrom('audit').select(['who', 'what', 'details']).where('connector_id', '=', id).orderBy('id').execute());
  const whats = async (id: string) => (await audit(id)).map((entry) => entry.what);

  it('pauses and resumes by update, with an answer for a person, and touches nothing else', async () => {
    await expect(hub.lifecycle('fake-1').executeUpdate<CommandAnswer, [string]>('pause', { args: ['anna'] })).resolves.toEqual({ message: expect.stringContaining('«fake-1» is paused') });
    expect(await connector('fake-1')).toMatchObject({ paused: true, phase: 'live', health_in: 'ok' });
    const schedule = hub.client.schedule.getHandle('pull/fake-1/contacts');
    expect((await schedule.describe()).state.paused).toBe(true);
    await expect(hub.lifecycle('fake-1').executeUpdate<CommandAnswer, []>('pause')).resolves.toEqual({ message: '«fake-1» was paused already.' });
    await expect(hub.lifecycle('fake-1').executeUpdate<CommandAnswer, []>('resume')).resolves.toEqual({ message: '«fake-1» goes on.' });
    expect(await connector('fake-1')).toMatchObject({ paused: false });
    expect((await schedule.describe()).state.paused).toBe(false);
    expect(await audit('fake-1')).toEqual([expect.objectContaining({ who: 'anna', what: 'connector.paused' }), expect.objectContaining({ who: 'operator', what: 'connector.resumed' })]);
  });

  it('takes pause and resume as signals too', async () => {
    await hub.lifecycle('fake-1').signal(messages.pauseSignal);
    await waitFor(async () => (await connector('fake-1')).paused);
    await hub.lifecycle('fake-1').signal(messages.resumeSignal);
    await waitFor(async () => !(await connector('fake-1')).paused);
    await expect(hub.lifecycle('fake-1').query(messages.statusQuery)).resolves.toEqual({ phase: 'live', paused: false });
  });

  it('delivers nothing while it is paused, and everything after', async () => {
    await hub.startLive('sink-1');
    await hub.lifecycle('sink-1').executeUpdate<CommandAnswer, []>('pause');
    hub.fake.contacts = fakeContacts(5, new Date(Date.now() - 600_000).toISOString(), 'p');
    await hub.pull('fake-1', 'contacts');
    const pending = async () => (await hub.db.selectFrom('delivery').select('record_id').where('connector_id', '=', 'sink-1').where('state', '=', 'pending').execute()).length;
    await waitFor(async () => (await pending()) === 5);
    expect(hub.fake.delivered).toHaveLength(0);
    await hub.lifecycle('sink-1').executeUpdate<CommandAnswer, []>('resume');
    await waitFor(async () => (await pending()) === 0);
    expect(hub.fake.delivered).toHaveLength(5);
  });

  it('starts a backfill by update and by signal, and says which workflow does it', async () => {
    const answer = await hub.lifecycle('fake-1').executeUpdate(messages.startBackfillUpdate, { args: [{ dataType: 'contacts', from: '2026-01-01', who: 'anna' }] });
    expect(answer.message).toBe('The backfill of contacts since 2026-01-01 runs as the workflow backfill/fake-1/contacts.');
    await hub.client.workflow.getHandle('backfill/fake-1/contacts').result();
    await hub.lifecycle('fake-1').signal(messages.startBackfillSignal, { dataType: 'activities', from: '2026-06-01' });
    const runs = () => hub.db.selectFrom('backfill_run').select(['data_type', 'state', 'is_first']).where('connector_id', '=', 'fake-1').where('workflow_id', 'like', 'backfill/%').orderBy('id').execute();
    await waitFor(async () => (await runs()).length === 2 && (await runs()).every((run) => run.state === 'done'));
    expect(await runs()).toEqual([{ data_type: 'contacts', state: 'done', is_first: false }, { data_type: 'activities', state: 'done', is_first: false }]);
    await waitFor(async () => (await hub.phaseOf('fake-1')) === 'live');
  });

  const refusals: readonly [object, string, RegExp][] = [
    [{ dataType: 'people' }, 'REQUEST_INVALID', /«dataType» has to be one of orders, products/],
    [{ dataType: 'contacts', from: 'yesterday' }, 'REQUEST_INVALID', /«from» has to be a date as 2020-01-01/],
    [{ datatype: 'contacts' }, 'REQUEST_INVALID', /There is no «datatype»/],
    [{ dataType: 'orders' }, 'NOT_IMPORTED', /«fake-1» imports: contacts, activities\./],
    [{ dataType: 'activities' }, 'REQUEST_INVALID', /no lookback for activities.*`from`/],
    [{ dataType: 'contacts', from: '2999-01-01' }, 'REQUEST_INVALID', /«from» has to be before/],
  ];

  it.each(refusals)('refuses the backfill %j with %s', async (request, type, message) => {
    const refused = hub.lifecycle('fake-1').executeUpdate(messages.startBackfillUpdate, { args: [request] });
    await expect(refused).rejects.toMatchObject({ cause: { type, message: expect.stringMatching(message) } });
  });

  it('writes a refused signal to the audit and to the details, and goes on', async () => {
    await hub.lifecycle('fake-1').signal(messages.startBackfillSignal, { dataType: 'orders' });
    await hub.lifecycle('fake-1').signal('startBackfill', 'contacts');
    await hub.lifecycle('fake-1').signal('retryFailed', { codes: 'X' });
    await waitFor(async () => (await whats('fake-1')).filter((what) => what.endsWith('.refused')).length === 3);
    const entries = (await audit('fake-1')).filter((entry) => entry.what.endsWith('.refused'));
    expect(entries.map((entry) => [entry.what, entry.details['code']])).toEqual([['startBackfill.refused', 'NOT_IMPORTED'], ['startBackfill.refused', 'REQUEST_INVALID'], ['retryFailed.refused', 'REQUEST_INVALID']]);
    await waitFor(async () => (await detailsOf(hub.lifecycle('fake-1'))).includes('Refused signal: `retryFailed`: There is no «codes»'));
    await expect(hub.lifecycle('fake-1').executeUpdate<CommandAnswer, []>('resume')).resolves.toEqual({ message: '«fake-1» was not paused.' });
  });

  it('retries and skips failed deliveries, all, by code, or by id', async () => {
    const records = await hub.db.selectFrom('record').select('id').orderBy('id').limit(3).execute();
    const fail = async () => hub.db.updateTable('delivery').set({ state: 'failed', code: 'RECORD_REFUSED', reason: 'Refused by the test.' }).where('connector_id', '=', 'sink-1').where('record_id', 'in', records.map((row) => row.id)).execute();
    const states = async () => (await hub.db.selectFrom('delivery').select('state').where('connector_id', '=', 'sink-1').where('record_id', 'in', records.map((row) => row.id)).orderBy('record_id').execute()).map((row) => row.state);
    await fail();
    await expect(hub.lifecycle('sink-1').executeUpdate(messages.skipFailedUpdate, { args: [{ code: 'RECORD_GONE' }] })).resolves.toEqual({ message: 'There is nothing to set aside.' });
    const [first] = await hub.db.selectFrom('delivery').select(['record_id', 'target']).where('connector_id', '=', 'sink-1').where('record_id', '=', records[0]?.id ?? 0).execute();
    await expect(hub.lifecycle('sink-1').executeUpdate(messages.skipFailedUpdate, { args: [{ ids: [`delivery:sink-1:contacts:${first?.record_id}:${first?.target}`] }] })).resolves.toEqual({ message: 'Set aside: 1 delivery.' });
    expect(await states()).toEqual(['skipped', 'failed', 'failed']);
    await expect(hub.lifecycle('sink-1').executeUpdate(messages.retryFailedUpdate, { args: [{}] })).resolves.toEqual({ message: 'Tried again: 2 deliveries.' });
    await waitFor(async () => (await states()).join() === 'skipped,delivered,delivered');
    await fail();
    await hub.lifecycle('sink-1').signal('retryFailed');
    await waitFor(async () => (await states()).every((state) => state === 'delivered'));
    await fail();
    await hub.lifecycle('sink-1').signal('skipFailed', {});
    await waitFor(async () => (await states()).every((state) => state === 'skipped'));
  });

  it('removes a connector: Schedules go, its workflows end, and nothing is taken any more', async () => {
    await expect(hub.lifecycle('sink-1').executeUpdate<CommandAnswer, [string]>('remove', { args: ['anna'] })).resolves.toEqual({ message: expect.stringContaining('«sink-1» is removed') });
    await hub.lifecycle('sink-1').result();
    expect(await connector('sink-1')).toMatchObject({ phase: 'removed' });
    await expect(hub.client.schedule.getHandle('pull/sink-1/contacts').describe()).rejects.toThrow();
    await waitFor(async () => (await hub.client.workflow.getHandle('deliver/sink-1').describe()).status.name === 'CANCELLED');
    expect(await whats('sink-1')).toContain('connector.removed');
    const { credentials } = await connector('sink-1');
    expect(hub.deps.secrets.open(credentials, 'connector/sink-1')).toBe('{}');
    await hub.startLive('gone-1');
    await hub.lifecycle('gone-1').signal(messages.removeSignal);
    await hub.lifecycle('gone-1').result();
    expect(await connector('gone-1')).toMatchObject({ phase: 'removed' });
  });

  it('answers a command to a removed connector with a refusal, and does not bring it back', async () => {
    const start = new WithStartWorkflowOperation('connectorLifecycle', { workflowId: 'connector/sink-1', taskQueue: 'hub', args: [{ connectorId: 'sink-1' }], workflowIdConflictPolicy: 'USE_EXISTING' });
    await expect(hub.client.workflow.executeUpdateWithStart(messages.resumeUpdate, { args: [], startWorkflowOperation: start })).rejects.toMatchObject({ cause: { type: 'CONNECTOR_STATE', message: '«sink-1» was removed.' } });
    await hub.lifecycle('sink-1').result();
  });
});
