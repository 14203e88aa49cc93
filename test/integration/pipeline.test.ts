import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateDataset, EMAIL_PERMISSION_BIT } from '../../sandbox/dataset/index.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { openPipeline, type Pipeline } from '../support/pipeline.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { testSeed } from '../support/test-seed.ts';

const permission = 'Consent to Receive Email Marketing';
const prospects = Number(process.env['PIPELINE_PROSPECTS'] ?? 2_000);

describe('a list sync from Coins into Mail+', () => {
  let database: TestDatabase;
  let pipeline: Pipeline;
  let sandbox: MailplusSandbox;
  const data = generateDataset({ seed: testSeed(), prospects, existingContacts: Math.round(prospects / 4) });

  beforeAll(async () => {
    database = await createTestDatabase();
    sandbox = await startMailplusSandbox();
    sandbox.state.seedContacts(data.existingContacts);
    pipeline = await openPipeline(database.url);
    await pipeline.addConnector({ id: 'mailplus-1', platform: 'mailplus', preset: 'marketing-automation', settings: { baseUrl: sandbox.url }, credentials: { key: 'sandbox-key', secret: 'sandbox-secret' }, permissions: { [permission]: `permissions:${EMAIL_PERMISSION_BIT}` } });
    await pipeline.addConnector({ id: 'coins-1', platform: 'coins', preset: 'crm', settings: { baseUrl: 'http://127.0.0.1:9' }, credentials: { apiToken: 't' }, permissions: { [permission]: 'consent:EMAIL_MKT' } });
  });

  afterAll(async () => {
    await pipeline.close();
    await sandbox.close();
    await database.drop();
  });

  it('lands every person once, as an independent count of the data says', async () => {
    const lap = stopwatch();
    await pipeline.read('mailplus-1', 'contacts', { from: '2016-01-01T00:00:00.000Z', to: new Date().toISOString() });
    lap('first import');
    await pipeline.finishFirstImport('mailplus-1');
    await pipeline.finishFirstImport('coins-1');
    for (const page of data.listPages(1_000)) {
      await pipeline.accept('coins-1', { syncId: 'LS-1', cid: '210', list: { id: 'L-1', name: 'Oakwood', description: '' }, ...page });
    }
    lap('accept');
    const drained = await pipeline.drain('coins-1');
    lap('apply');
    expect(drained.failed).toBe(0);
    const sent = await pipeline.deliver('mailplus-1');
    lap('deliver');
    expect(sent.more).toBe(false);
    const contacts = [...sandbox.state.contacts()];
    expect(contacts.length).toBe(data.expected.contactsAtEnd);
    expect(contacts.filter((c) => c.permissions.includes(EMAIL_PERMISSION_BIT)).length).toBe(data.expected.permissionOnAtEnd);
    expect(sandbox.state.lists().map((list) => list.name)).toEqual([expect.stringContaining('Oakwood')]);
  }, 300_000);
});

function stopwatch() {
  let last = Date.now();
  return (name: string) => {
    console.log(name, Date.now() - last, 'ms');
    last = Date.now();
  };
}
