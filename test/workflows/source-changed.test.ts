import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fakeContacts } from '../support/fake-platform.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { waitFor } from '../support/wait-for.ts';

describe('a source system that says by signal that something changed', () => {
  let hub: TestHub;

  beforeAll(async () => {
    hub = await startTestHub({ settings: { pullMarginMs: 600_000 } });
    await hub.startLive('fake-1');
    hub.fake.contacts = fakeContacts(5, new Date(Date.now() - 300_000).toISOString());
  });

  afterAll(async () => {
    await hub.close();
  });

  const say = (change: unknown) => hub.lifecycle('fake-1').signal('sourceChanged', change);
  const inbox = () => hub.db.selectFrom('inbox').selectAll().orderBy('id').execute();
  const refused = async () => (await hub.db.selectFrom('audit').select('details').where('what', '=', 'sourceChanged.refused').orderBy('id').execute()).map((entry) => entry.details['code']);

  it('has the things that it names read, once', async () => {
    await say({ dataType: 'contacts', ids: ['c0', 'c1'] });
    await waitFor(async () => (await hub.db.selectFrom('source_record').select('external_id').orderBy('external_id').execute()).map((row) => row.external_id).join() === 'c0,c1');
    expect(hub.fake.calls.filter((call) => call.startsWith('readRecords'))).toEqual(['readRecords c0,c1']);
    const [row] = await inbox();
    expect(row).toMatchObject({ kind: 'source-changed', state: 'applied', key: expect.stringMatching(/^signal\/[0-9a-f-]{36}$/) });
  });

  it('has everything up to this moment read when it names nothing, past the margin, and the cursor stays', async () => {
    const cursor = await hub.db.selectFrom('stream_state').select('cursor').where('stream', '=', 'contacts').executeTakeFirst();
    const saidAt = new Date().toISOString();
    await say({ dataType: 'contacts' });
    await waitFor(async () => (await hub.db.selectFrom('source_record').select('external_id').execute()).length === 5);
    const { window } = hub.fake.windows.at(-1) ?? { window: { from: '', to: '' } };
    expect(window.to > saidAt).toBe(true);
    await hub.client.workflow.getHandle('pull/fake-1/contacts/now').result();
    expect(await hub.db.selectFrom('stream_state').select('cursor').where('stream', '=', 'contacts').executeTakeFirst()).toEqual(cursor);
  });

  it('is refused when an id looks like an address, which is stored nowhere', async () => {
    const personal = ['anna@people.example', '+44 7700 900123', '07700 900123', '07700900123', '(01632) 960 001'];
    for (const id of personal) await say({ dataType: 'contacts', ids: ['P1', id] });
    await waitFor(async () => (await refused()).length === personal.length);
    expect(new Set(await refused())).toEqual(new Set(['IDS_LOOK_PERSONAL']));
    expect(await inbox()).toHaveLength(2);
    expect(JSON.stringify(await hub.db.selectFrom('audit').selectAll().execute())).not.toMatch(/people\.example|7700/);
  });

  it('is refused when it is of another shape, of a type that is not imported, or names more than 1,000 things', async () => {
    const before = (await refused()).length;
    await say({ dataType: 'contacts', ids: Array.from({ length: 1_001 }, (_, index) => `P${index}`) });
    await say({ dataType: 'people' });
    await say('contacts');
    await say({ dataType: 'contacts', ids: [7] });
    await say({ dataType: 'orders' });
    await waitFor(async () => (await refused()).length === before + 5);
    expect((await refused()).slice(before)).toEqual(['REQUEST_INVALID', 'REQUEST_INVALID', 'REQUEST_INVALID', 'REQUEST_INVALID', 'NOT_IMPORTED']);
  });

  it('may name 1,000 numbers and other opaque ids', async () => {
    const ids = ['0000012345', '123456789012', 'P-07', ...Array.from({ length: 997 }, (_, index) => `P${index}`)];
    await say({ dataType: 'contacts', ids });
    await waitFor(() => hub.fake.calls.some((call) => call.startsWith('readRecords 0000012345,123456789012,P-07,P0,')));
  });
});
