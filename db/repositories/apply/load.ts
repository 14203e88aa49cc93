import { sql } from 'kysely';
import { emptyMemory, type LinkMemory } from '../../../domain/model/link-memory.ts';
import type { MergedRecord, SourceState } from '../../../domain/model/record.ts';
import type { ConsentEvent } from '../../../domain/consent/ledger.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import { keyedIds, type ThingSpace } from '../by-key.ts';
import { unpackFieldTimes, unpackProvenance } from '../../stored-forms.ts';
import type { LinkTable, RecordTable, SourceRecordTable } from '../../tables/record.ts';
import type { Selectable } from 'kysely';

/** A stored source record with the record it belongs to. */
export interface StoredSource {
  readonly state: SourceState;
  readonly recordId: number;
  readonly matchKind: string | null;
  readonly matchValue: string | null;
  readonly pinned: number | null;
}

type SourceColumns = Omit<Selectable<SourceRecordTable>, 'account_id' | 'payload'>;

const sourceColumnNames = ['connector_id', 'data_type', 'external_id', 'record_id', 'canonical', 'field_times', 'edited', 'versions', 'source_time', 'match_kind', 'match_value', 'deleted_at', 'pinned_record_id'];
const sourceColumns = sql.raw(sourceColumnNames.map((name) => `s.${name}`).join(', '));

function toStored(row: SourceColumns): StoredSource {
  return {
    recordId: row.record_id,
    matchKind: row.match_kind,
    matchValue: row.match_value,
    pinned: row.pinned_record_id,
    state: {
      connectorId: row.connector_id,
      externalId: row.external_id,
      dataType: row.data_type as SourceState['dataType'],
      canonical: row.canonical,
      fieldTimes: unpackFieldTimes(row.field_times, row.canonical),
      edited: row.edited,
      versions: row.versions,
      sourceTime: row.source_time,
      deleted: row.deleted_at !== null,
    },
  };
}

/** Source records of one connector by external id, locked in key order. */
export async function lockSources(trx: Trx, connectorId: string, dataType: string, externalIds: readonly string[]): Promise<Map<string, StoredSource>> {
  const { rows } = await sql<SourceColumns>`
    select ${sourceColumns} from ${keyedIds({ connectorId, dataType }, externalIds)}
    join source_record s on s.external_id = x.external_id and s.connector_id = x.connector_id and s.data_type = x.data_type
    order by s.external_id, s.connector_id, s.data_type for update of s`.execute(trx);
  return new Map(rows.map((row) => [row.external_id, toStored(row)]));
}

/** All source records of the given records. */
export async function loadSourcesOf(trx: Trx, recordIds: readonly number[]): Promise<readonly StoredSource[]> {
  if (recordIds.length === 0) return [];
  const { rows } = await sql<SourceColumns>`select ${sourceColumns} from source_record s where s.record_id = any(${arrays.int8(recordIds)})`.execute(trx);
  return rows.map(toStored);
}

type RecordColumns = Pick<Selectable<RecordTable>, 'id' | 'data_type' | 'canonical' | 'provenance' | 'consent' | 'version' | 'deleted' | 'merged_into'>;

/** Records by id, locked in id order. Merged ones are left out: who meets one looks its keys up again. */
export async function lockRecords(trx: Trx, ids: readonly number[]): Promise<Map<number, MergedRecord>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<RecordColumns>`
    select id, data_type, canonical, provenance, consent, version, deleted, merged_into
    from record where id = any(${arrays.int8(ids)}) order by id for update`.execute(trx);
  return new Map(rows.filter((row) => row.merged_into === null).map((row) => [row.id, toRecord(row)]));
}

/** All that belongs to records which the caller has locked: source records, deliveries, links, in the order of locks of design §4. */
export async function lockAllOf(trx: Trx, recordIds: readonly number[]): Promise<void> {
  const all = arrays.int8(recordIds);
  await sql`select 1 from source_record where record_id = any(${all}) order by external_id, connector_id, data_type for update`.execute(trx);
  await sql`select 1 from delivery where record_id = any(${all}) order by record_id, connector_id, data_type, target for update`.execute(trx);
  await sql`select 1 from link where record_id = any(${all}) order by external_id, connector_id, data_type for update`.execute(trx);
}

