import { sql } from 'kysely';
import pg from 'pg';
import { HubError } from '../../../domain/errors.ts';
import type { Db } from '../../database.ts';

/** The right to send for one connector, held on a connection of its own. */
export interface SenderLock {
  /** Outcomes carry it: an older sender's outcome is refused. */
  readonly epoch: number;
  /** Aborted when the connection that holds the lock fails: whoever sends has to stop. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

/**
 * Takes the session-level advisory lock of one connector and a new epoch (design §6 «One sender»).
 * Throws HubError SENDER_BUSY when another process has it. Not re-entrant.
 */
export async function takeSenderLock(db: Db, databaseUrl: string, connectorId: string): Promise<SenderLock> {
  const lost = new AbortController();
  const client = new pg.Client({ connectionString: databaseUrl, keepAlive: true, connectionTimeoutMillis: 10_000 });
  client.on('error', () => lost.abort(new HubError('DATABASE_UNAVAILABLE', 'The connection that holds the sender\'s lock failed.', { connectorId })));
  await client.connect();
  try {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 7)) as locked', [`sender/${connectorId}`]);
    if (rows[0]?.locked !== true) throw new HubError('SENDER_BUSY', undefined, { connectorId });
    const epoch = await nextEpoch(db, connectorId);
    return { epoch, signal: lost.signal, release: () => client.end() };
  } catch (error) {
    await client.end();
    throw error;
  }
}

async function nextEpoch(db: Db, connectorId: string): Promise<number> {
  const row = await db.updateTable('connector').set({ sender_epoch: sql`sender_epoch + 1` }).where('id', '=', connectorId)
    .returning('sender_epoch').executeTakeFirst();
  if (row === undefined) throw new HubError('CONNECTOR_UNKNOWN', undefined, { connectorId });
  return row.sender_epoch;
}
