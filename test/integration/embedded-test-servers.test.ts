import { Connection } from '@temporalio/client';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase } from '../support/test-database.ts';
import { testTemporal } from '../support/test-temporal.ts';

async function query(url: string, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('the servers of a test run', () => {
  it('give each file a database of its own', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await query(one.url, 'create table only_here (id int)');
    expect(await query(other.url, "select to_regclass('only_here') as found")).toEqual([{ found: null }]);
    await Promise.all([one.drop(), other.drop()]);
    await expect(query(one.url, 'select 1')).rejects.toThrow(one.name);
  });

  it('share a Temporal server that knows the search attributes', async () => {
    const { address, namespace } = testTemporal();
    const connection = await Connection.connect({ address });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    expect(customAttributes).toMatchObject({ AccountId: 2, ConnectorId: 2, Platform: 2, DataType: 2, SyncState: 2 });
    await connection.close();
  });
});