function toRecord(row: RecordColumns): MergedRecord {
  return {
    id: row.id,
    dataType: row.data_type as MergedRecord['dataType'],
    canonical: row.canonical,
    provenance: unpackProvenance(row.provenance, row.canonical),
    consent: row.consent,
    version: row.version,
    deleted: row.deleted,
  };
}

/** A stored link. */
export interface StoredLink {
  readonly externalId: string;
  readonly alternateId: string | null;
  readonly recordId: number;
  readonly isPrimary: boolean;
  /** The platform's own id of the other thing that has our id by now. */
  readonly switchedTo: string | null;
  readonly memory: LinkMemory;
}

type LinkColumns = Pick<Selectable<LinkTable>, 'external_id' | 'alternate_id' | 'record_id' | 'is_primary' | 'held' | 'sent' | 'echoes' | 'off_since' | 'outcome_at' | 'read_at' | 'switched_to'>;

const linkColumns = sql`l.external_id, l.alternate_id, l.record_id, l.is_primary, l.held, l.sent, l.echoes, l.off_since, l.outcome_at, l.read_at, l.switched_to`;

const linksInOrder = (space: ThingSpace, externalIds: readonly string[]) => sql`
  ${keyedIds(space, externalIds)} join link l on l.external_id = x.external_id and l.connector_id = x.connector_id and l.data_type = x.data_type
  order by l.external_id, l.connector_id, l.data_type`;

/** Links of one connector by external id, locked in key order. */
export async function lockLinks(trx: Trx, connectorId: string, dataType: string, externalIds: readonly string[]): Promise<Map<string, StoredLink>> {
  const { rows } = await sql<LinkColumns>`select ${linkColumns} from ${linksInOrder({ connectorId, dataType }, externalIds)} for update of l`.execute(trx);
  return new Map(rows.map((row) => [row.external_id, toLink(row)]));
}

/**
 * Locks the same links, and gives only those that were changed since the transaction that left them all at one row version (`xmin`).
 * `offset 0` keeps the condition from choosing what is locked.
 */
export async function lockChangedLinks(trx: Trx, space: ThingSpace, externalIds: readonly string[], version: string): Promise<Map<string, StoredLink>> {
  const { rows } = await sql<LinkColumns>`
    select l.* from (select ${linkColumns}, l.xmin::text as version from ${linksInOrder(space, externalIds)} offset 0 for update of l) l where l.version <> ${version}`.execute(trx);
  return new Map(rows.map((row) => [row.external_id, toLink(row)]));
}

function toLink(row: LinkColumns): StoredLink {
  return {
    externalId: row.external_id,
    alternateId: row.alternate_id,
    recordId: row.record_id,
    isPrimary: row.is_primary,
    switchedTo: row.switched_to,
    memory: { held: row.held, sent: row.sent, echoes: row.echoes, offSince: row.off_since, outcomeAt: row.outcome_at, readAt: row.read_at },
  };
}

/** The memory of a link, or the empty one. */
export const memoryOf = (link: StoredLink | undefined): LinkMemory => link?.memory ?? emptyMemory;

/** The ledger of the given records, by record. */
export async function loadConsentEvents(trx: Trx, recordIds: readonly number[]): Promise<Map<number, ConsentEvent[]>> {
  const events = new Map<number, ConsentEvent[]>();
  if (recordIds.length === 0) return events;
  const rows = await trx.selectFrom('consent_event').where('record_id', 'in', sql<number>`(select unnest(${arrays.int8(recordIds)}))`)
    .select(['record_id', 'permission', 'granted', 'stated_at', 'received_at', 'connector_id', 'external_id', 'may_grant', 'evidence']).execute();
  for (const row of rows) {
    const event: ConsentEvent = {
      permission: row.permission, granted: row.granted, at: row.stated_at, receivedAt: row.received_at,
      connectorId: row.connector_id, externalId: row.external_id, mayGrant: row.may_grant, evidence: row.evidence,
    };
    const list = events.get(row.record_id);
    if (list) list.push(event);
    else events.set(row.record_id, [event]);
  }
  return events;
}
