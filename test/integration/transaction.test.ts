import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type pg from 'pg';
import { openDatabase, openPool, type Db, type Trx } from '../../db/database.ts';
import { inOrder } from '../../db/repositories/in-order.ts';
import { inTransaction } from '../../db/transaction.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait-for.ts';

const lockKey = 4711;
let database: TestDatabase;
let db: Db;
let other: Db;
let sent: string[] = [];
let refused: string | undefined;

/** Notes each statement when it is handed to the connection, and lets the one that is named fail before it is sent. */
function watch(client: pg.PoolClient): void {
  const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>;
  Object.assign(client, { query: (...given: unknown[]) => {
    const [text] = given;
    if (typeof text === 'string') sent.push(text.trim());
    return text === refused ? Promise.reject(new Error(`«${refused}» is refused`)) : query(...given);
  } });
}

beforeAll(async () => {
  database = await createTestDatabase();
  const pool = openPool({ url: database.url, maxConnections: 1, onError: () => undefined });
  pool.on('connect', watch);
  db = openDatabase(pool);
  other = openDatabase(openPool({ url: database.url, maxConnections: 1, onError: () => undefined }));
});
afterAll(async () => {
  await Promise.all([db.destroy(), other.destroy()]);
  await database.drop();
});
beforeEach(async () => {
  refused = undefined;
  await sql`delete from account`.execute(db);
  sent = [];
});

const names = async (): Promise<string[]> => (await db.selectFrom('account').select('id').orderBy('id').execute()).map(({ id }) => id);
const insert = (trx: Trx, id: string) => sql`insert into account (id, name) values (${id}, ${id})`.execute(trx);
const fail = (trx: Trx) => sql`select 1 / 0 as first_error`.execute(trx);
const holds = (text: string) => sent.some((statement) => statement.startsWith(text));

/** Two statements, the second of which is made when the first has ended. */
async function insertTwo(trx: Trx, first: string, second: string): Promise<void> {
  await insert(trx, first).catch(() => undefined);
  await insert(trx, second);
}

/** Whether a statement is sent while the one before it waits for a lock that another connection holds. */
async function sentBehindOneThatWaits(statement: (trx: Trx) => Promise<unknown>, text: string): Promise<void> {
  await inTransaction(other, async (holder) => {
    await sql`select pg_advisory_xact_lock(${lockKey})`.execute(holder);
    const work = inTransaction(db, async (trx) => inOrder([sql`select pg_advisory_xact_lock(${lockKey})`.execute(trx), statement(trx)]));
    await waitFor(async () => holds(text));
    return { work };
  }).then(({ work }) => work);
}

describe('statements of one transaction', () => {
  it('are sent without waiting for the answer to the one before, and carried out in their order', async () => {
    await sentBehindOneThatWaits((trx) => insert(trx, 'a'), 'insert');
    expect(await names()).toEqual(['a']);
  });

  it('keep their order where a query is begun behind a write, before the transaction is known to have begun', async () => {
    const counts = await inTransaction(db, async (trx) => {
      const count = () => trx.selectFrom('account').select(({ fn }) => fn.countAll<string>().as('n')).executeTakeFirstOrThrow();
      const [before, , between, , after] = [count(), insert(trx, 'a'), count(), insert(trx, 'b'), count()];
      return (await Promise.all([before, between, after])).map(({ n }) => Number(n));
    });
    expect(counts).toEqual([0, 1, 2]);
    expect(await names()).toEqual(['a', 'b']);
  });

  it('write nothing when the transaction can not begin; the connection goes on', async () => {
    refused = 'begin';
    await expect(inTransaction(db, (trx) => inOrder([sql`select 1 as one`.execute(trx), insert(trx, 'a'), sql`select 2 as two`.execute(trx)]))).rejects.toThrow('«begin» is refused');
    expect(sent.filter((text) => text.startsWith('insert'))).toEqual([]);
    refused = undefined;
    await inTransaction(db, (trx) => insert(trx, 'b'));
    expect(await names()).toEqual(['b']);
  });

  it('leave nothing when one fails, whose error is told and not that of the statements behind it, even of those that were begun before', async () => {
    await expect(inTransaction(db, (trx) => inOrder([insertTwo(trx, 'a', 'b'), fail(trx), insert(trx, 'c')]))).rejects.toThrow('division by zero');
    expect(await names()).toEqual([]);
    await inTransaction(db, (trx) => insert(trx, 'd'));
    expect(await names()).toEqual(['d']);
  });

  it('leave nothing when the work fails by itself', async () => {
    await expect(inTransaction(db, async (trx) => {
      await insert(trx, 'a');
      throw new Error('on second thoughts');
    })).rejects.toThrow('on second thoughts');
    expect(await names()).toEqual([]);
  });

  it('can not be begun when it has ended', async () => {
    let kept: Trx | undefined;
    await inTransaction(db, async (trx) => {
      kept = trx;
      await insert(trx, 'a');
    });
    await expect(insert(kept as Trx, 'b')).rejects.toThrow('had ended');
    await expect(inTransaction(kept as Trx, () => Promise.resolve())).rejects.toThrow('does not nest');
    expect(await names()).toEqual(['a']);
  });

  it('all fail when the connection is lost, each of them, and the next transaction gets another connection', async () => {
    const work = inTransaction(db, async (trx) => {
      await insert(trx, 'a');
      const ended = await Promise.allSettled([sql`select pg_terminate_backend(pg_backend_pid())`.execute(trx), insert(trx, 'b'), insert(trx, 'c')]);
      expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      throw new Error('lost');
    });
    await expect(work).rejects.toThrow('lost');
    await inTransaction(db, (trx) => insert(trx, 'd'));
    expect(await names()).toEqual(['d']);
  });
});
