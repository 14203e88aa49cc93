import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDatabase, openPool, type Db } from '../../db/database.ts';
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
});
