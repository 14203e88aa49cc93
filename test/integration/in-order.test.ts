import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase, openPool, type Db, type Trx } from '../../db/database.ts';
import { inOrder } from '../../db/repositories/in-order.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(openPool({ url: database.url, maxConnections: 1, onError: () => undefined }));
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
beforeEach(async () => { await sql`delete from account`.execute(db); });

const names = async (): Promise<string[]> => (await db.selectFrom('account').select('id').orderBy('id').execute()).map(({ id }) => id);
const insert = (trx: Trx, id: string) => sql`insert into account (id, name) values (${id}, ${id})`.execute(trx);

/** Two statements, the second of which is made when the first has ended. */
async function insertTwo(trx: Trx, first: string, second: string): Promise<void> {
  await insert(trx, first).catch(() => undefined);
  await insert(trx, second);
}

describe('statements of one transaction that are built at once', () => {
  it('are carried out in their order', async () => {
    await db.transaction().execute((trx) => inOrder([insert(trx, 'a'), sql`update account set id = 'b' where id = 'a'`.execute(trx), insert(trx, 'a')]));
    expect(await names()).toEqual(['a', 'b']);
  });

  it('leave nothing when one in the middle fails: the first error is thrown, and what was to follow does not run after the transaction', async () => {
    const work = db.transaction().execute((trx) => inOrder([insert(trx, 'a'), sql`select 1 / 0 as first_error`.execute(trx), insertTwo(trx, 'b', 'c')]));
    await expect(work).rejects.toThrow('division by zero');
    expect(await names()).toEqual([]);
  });
});
