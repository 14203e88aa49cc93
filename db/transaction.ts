import { CompiledQuery, DummyDriver, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, Transaction, type DatabaseConnection, type Dialect } from 'kysely';
import type { Db, Trx } from './database.ts';
import type { Tables } from './tables.ts';

/** What Kysely asks of a transaction that gets its connection from elsewhere. */
const dialect: Dialect = {
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => new DummyDriver(),
  createIntrospector: (db) => new PostgresIntrospector(db),
  createQueryCompiler: () => new PostgresQueryCompiler(),
};

/**
 * Runs `work` in a transaction whose statements go to PostgreSQL when they are begun, one behind the other, without waiting for the answer
 * to the one before (PostgreSQL calls this a pipeline). They are carried out in the order in which they were begun. Kysely's own
 * transactions hold each statement back until the one before is answered, which costs a hub a good part of its time (ADR 0029).
 * What a statement needs of another one is awaited as ever; statements begun together are to be waited for by `inOrder`, so that none is
 * under way when the transaction ends. Commits when `work` resolves, rolls back and throws the same when it rejects. Does not nest.
 */
export async function inTransaction<T>(db: Db, work: (trx: Trx) => Promise<T>): Promise<T> {
  if (db.isTransaction) throw new Error('A transaction does not nest.');
  return db.getExecutor().provideConnection(async (connection) => {
    const begun = connection.executeQuery(CompiledQuery.raw('begin'));
    const line = createLine(connection, begun);
    const executor = db.getExecutor().withConnectionProvider({ provideConnection: (use) => use(line.connection) });
    try {
      const result = await work(new Transaction<Tables>({ config: { dialect }, dialect, driver: new DummyDriver(), executor }));
      await line.end('commit');
      return result;
    } catch (error) {
      await begun;
      await line.end('rollback').catch(() => undefined);
      throw error;
    }
  });
}

interface Line {
  readonly connection: DatabaseConnection;
  /** Nothing is sent after it. */
  end(how: 'commit' | 'rollback'): Promise<void>;
}

/** Until the transaction is known to have begun only queries are sent: a write could not be taken back. What follows a write waits behind it. */
function createLine(connection: DatabaseConnection, begun: Promise<unknown>): Line {
  let state: 'beginning' | 'waiting' | 'begun' | 'ended' = 'beginning';
  const isBegun = begun.then(() => {
    state = 'begun';
  });
  isBegun.catch(() => undefined);
  const executeQuery: DatabaseConnection['executeQuery'] = async (query, ...rest) => {
    if (state === 'ended') throw new Error('A statement was begun after its transaction had ended.');
    if (state === 'begun' || (state === 'beginning' && isRead(query.sql))) return connection.executeQuery(query, ...rest);
    state = 'waiting';
    return isBegun.then(() => connection.executeQuery(query, ...rest));
  };
  return {
    connection: { executeQuery, streamQuery: (...given) => connection.streamQuery(...given) },
    end: async (how) => {
      await isBegun;
      state = 'ended';
      await connection.executeQuery(CompiledQuery.raw(how));
    },
  };
}

const isRead = (statement: string): boolean => /^\s*select\b/i.test(statement);
