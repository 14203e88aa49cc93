import { describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openOwnerDatabase } from '../../db/database.ts';
import { atDatabase, connectClient, connectWorker } from '../../workers/reach-servers.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { testServers } from '../support/test-servers.ts';
import { testTemporal } from '../support/test-temporal.ts';

/** Nothing listens there. */
const nowhere = '127.0.0.1:1';
const at = (address: string, more: object = {}) => ({ connectionOptions: { address, connectTimeout: 1_500, ...more }, namespace: 'default' });
const failing = { code: 'TEMPORAL_UNAVAILABLE', fix: expect.stringContaining('TEMPORAL_TLS') };

describe('a start that does not reach Temporal', () => {
  it('tells the address, whether with TLS, and what to check', async () => {
    await expect(connectClient(at(nowhere))).rejects.toMatchObject({ ...failing, message: expect.stringMatching(/^Temporal at 127\.0\.0\.1:1 \(namespace default, without TLS\) could not be reached: ./) });
    await expect(connectWorker(at(nowhere))).rejects.toMatchObject({ ...failing, message: expect.stringMatching(/^Temporal at 127\.0\.0\.1:1 \(namespace default, without TLS\) could not be reached: ./) });
    await expect(connectClient(at(testTemporal().address, { tls: {} }))).rejects.toMatchObject({ ...failing, message: expect.stringContaining('with TLS') });
  });

  it('tells that the namespace is not there, and how to make it', async () => {
    const { address } = testTemporal();
    await expect(connectClient({ ...at(address), namespace: 'nobodys' })).rejects.toMatchObject({
      message: `Temporal at ${address} has no namespace «nobodys».`, fix: expect.stringContaining(`temporal operator namespace create --address ${address} nobodys`),
    });
    const connection = await connectClient({ ...at(address), namespace: testTemporal().namespace });
    await connection.close();
  });
});

describe('a start that does not reach PostgreSQL', () => {
  const look = async (url: string): Promise<void> => {
    const db = openOwnerDatabase(url);
    try {
      await sql`select 1`.execute(db);
    } finally {
      await db.destroy();
    }
  };
  const urlWith = (change: (url: URL) => void): string => {
    const url = new URL(testServers().databaseUrl);
    change(url);
    return url.href;
  };

  it.each([
    ['nothing listens', urlWith((url) => { url.host = nowhere; }), 'ECONNREFUSED'],
    ['the password is wrong', urlWith((url) => { url.password = 'geheim'; }), 'password authentication failed'],
    ['the database does not exist', urlWith((url) => { url.pathname = '/nobodys'; }), 'database "nobodys" does not exist'],
  ])('tells where and why when %s, without the password', async (_, url, why) => {
    const { host, pathname, password } = new URL(url);
    const error: unknown = await atDatabase(url, () => look(url)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE', message: expect.stringContaining(`PostgreSQL at ${host}${pathname} could not be reached: `), fix: expect.stringContaining('DATABASE_URL') });
    expect(String(error)).toContain(why);
    expect(String(error)).not.toContain(password);
  });

  it('leaves other errors as they are', async () => {
    const database = await createTestDatabase();
    try {
      await expect(atDatabase(database.url, () => Promise.reject(new TypeError('A mistake.')))).rejects.toThrow(new TypeError('A mistake.'));
    } finally {
      await database.drop();
    }
  });
});
