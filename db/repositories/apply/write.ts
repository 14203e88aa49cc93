import { sql } from 'kysely';
import type { MergedRecord } from '../../../domain/model/record.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Db, Trx } from '../../database.ts';
import { packProvenance } from '../../stored-forms.ts';
import type { ApplyInput, WorkingRecord, WorkingSource } from './types.ts';

const json = JSON.stringify;
const emailOf = (record: MergedRecord) => (record.dataType === 'contacts' && typeof record.canonical['email'] === 'string' ? record.canonical['email'] : null);

/** Inserts records that did not exist. */
export async function insertRecords(trx: Trx, accountId: string, dataType: string, records: readonly WorkingRecord[]): Promise<void> {
  if (records.length === 0) return;
  const after = records.map((r) => r.after);
  await sql`
    insert into record (account_id, id, data_type, canonical, provenance, consent, deleted, email)
    select ${accountId}, r.id, ${dataType}, r.canonical, r.provenance, r.consent, r.deleted, r.email
    from unnest(${arrays.int8(after.map((r) => r.id))}, ${arrays.json(after.map((r) => r.canonical))}, ${arrays.json(after.map((r) => packProvenance(r.provenance)))},
      ${arrays.json(after.map((r) => r.consent))}, ${arrays.bool(after.map((r) => r.deleted))}, ${arrays.text(after.map(emailOf))})
      as r(id, canonical, provenance, consent, deleted, email)`.execute(trx);
}

/** Stores changed records under the lock that the caller holds. */
export async function updateRecords(trx: Trx, records: readonly WorkingRecord[]): Promise<void> {
  if (records.length === 0) return;
  const after = records.map((r) => r.after);
  await sql`
    update record t set canonical = r.canonical, provenance = r.provenance, consent = r.consent, deleted = r.deleted, email = r.email,
      version = r.version, updated_at = clock_timestamp()
    from unnest(${arrays.int8(after.map((r) => r.id))}, ${arrays.json(after.map((r) => r.canonical))}, ${arrays.json(after.map((r) => packProvenance(r.provenance)))},
      ${arrays.json(after.map((r) => r.consent))}, ${arrays.bool(after.map((r) => r.deleted))}, ${arrays.text(after.map(emailOf))}, ${arrays.int4(after.map((r) => r.version))})
      as r(id, canonical, provenance, consent, deleted, email, version)
    where t.id = r.id`.execute(trx);
}

/** One change row per record that existed before and changed; the first version needs none (design §4.4). */
export async function insertChanges(
  trx: Trx, input: Pick<ApplyInput, 'accountId' | 'cause' | 'receivedAt'>, changes: readonly { record: MergedRecord; fields: unknown }[],
): Promise<void> {
  if (changes.length === 0) return;
  await sql`
    insert into record_change (account_id, record_id, version, at, changes, cause)
    select ${input.accountId}, c.id, c.version, ${input.receivedAt}::timestamptz, c.fields, ${json(input.cause)}::json
    from unnest(${arrays.int8(changes.map((c) => c.record.id))}, ${arrays.int4(changes.map((c) => c.record.version))}, ${arrays.json(changes.map((c) => c.fields))})
      as c(id, version, fields)
    on conflict do nothing`.execute(trx);
}

/** A thing that left its record is no target of that record any more. The caller holds the locks of the record's deliveries. */
export async function dropLeftDeliveries(trx: Trx, input: ApplyInput, sources: readonly WorkingSource[]): Promise<void> {
  const left = sources.flatMap(({ leaves, externalId }) => (leaves === null ? [] : [{ leaves, externalId }]));
  if (left.length === 0) return;
  await sql`
    delete from delivery d using unnest(${arrays.int8(left.map((x) => x.leaves))}, ${arrays.text(left.map((x) => x.externalId))}) as x(record_id, target)
    where d.record_id = x.record_id and d.target = x.target and d.connector_id = ${input.connectorId} and d.data_type = ${input.dataType}`.execute(trx);
}

