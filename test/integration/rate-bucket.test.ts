import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDatabase, openPool, type Db } from '../../db/database.ts';
import { takeTokens } from '../../db/repositories/rate-bucket.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

describe('the rate bucket of a credential', () => {
  let database: TestDatabase;
  let db: Db;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = openDatabase(openPool({ url: database.url, maxConnections: 4, onError: () => undefined }));
    await db.insertInto('account').values({ id: 'default', name: 'Default' }).execute();
  });

  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  it('lets about a rate of calls through, and never more than the rate and one burst', async () => {
    const perSecond = 200;
    const startedAt = Date.now();
    for (let i = 0; i < 500; i += 1) await takeTokens(db, 'default', 'key-a', 1, perSecond, new AbortController().signal);
    const seconds = (Date.now() - startedAt) / 1000;
    expect(500 / seconds).toBeLessThanOrEqual(perSecond + perSecond / seconds + 1);
    expect(500 / seconds).toBeGreaterThan(perSecond * 0.7);
  });

  it('lets callers at once through at that rate too, and asks the database only for what runs in', async () => {
    const perSecond = 200;
    const startedAt = Date.now();
    let asked = 0;
    const counted = openDatabase(openPool({ url: database.url, maxConnections: 4, onError: () => undefined })).withPlugin({
      transformQuery: ({ node }) => {
        asked += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    await Promise.all(Array.from({ length: 500 }, () => takeTokens(counted, 'default', 'key-c', 1, perSecond, new AbortController().signal)));
    await counted.destroy();
    const seconds = (Date.now() - startedAt) / 1000;
    expect(500 / seconds).toBeLessThanOrEqual(perSecond + perSecond / seconds + 1);
    expect(500 / seconds).toBeGreaterThan(perSecond * 0.7);
    expect(asked).toBeLessThan(150);
  });

  it('ends a wait when the caller gives up', async () => {
    const stop = new AbortController();
    await takeTokens(db, 'default', 'key-b', 1, 1, stop.signal);
    const waiting = takeTokens(db, 'default', 'key-b', 50, 1, stop.signal);
    stop.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
  });
});
