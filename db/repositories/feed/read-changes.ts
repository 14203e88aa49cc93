import { sql } from 'kysely';
import type { FeedEntry } from '../../../domain/model/feed-entry.ts';
import type { Db } from '../../database.ts';

/** A place in a feed: behind this entry. */
export interface FeedPosition {
  /** Number of the transaction, as text: it has 64 bits. */
  readonly xid: string;
  readonly seq: number;
}

/** One entry as it is stored. */
export interface StoredChange extends Omit<FeedEntry, 'about'>, FeedPosition {
  /** When it was published, ISO. */
  readonly at: string;
}

/** A page of a feed. */
export type ChangePage =
  | { readonly kind: 'page'; readonly entries: readonly StoredChange[]; readonly more: boolean }
  /** Entries behind the position are kept no more, or it is none of this database: what came since is not known to be whole. */
  | { readonly kind: 'expired' };

interface Row {
  expired: boolean; key: string | null; data_type: FeedEntry['dataType']; kind: FeedEntry['kind']; external_id: string; changes: string[]; data: unknown; xid: string; seq: number; created_at: string;
}

const beginning: FeedPosition = { xid: '0', seq: 0 };

/**
 * Reads a connector's feed behind a position, from the oldest entry that is kept without one. Ordered by transaction and sequence, and only
 * transactions below the oldest one under way: nothing can come before what was read any more, however late a transaction commits.
 * Everything is seen by one snapshot, the beginning of what is kept among it.
 */
export async function readChanges(db: Db, connectorId: string, after: FeedPosition | undefined, limit: number): Promise<ChangePage> {
  const { xid, seq } = after ?? beginning;
  const { rows } = await sql<Row>`
    select ${after !== undefined} and (coalesce((${xid}::xid8, ${seq}::bigint) < (cut.xid, cut.seq), false) or ${xid}::xid8 >= pg_snapshot_xmax(pg_current_snapshot())) expired, e.*
    from (select) one
    left join change_feed_cut cut on cut.connector_id = ${connectorId}
    left join lateral (
      select key, data_type, kind, external_id, changes, data, xid::text xid, seq, created_at from change_feed f
      where f.connector_id = ${connectorId} and (f.xid, f.seq) > (${xid}::xid8, ${seq}::bigint) and f.xid < pg_snapshot_xmin(pg_current_snapshot())
      order by f.xid, f.seq limit ${limit + 1}) e on true`.execute(db);
  if (rows[0]?.expired === true) return { kind: 'expired' };
  const entries = rows.flatMap((row) => (row.key === null ? [] : [storedChange(row, row.key)]));
  return { kind: 'page', entries: entries.slice(0, limit), more: entries.length > limit };
}

const storedChange = (row: Row, key: string): StoredChange => ({
  key, dataType: row.data_type, kind: row.kind, externalId: row.external_id, changes: row.changes, data: row.data, xid: row.xid, seq: row.seq, at: row.created_at,
});
