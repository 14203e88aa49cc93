import { sql } from 'kysely';
import type { Db, Trx } from '../database.ts';

/** Where a stream's pulls begin, for streams that have no cursor yet. */
export interface InitialCursor {
  readonly stream: string;
  /** ISO instant. */
  readonly cursor: string;
}

/** Sets the cursors of streams that have none; one that is set stays. Before the first slice is read (design §7). */
export async function ensureCursors(trx: Trx, scope: { readonly accountId: string; readonly connectorId: string }, cursors: readonly InitialCursor[]): Promise<void> {
  await sql`
    insert into stream_state (account_id, connector_id, stream, cursor)
    select ${scope.accountId}, ${scope.connectorId}, x.stream, x.cursor
    from unnest(${cursors.map((c) => c.stream)}::text[], ${cursors.map((c) => c.cursor)}::timestamptz[]) as x(stream, cursor)
    on conflict (connector_id, stream) do update set cursor = excluded.cursor where stream_state.cursor is null`.execute(trx);
}

/** The cursor of a stream; null when there is none. */
export async function findCursor(db: Db | Trx, connectorId: string, stream: string): Promise<string | null> {
  const row = await db.selectFrom('stream_state').select('cursor').where('connector_id', '=', connectorId).where('stream', '=', stream).executeTakeFirst();
  return row?.cursor ?? null;
}

/** Moves a cursor forward, never back: a pull that ends after a later one moves nothing. */
export async function moveCursor(trx: Trx, connectorId: string, stream: string, cursor: string): Promise<void> {
  await sql`
    update stream_state set cursor = greatest(cursor, ${cursor}::timestamptz), updated_at = clock_timestamp()
    where connector_id = ${connectorId} and stream = ${stream}`.execute(trx);
}
