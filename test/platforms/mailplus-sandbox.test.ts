import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailplus } from '../../platforms/mailplus/index.ts';
import type { DeliveryItem } from '../../platforms/platform.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { mailplusContext } from './mailplus-context.ts';

const [contacts] = mailplus.description.streams;
const always = { from: '2010-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' };

const newContact = (externalId: string, changes: DeliveryItem['changes']): DeliveryItem => ({
  externalId, isNew: true, changes, identity: {}, permissionDates: {},
});

describe('Mail+ against the sandbox', () => {
  let sandbox: MailplusSandbox;
  beforeAll(async () => {
    sandbox = await startMailplusSandbox();
  });
  afterAll(() => sandbox.close());

  it('checks the connection with a signed call', async () => {
    const { notes } = await mailplus.checkConnection(mailplusContext(sandbox.url));
    expect(notes.join(' ')).toContain('external id');
  });

  it('says what to do in Mail+ when the secret is wrong', async () => {
    const context = mailplusContext(sandbox.url, { credentials: { key: 'sandbox-key', secret: 'wrong' } });
    await expect(mailplus.checkConnection(context)).rejects.toMatchObject({ code: 'PLATFORM_LOGIN_REFUSED', message: expect.stringContaining('REST API') });
  });

  it('stores contacts and reads them back as they are held', async () => {
    const fields = await mailplus.discoverFields(mailplusContext(sandbox.url));
    const context = mailplusContext(sandbox.url, { fields });
    const outcomes = await mailplus.deliver(context, 'contacts', [
      newContact('1', { email: 'ann@example.com', firstName: 'Ann', 'permissions:2': true }),
      newContact('2', { email: 'not an address' }),
    ]);
    expect(outcomes).toEqual([{ kind: 'stored' }, expect.objectContaining({ kind: 'refused', code: 'RECORD_REFUSED', platformCode: 'PROPERTY_INVALID' })]);
    const page = await mailplus.readPage(context, contacts!, always, undefined);
    expect(page.nextPageToken).toBeUndefined();
    expect(page.rows).toMatchObject([{
      externalId: '1',
      canonical: { email: 'ann@example.com', firstName: 'Ann' },
      held: { email: 'ann@example.com', firstName: 'Ann', 'permissions:1': false, 'permissions:2': true, 'permissions:4': false },
      observedPermissions: { 'Consent to Receive Email Marketing': 'permissions:2' },
    }]);
    const read = await mailplus.readRecords(context, 'contacts', ['1', 'nobody']);
    expect(read.rows).toMatchObject([{ externalId: '1' }, { externalId: 'nobody', deleted: true }]);
  });
});
