import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fakeContacts } from '../support/fake-platform.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { waitFor } from '../support/wait-for.ts';

describe('the life of a connector', () => {
  let hub: TestHub;

  beforeAll(async () => {
    hub = await startTestHub();
  });

  afterAll(async () => {
    await hub.close();
  });

  it('activates, imports the past, goes live, and delivers what waited for the import', async () => {
    hub.fake.contacts = fakeContacts(250, '2024-03-01T00:00:00.000Z');
    await hub.start('fake-1');
    await waitFor(async () => (await hub.phaseOf('fake-1')) === 'live', { timeoutMs: 30_000 });
    const records = await hub.db.selectFrom('record').select('id').execute();
    expect(records).toHaveLength(250);
  });
});
