import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { withDatabase } from './template-database.ts';
import { testServers } from './test-servers.ts';

/** A database of one test file, with the latest schema and no rows. */
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Removes it, and ends what is still connected to it. */
  drop(): Promise<void>;
}

/** A new copy of the migrated template. Call `drop` in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { databaseUrl, template } = testServers();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(databaseUrl, `create database ${name} template ${template}`);
  return { name, url: withDatabase(databaseUrl, name), drop: () => administer(databaseUrl, `drop database if exists ${name} with (force)`) };
}

async function administer(databaseUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
