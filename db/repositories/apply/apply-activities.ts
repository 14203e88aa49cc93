import { sql, type RawBuilder } from 'kysely';
import type { CanonicalActivity } from '../../../domain/model/activity.ts';
import { arrays } from '../../binary-arrays.ts';
import { inAccount, type Db, type Trx } from '../../database.ts';
import { repeatOnConflict } from '../repeat-on-conflict.ts';
import { findSuppressed } from '../erase/suppressed.ts';
import { raiseWriteBacks, type ActivityExports, type StoredActivity } from './release-activities.ts';

/** A page of activities. */
export interface ApplyActivitiesInput extends ActivityExports {
  readonly activities: readonly CanonicalActivity[];
  readonly progress?: (trx: Trx) => Promise<void>;
  /** Keyed hash by which erased persons are known again; nobody is where it is absent. */
  readonly fingerprint?: (plain: string) => string;
}

/**
 * Stores activities as facts, each once (a bounce also when another feed tells it under another id), and raises their write-back; one that names an unknown contact waits for it.
 * One transaction; idempotent. Returns how many were new.
 */
export async function applyActivities(db: Db, input: ApplyActivitiesInput): Promise<{ readonly stored: number }> {
  return repeatOnConflict(() => inAccount(db, input.accountId, async (trx) => {
    const stored = await insertActivities(trx, input, await withoutErased(trx, input));
    await raiseWriteBacks(trx, input, stored);
    await input.progress?.(trx);
    return { stored: stored.length };
  }));
}

async function insertActivities(trx: Trx, input: ApplyActivitiesInput, a: readonly CanonicalActivity[]): Promise<StoredActivity[]> {
  if (a.length === 0) return [];
  const { rows } = await sql<StoredActivity>`
    insert into activity (account_id, connector_id, external_id, type, at, contact_external_id, record_id, subject_id, audience_name, description, url, extra)
    select ${input.accountId}, ${input.connectorId}, a.external_id, a.type, a.at, a.contact, l.record_id, a.subject_id, a.audience_name, a.description, a.url, a.extra
    from unnest(${arrays.text(a.map((x) => x.externalId))}, ${arrays.text(a.map((x) => x.type))}, ${arrays.timestamptz(a.map((x) => x.at))}, ${arrays.text(a.map((x) => x.contactExternalId))},
      ${arrays.text(a.map((x) => x.subjectId ?? null))}, ${arrays.text(a.map((x) => x.audienceName ?? null))}, ${arrays.text(a.map((x) => x.description))}, ${arrays.text(a.map((x) => x.url ?? null))},
      ${arrays.json(a.map((x) => (x.bounce === undefined ? {} : { bounce: x.bounce })))})
      as a(external_id, type, at, contact, subject_id, audience_name, description, url, extra)
    left join link l on l.connector_id = ${input.connectorId} and l.data_type = 'contacts' and l.external_id = a.contact
    where not ${isKnown(input.connectorId)}
    order by a.external_id
    on conflict do nothing returning external_id id, type`.execute(trx);
  return rows;
}

/**
 * Two ways in which an activity is there already without the same key. Its stamp is another one: the platform told it again because it changed,
 * and named no time but that of the change. Or it is a bounce that another feed told, under another id and perhaps with its stamp cut off at the
 * second: the same one when contact and mailing are, as far as the feeds name them. By the record too, for a contact may have got its external
 * id between two reads.
 */
function isKnown(connectorId: string): RawBuilder<boolean> {
  const bounced = sql`('email.bounced', 'sms.bounced')`;
  const isSame = sql`o.type in ${bounced} and o.external_id <> a.external_id and coalesce(o.subject_id = a.subject_id, true)
    and o.at >= date_trunc('second', a.at) and o.at < date_trunc('second', a.at) + interval '1 second'`;
  // The second of the two compares an expression, so that the planner looks a record up and does not read all rows of the connector.
  return sql<boolean>`((a.external_id is not null and exists (select 1 from activity o where o.connector_id = ${connectorId} and o.external_id = a.external_id and o.at <> a.at))
    or (a.type in ${bounced} and (
      exists (select 1 from activity o where o.contact_external_id = a.contact and o.connector_id = ${connectorId} and ${isSame})
      or exists (select 1 from activity o where o.record_id = l.record_id and o.connector_id || '' = ${connectorId} and ${isSame}))))`;
}

/** What an erased person did is not stored again. */
async function withoutErased(trx: Trx, { accountId, connectorId, activities, fingerprint }: ApplyActivitiesInput): Promise<readonly CanonicalActivity[]> {
  if (fingerprint === undefined) return activities;
  const erased = await findSuppressed(trx, { accountId, connectorId, matching: 'email', fingerprint }, activities.map(({ contactExternalId }) => ({ externalId: contactExternalId })));
  return erased.size === 0 ? activities : activities.filter(({ contactExternalId }) => !erased.has(contactExternalId));
}
