import { sql } from 'kysely';
import type { Db } from '../../database.ts';
import { inTransaction } from '../../transaction.ts';

/** Entries of one statement. */
const batch = 5_000;

/**
 * Removes entries that are older than the connector keeps them (its setting `changeFeedDays`, 30 unless told), from the beginning of each
 * feed and in batches, each a transaction of its own that remembers how far it came. At most `limit` entries; returns how many went.
 */
export async function cutChangeFeeds(db: Db, now: string, limit: number): Promise<number> {
  const { rows } = await sql<{ id: string }>`select id from connector c where exists (select 1 from change_feed f where f.connector_id = c.id) order by id`.execute(db);
  let cut = 0;
  for (const { id } of rows) {
    for (let last = batch; last === batch && cut < limit;) {
      last = await cutOnce(db, id, now, Math.min(batch, limit - cut));
      cut += last;
    }
  }
  return cut;
}

/** Only from the beginning on: what is kept has no holes, so that one position tells what is not there any more. */
async function cutOnce(db: Db, connectorId: string, now: string, size: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with oldest as (
      select f.account_id, f.xid, f.seq, f.created_at < ${now}::timestamptz - make_interval(days => coalesce((c.settings->>'changeFeedDays')::int, 30)) is_old
      from change_feed f join connector c on c.id = f.connector_id
      where f.connector_id = ${connectorId} and f.xid < pg_snapshot_xmin(pg_current_snapshot()) order by f.xid, f.seq limit ${size}
    ), gone as (
      select * from (select o.*, bool_and(is_old) over (order by xid, seq) goes from oldest o) x where goes
    ), deleted as (
      delete from change_feed f using gone g where f.connector_id = ${connectorId} and f.xid = g.xid and f.seq = g.seq returning f.seq
    ), remembered as (
      insert into change_feed_cut (account_id, connector_id, xid, seq)
      select account_id, ${connectorId}, xid, seq from gone order by xid desc, seq desc limit 1
      on conflict (connector_id) do update set xid = excluded.xid, seq = excluded.seq, cut_at = excluded.cut_at
    )
    select count(*) count from deleted`.execute(db);
  return rows[0]?.count ?? 0;
}

/**
 * Takes over feeds whose transactions were numbered by another server: a database that was restored from a dump counts from the start
 * again, and their entries would stay out of sight until it gets there. All entries of such a feed become those of one new transaction, in
 * their order, and positions of before are refused. Returns how many feeds.
 */
export async function adoptForeignFeeds(db: Db): Promise<number> {
  const foreign = sql`xid >= pg_snapshot_xmax(pg_current_snapshot())`;
  return inTransaction(db, async (trx) => {
    const { rows } = await sql<{ id: string }>`
      select id from connector c where exists (select 1 from change_feed f where f.connector_id = c.id and f.${foreign})
        or exists (select 1 from change_feed_cut f where f.connector_id = c.id and f.${foreign}) order by id`.execute(trx);
    const ids = sql`any(${rows.map((row) => row.id)}::text[])`;
    if (rows.length === 0) return 0;
    await sql`update change_feed set xid = pg_current_xact_id() where connector_id = ${ids}`.execute(trx);
    await sql`
      insert into change_feed_cut (account_id, connector_id, xid, seq) select account_id, id, pg_current_xact_id(), 0 from connector where id = ${ids}
      on conflict (connector_id) do update set xid = excluded.xid, seq = excluded.seq, cut_at = excluded.cut_at`.execute(trx);
    return rows.length;
  });
}
