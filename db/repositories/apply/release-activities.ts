import { sql, type RawBuilder } from 'kysely';
import { exportedActivityTypes } from '../../../domain/model/activity.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Db, Trx } from '../../database.ts';
import { followBounces, isFollowed } from '../bounces/follow.ts';
import { keyedIds } from '../by-key.ts';

/** Connectors to which activities are written back. */
export interface ActivityExports {
  readonly accountId: string;
  readonly connectorId: string;
  readonly activityExports: readonly string[];
  /** Connectors at which tasks can be made; none unless told. */
  readonly taskExports?: readonly string[];
}

/** An activity that is stored: its external id and its type. */
export interface StoredActivity {
  readonly id: string;
  readonly type: string;
}

/**
 * Activities that came before their contact get it now (design §4 «reference»), and are written back.
 * `externalIds` are contacts of `connectorId` that were linked in this transaction.
 */
export async function releaseActivities(trx: Trx, scope: ActivityExports, externalIds: readonly string[]): Promise<void> {
  if (externalIds.length === 0) return;
  const { rows } = await sql<StoredActivity>`
    update activity a set record_id = l.record_id
    from ${keyedIds({ connectorId: scope.connectorId, dataType: 'contacts' }, externalIds)}
    join link l on l.external_id = x.external_id and l.connector_id = x.connector_id and l.data_type = x.data_type
    where a.contact_external_id = x.external_id and a.connector_id = x.connector_id and a.record_id is null
    returning a.external_id id, a.type`.execute(trx);
  await raiseWriteBacks(trx, scope, rows);
}

/** What activities lead to once it is known whom they are about: they are written back, and bounces are followed up. */
export async function raiseWriteBacks(trx: Trx, scope: ActivityExports, activities: readonly StoredActivity[]): Promise<void> {
  await raiseActivityActions(trx, scope, activities.map(({ id }) => id));
  await followBounces(trx, scope, activities.filter(isFollowed).map(({ id }) => id));
}

/**
 * Raises one action per activity and linked contact at each export connector, exactly once per cause.
 * The campaign and list that caused it go along where the mailing's audience is a list of ours.
 */
async function raiseActivityActions(trx: Trx, scope: ActivityExports, activityIds: readonly string[]): Promise<void> {
  if (activityIds.length === 0) return;
  for (const target of scope.activityExports) await insertActions(trx, target, sql`a.connector_id = ${scope.connectorId} and a.external_id = any(${arrays.text(activityIds)})`);
}

/**
 * Activities of contacts that a connector has just got, which came before them but after its activation: they are written back now. Idempotent; to be
 * called between a call that made the contacts and its outcome, so that a crash in between loses none.
 */
export async function raiseEarlierActivities(db: Db, connectorId: string, recordIds: readonly number[]): Promise<void> {
  if (recordIds.length === 0) return;
  await insertActions(db, connectorId, sql`a.record_id = any(${arrays.int8(recordIds)}) and a.connector_id <> ${connectorId}
    and a.received_at >= (select activated_at from connector c where c.id = ${connectorId})`);
}

async function insertActions(db: Db, target: string, which: RawBuilder<unknown>): Promise<void> {
  await sql`
    insert into action (account_id, connector_id, kind, target, cause, payload)
    select a.account_id, ${target}, 'activity.create', l.external_id, a.connector_id || '/' || a.external_id || '@' || l.external_id,
      json_strip_nulls(json_build_object('externalId', a.connector_id || '/' || a.external_id, 'type', a.type, 'at', to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'campaignId', n.campaign_id, 'listId', n.list_id, 'description', a.description, 'url', a.url))
    from activity a
    join link l on l.record_id = a.record_id and l.connector_id = ${target} and l.data_type = 'contacts' and l.gone_at is null
    left join list_name n on n.connector_id = ${target} and n.name = a.audience_name
    where ${which} and a.record_id is not null and a.type = any(${arrays.text([...exportedActivityTypes])})
    order by a.at, a.external_id, l.external_id
    on conflict (connector_id, cause) do nothing`.execute(db);
}