/** Appends to the consent ledger; a statement that is there already is not written again. */
export async function insertConsentEvents(trx: Trx, accountId: string, sources: readonly WorkingSource[]): Promise<void> {
  const rows = sources.flatMap((w) => w.statements.map((e) => ({ e, recordId: w.recordId })));
  if (rows.length === 0) return;
  await sql`
    insert into consent_event (account_id, record_id, permission, granted, stated_at, received_at, connector_id, external_id, may_grant, evidence)
    select ${accountId}, e.record_id, e.permission, e.granted, e.stated_at, e.received_at, e.connector_id, e.external_id, e.may_grant, e.evidence
    from unnest(${arrays.int8(rows.map((r) => r.recordId))}, ${arrays.text(rows.map((r) => r.e.permission))}, ${arrays.bool(rows.map((r) => r.e.granted))},
      ${arrays.timestamptz(rows.map((r) => r.e.at))}, ${arrays.timestamptz(rows.map((r) => r.e.receivedAt))}, ${arrays.text(rows.map((r) => r.e.connectorId))},
      ${arrays.text(rows.map((r) => r.e.externalId))}, ${arrays.bool(rows.map((r) => r.e.mayGrant))}, ${arrays.text(rows.map((r) => r.e.evidence))})
      as e(record_id, permission, granted, stated_at, received_at, connector_id, external_id, may_grant, evidence)
    on conflict do nothing`.execute(trx);
}

/** Asks for merges; the merge activity carries them out under the locks of both records. */
export async function insertMergeRequests(
  trx: Trx, input: Pick<ApplyInput, 'accountId' | 'dataType'>, pairs: readonly { keep: number; merge: number; reason: string }[],
): Promise<void> {
  if (pairs.length === 0) return;
  await sql`
    insert into merge_request (account_id, data_type, keep_id, merge_id, reason)
    select ${input.accountId}, ${input.dataType}, p.keep_id, p.merge_id, p.reason
    from unnest(${arrays.int8(pairs.map((p) => p.keep))}, ${arrays.int8(pairs.map((p) => p.merge))}, ${arrays.text(pairs.map((p) => p.reason))}) as p(keep_id, merge_id, reason)
    on conflict (keep_id, merge_id) do update set state = 'pending', created_at = now()`.execute(trx);
}

/** What was left out once and is taken now is not listed any more. */
export async function forgetExcluded(trx: Trx, input: ApplyInput, externalIds: readonly string[]): Promise<void> {
  if (externalIds.length === 0) return;
  await sql`delete from excluded_row where external_id = any(${arrays.text([...externalIds])}) and connector_id = ${input.connectorId} and data_type = ${input.dataType}`.execute(trx);
}

/** Rejected rows of things that came in right by now, later than they were rejected, are settled. Rejections are rare, the index of the open ones is small. */
export async function resolveRejected(trx: Trx, input: ApplyInput, externalIds: readonly string[]): Promise<void> {
  if (externalIds.length === 0) return;
  await sql`
    update rejected_record set state = 'resolved'
    where connector_id = ${input.connectorId} and external_id = any(${[...externalIds]}::text[]) and state = 'open'
      and data_type = ${input.dataType} and created_at <= ${input.receivedAt}::timestamptz`.execute(trx);
}

/** Remembers rows that were not taken, with the reason, so that they can be listed. */
export async function insertExcluded(trx: Db, input: Pick<ApplyInput, 'accountId' | 'connectorId'> & { readonly dataType: string }, externalIds: readonly string[], reason: string): Promise<void> {
  if (externalIds.length === 0) return;
  await sql`
    insert into excluded_row (account_id, connector_id, data_type, external_id, reason)
    select ${input.accountId}, ${input.connectorId}, ${input.dataType}, x, ${reason} from unnest(${arrays.text([...externalIds].sort())}) as x
    on conflict (connector_id, data_type, external_id) do update set reason = excluded.reason, seen_at = now()`.execute(trx);
}
