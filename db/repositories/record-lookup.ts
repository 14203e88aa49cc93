import { sql, type Selectable } from 'kysely';
import type { Fields } from '../../domain/model/fields.ts';
import type { FieldOrigin, PermissionState } from '../../domain/model/record.ts';
import type { Db } from '../database.ts';
import { unpackProvenance } from '../stored-forms.ts';
import type { RecordTable } from '../tables/record.ts';
import { cartCauses } from './checkouts/raise-carts.ts';

/** Everything the hub knows of one record. Holds personal data: for a person who asked, never for a log. */
export interface RecordDossier {
  readonly id: number;
  readonly dataType: string;
  readonly canonical: Fields;
  readonly provenance: Readonly<Record<string, FieldOrigin>>;
  /** With the permissions that a connector is linked to and that nobody said anything about. */
  readonly consent: Readonly<Record<string, PermissionState>>;
  readonly version: number;
  readonly deleted: boolean;
  readonly updatedAt: string;
  readonly sources: Awaited<ReturnType<typeof sourcesOf>>;
  readonly links: Awaited<ReturnType<typeof linksOf>>;
  readonly deliveries: Awaited<ReturnType<typeof deliveriesOf>>;
  readonly consentEvents: Awaited<ReturnType<typeof consentEventsOf>>;
  readonly activities: Awaited<ReturnType<typeof activitiesOf>>;
  readonly actions: Awaited<ReturnType<typeof actionsOf>>;
}

const mostEvents = 100;
const mostActivities = 20;

/** Records with this normalised e-mail address, as the account of `db` sees them; those that were merged into another are not shown. */
export async function findRecordsByEmail(db: Db, email: string): Promise<readonly RecordDossier[]> {
  const records = await db.selectFrom('record').selectAll().where('email', '=', email).where('merged_into', 'is', null).orderBy('id').limit(20).execute();
  return dossiersOf(db, records);
}

/** The record of a thing by its id at a connector: what that said of it, or what it has there. Undefined when there is none. */
export async function findRecordOfThing(db: Db, connectorId: string, dataType: string, externalId: string): Promise<RecordDossier | undefined> {
  const { rows } = await sql<{ id: number }>`
    select record_id id from source_record where external_id = ${externalId} and connector_id = ${connectorId} and data_type = ${dataType}
    union all select record_id from link where external_id = ${externalId} and connector_id = ${connectorId} and data_type = ${dataType} limit 1`.execute(db);
  const [found] = rows;
  if (found === undefined) return undefined;
  const [dossier] = await dossiersOf(db, await db.selectFrom('record').selectAll().where('id', '=', found.id).execute());
  return dossier;
}

async function dossiersOf(db: Db, records: readonly Selectable<RecordTable>[]): Promise<RecordDossier[]> {
  const unasked = records.some((record) => record.data_type === 'contacts') ? await linkedPermissions(db) : {};
  const dossiers: RecordDossier[] = [];
  for (const record of records) {
    dossiers.push({
      id: record.id, dataType: record.data_type, canonical: record.canonical, provenance: unpackProvenance(record.provenance, record.canonical), consent: { ...(record.data_type === 'contacts' && unasked), ...record.consent },
      version: record.version, deleted: record.deleted, updatedAt: record.updated_at,
      sources: await sourcesOf(db, record.id), links: await linksOf(db, record.id), deliveries: await deliveriesOf(db, record.id),
      consentEvents: await consentEventsOf(db, record.id), activities: await activitiesOf(db, record.id), actions: await actionsOf(db, record.id),
    });
  }
  return dossiers;
}

/** The permissions that a connector has, as nobody said anything about them. */
async function linkedPermissions(db: Db): Promise<Record<string, PermissionState>> {
  const rows = await db.selectFrom('permission_link as p').innerJoin('connector as c', 'c.id', 'p.connector_id').where('c.phase', '<>', 'removed').select('p.permission').distinct().orderBy('p.permission').execute();
  return Object.fromEntries(rows.map(({ permission }) => [permission, { state: 'unknown', at: null, connectorId: null }]));
}

async function sourcesOf(db: Db, recordId: number) {
  return db.selectFrom('source_record')
    .select(['connector_id as connectorId', 'external_id as externalId', 'canonical', 'source_time as sourceTime', 'deleted_at as deletedAt'])
    .where('record_id', '=', recordId).orderBy('connector_id').orderBy('external_id').execute();
}

async function linksOf(db: Db, recordId: number) {
  return db.selectFrom('link')
    .select(['connector_id as connectorId', 'external_id as externalId', 'is_primary as primary', 'held', 'outcome_at as writtenAt', 'read_at as readAt', 'gone_at as goneAt'])
    .where('record_id', '=', recordId).orderBy('connector_id').orderBy('external_id').execute();
}

async function deliveriesOf(db: Db, recordId: number) {
  return db.selectFrom('delivery')
    .select(['connector_id as connectorId', 'target', 'state', 'code', 'reason', 'wanted', 'delivered', 'pending_since as pendingSince', 'settled_at as settledAt'])
    .where('record_id', '=', recordId).orderBy('connector_id').orderBy('target').execute();
}

async function consentEventsOf(db: Db, recordId: number) {
  return db.selectFrom('consent_event')
    .select(['permission', 'granted', 'stated_at as statedAt', 'received_at as receivedAt', 'connector_id as connectorId', 'external_id as externalId', 'may_grant as mayGrant', 'evidence'])
    .where('record_id', '=', recordId).orderBy('received_at', 'desc').orderBy(sql`stated_at desc nulls last`).orderBy('permission').orderBy('connector_id').orderBy('external_id').limit(mostEvents).execute();
}

async function activitiesOf(db: Db, recordId: number) {
  return db.selectFrom('activity')
    .select(['type', 'at', 'connector_id as connectorId', 'subject_id as subjectId', 'description'])
    .where('record_id', '=', recordId).orderBy('at', 'desc').limit(mostActivities).execute();
}

/** What was done for the record at a platform, or is to be: for a contact, or for a cart and its order. */
async function actionsOf(db: Db, recordId: number) {
  return db.selectFrom('action')
    .select(['connector_id as connectorId', 'kind', 'state', 'code', 'reason', 'settled_at as settledAt'])
    .where((eb) => eb.or([eb('record_id', '=', recordId), eb('cause', 'in', cartCauses(recordId))])).orderBy('id', 'desc').limit(mostActivities).execute();
}
