import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDatabase, openPool, type Db } from '../../db/database.ts';
import { beginReading } from '../../db/repositories/reports/lists.ts';
import { saveMailings } from '../../db/repositories/reports/mailings.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

describe('rows of the bulk tables', () => {
  let database: TestDatabase;
  let db: Db;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = openDatabase(openPool({ url: database.url, maxConnections: 2, onError: () => undefined }));
    await db.insertInto('account').values([{ id: 'one', name: 'One' }, { id: 'two', name: 'Two' }]).execute();
    await db.insertInto('connector').values({ id: 'coins-1', account_id: 'one', platform: 'coins', class: 'crm', preset: 'crm', name: 'Coins', settings: '{}', credentials: '', credential_key: 'c', phase: 'live' }).execute();
  });

  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  async function storeLink(accountId: string, connectorId: string): Promise<void> {
    const { id } = await db.insertInto('record').values({ account_id: accountId, data_type: 'contacts', canonical: '{}', provenance: '[]' }).returning('id').executeTakeFirstOrThrow();
    await db.insertInto('link').values({ account_id: accountId, connector_id: connectorId, data_type: 'contacts', external_id: `X${id}`, record_id: id, held: '{}' }).execute();
  }

  it('are taken for a connector of their account', async () => {
    await storeLink('one', 'coins-1');
    expect(await db.selectFrom('link').select('connector_id').execute()).toEqual([{ connector_id: 'coins-1' }]);
  });

  it.each([['one', 'nobody'], ['two', 'coins-1']])('are refused in account %s for connector %s', async (accountId, connectorId) => {
    await expect(storeLink(accountId, connectorId)).rejects.toMatchObject({ code: '23503', table: 'link' });
  });

  it('cannot lose their connector', async () => {
    await expect(db.deleteFrom('connector').where('id', '=', 'coins-1').execute()).rejects.toMatchObject({ code: '23503' });
    await expect(db.updateTable('connector').set({ account_id: 'two' }).where('id', '=', 'coins-1').execute()).rejects.toMatchObject({ code: '23503' });
  });

  describe('of reports', () => {
    let mailingId: number;

    beforeAll(async () => {
      await saveMailings(db, { accountId: 'one', connectorId: 'coins-1' }, [{ externalId: 'm1', kind: 'mailing', name: 'Spring', channel: 'email' }], { now: '2026-05-01T10:00:00Z' });
      ({ id: mailingId } = await db.selectFrom('report_mailing').select('id').executeTakeFirstOrThrow());
      await beginReading(db, 'one', mailingId, { list: 'opens', windowFrom: null, windowTo: null }, null);
    });

    const storeContact = async (accountId: string, connectorId: string, key: string): Promise<number> =>
      (await db.insertInto('report_contact').values({ account_id: accountId, connector_id: connectorId, contact_key: key }).returning('id').executeTakeFirstOrThrow()).id;
    const line = (accountId: string, mailing: number, list: 'opens' | 'clicks', contact: number) =>
      ({ account_id: accountId, mailing_id: mailing, list, contact_id: contact, at: '2026-05-01T10:00:00Z' });
    const storeLines = async (...lines: readonly ReturnType<typeof line>[]): Promise<void> => void (await db.insertInto('report_event').values([...lines]).execute());

    it.each([['one', 'nobody'], ['two', 'coins-1']])('are no contacts in account %s for connector %s', async (accountId, connectorId) => {
      await expect(storeContact(accountId, connectorId, 'k0')).rejects.toMatchObject({ code: '23503', table: 'report_contact' });
    });

    it('are lines of a list and a contact that their account has', async () => {
      await storeLines(line('one', mailingId, 'opens', await storeContact('one', 'coins-1', 'k1')), line('one', mailingId, 'opens', await storeContact('one', 'coins-1', 'k2')));
      expect(await db.selectFrom('report_event').select('list').execute()).toEqual([{ list: 'opens' }, { list: 'opens' }]);
    });

    it.each([
      ['another account', 'two', 0, 'opens', 0], ['an unknown mailing', 'one', 1_000, 'opens', 0], ['a list that nobody reads', 'one', 0, 'clicks', 0], ['an unknown contact', 'one', 0, 'opens', 1_000],
    ] as const)('are refused with all of their statement for %s', async (_what, accountId, otherMailing, list, otherContact) => {
      const [good, bad] = [await storeContact('one', 'coins-1', `good ${_what}`), await storeContact('one', 'coins-1', `bad ${_what}`)];
      const stray = line(accountId, mailingId + otherMailing, list, bad + otherContact);
      await expect(storeLines(line('one', mailingId, 'opens', good), stray)).rejects.toMatchObject({ code: '23503', table: 'report_event' });
      expect(await db.selectFrom('report_event').select('contact_id').where('contact_id', 'in', [good, bad]).execute()).toEqual([]);
    });

    it('cannot lose their contact, their list or their mailing', async () => {
      await expect(db.deleteFrom('report_contact').execute()).rejects.toMatchObject({ code: '23503', table: 'report_contact' });
      await expect(db.updateTable('report_contact').set({ account_id: 'two' }).execute()).rejects.toMatchObject({ code: '23503', table: 'report_contact' });
      await expect(db.deleteFrom('report_list').execute()).rejects.toMatchObject({ code: '23503', table: 'report_list' });
      await expect(db.deleteFrom('report_mailing').execute()).rejects.toMatchObject({ code: '23503' });
    });
  });
});
