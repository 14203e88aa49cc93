import { sql } from 'kysely';
import type { FeedEntry } from '../../../domain/model/feed-entry.ts';
import { arrays } from '../../binary-arrays.ts';
import { inAccount, type Db } from '../../database.ts';

/** Whose feed it is. */
export interface FeedScope {
  readonly accountId: string;
  readonly connectorId: string;
}

/**
 * Puts entries into a connector's feed, in their order and in one transaction. An entry whose key is there already is not put there
 * again, so that a batch may be published twice. Returns how many were new.
 */
export async function publishChanges(db: Db, scope: FeedScope, entries: readonly FeedEntry[]): Promise<number> {
  if (entries.length === 0) return 0;
  const about = entries.map((entry) => entry.about ?? entry);
  return inAccount(db, scope.accountId, async (trx) => {
    const { numAffectedRows } = await sql`
      insert into change_feed (account_id, connector_id, key, data_type, kind, external_id, changes, data, record_id)
      select ${scope.accountId}, ${scope.connectorId}, x.key, x.data_type, x.kind, x.external_id, x.changes, x.data, l.record_id
      from unnest(${arrays.text(entries.map((e) => e.key))}, ${arrays.text(entries.map((e) => e.dataType))}, ${arrays.text(entries.map((e) => e.kind))}, ${arrays.text(entries.map((e) => e.externalId))},
        ${arrays.json(entries.map((e) => e.changes))}, ${arrays.json(entries.map((e) => e.data ?? null))}, ${arrays.text(about.map((a) => a.dataType))}, ${arrays.text(about.map((a) => a.externalId))})
        with ordinality as x(key, data_type, kind, external_id, changes, data, about_type, about_id, position)
      left join link l on l.external_id = x.about_id and l.connector_id = ${scope.connectorId} and l.data_type = x.about_type
      order by x.position
      on conflict (key, connector_id) do nothing`.execute(trx);
    return Number(numAffectedRows ?? 0);
  });
}
