import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql, type Kysely } from 'kysely';
import { openDatabase, openOwnerDatabase, openPool, type Db } from '../../db/database.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait-for.ts';

describe('connections to PostgreSQL', () => {
  let database: TestDatabase;
  let victim: Db;
  let killer: Kysely<unknown>;

  beforeAll(async () => {
    database = await createTestDatabase();
    victim = openDatabase(openPool({ url: database.url, maxConnections: 1, onError: () => undefined }));
    killer = openOwnerDatabase(database.url);
  });

  afterAll(async () => {
    await Promise.all([victim.destroy(), killer.destroy()]);
    await database.drop();
  });

  it('may break between two statements of a transaction: the next statement fails, and the pool goes on with another', async () => {
    const pidOf = async (db: Db): Promise<number> => (await sql<{ pid: number }>`select pg_backend_pid() pid`.execute(db)).rows[0]?.pid ?? 0;
    let isKilled = false;
    const work = victim.transaction().execute(async (trx) => {
      const pid = await pidOf(trx);
      await sql`select pg_terminate_backend(${pid})`.execute(killer);
      await waitFor(async () => (await sql`select 1 from pg_stat_activity where pid = ${pid}`.execute(killer)).rows.length === 0);
      isKilled = true;
      await pidOf(trx);
    });
    await expect(work).rejects.toThrow();
    expect(isKilled).toBe(true);
    expect(await pidOf(victim)).toBeGreaterThan(0);
  });
});
