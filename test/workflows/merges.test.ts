import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fakeContacts } from '../support/fake-platform.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { waitFor } from '../support/wait-for.ts';

let hub: TestHub;

beforeAll(async () => {
  hub = await startTestHub({ settings: { timeBoxMs: 1 } });
  await hub.startLive('fake-1');
});
afterAll(() => hub.close());

const look = async () => {
  await hub.lifecycle('fake-1').signal('sourceChanged', { dataType: 'contacts' });
};
const people = async () => (await hub.db.selectFrom('record').select('id').where('merged_into', 'is', null).execute()).length;

describe('merges that take longer than an activity may', () => {
  it('are carried out by one time-boxed activity after the other', async () => {
    const since = Date.now() - 1_800_000;
    hub.fake.contacts = fakeContacts(6, new Date(since).toISOString());
    await look();
    await waitFor(async () => (await people()) === 6, { timeoutMs: 30_000 });
    await hub.client.workflow.getHandle('pull/fake-1/contacts/now').result();
    hub.fake.contacts = hub.fake.contacts.map((contact, i) => ({ ...contact, email: 'joint@people.example', changedAt: new Date(since + (i + 10) * 60_000).toISOString() }));
    await look();
    await waitFor(async () => (await people()) === 1, { timeoutMs: 30_000 });
    const pull = hub.client.workflow.getHandle('pull/fake-1/contacts/now');
    await pull.result();
    const { events } = await pull.fetchHistory();
    expect((events ?? []).filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'mergeFor').length).toBeGreaterThan(2);
    expect(await hub.db.selectFrom('merge_request').select('id').where('state', '=', 'pending').execute()).toEqual([]);
  });
});
