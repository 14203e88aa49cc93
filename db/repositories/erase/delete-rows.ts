import { sql, type RawBuilder } from 'kysely';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import type { Person } from './person.ts';

/** Rows by table. */
export type RowCounts = Record<string, number>;

/**
 * Deletes all that the hub has stored of a person, and blanks what has to stay: the records, for their numbers stand in receipts, and actions, for
 * they are part of what happened. Returns how many rows. The caller holds the locks of the records and of all below them.
 */
export async function deleteOwnRows(trx: Trx, accountId: string, recordId: number, person: Person): Promise<RowCounts> {
  const ids = arrays.int8(person.recordIds);
  const counts: RowCounts = {};
  const run = async (name: string, statement: RawBuilder<unknown>): Promise<void> => {
    counts[name] = (counts[name] ?? 0) + Number((await statement.execute(trx)).numAffectedRows ?? 0);
  };
  await run('deliveries', sql`delete from delivery where record_id = any(${ids})`);
  await run('actions', voidActions(accountId, sql`from ${thingsOf(person)} where a.connector_id = x.connector_id and a.target = x.external_id`));
  await run('actions', voidActions(accountId, sql`where a.record_id = any(${ids})`));
  await run('consent', sql`delete from consent_event where record_id = any(${ids})`);
  await run('activities', sql`delete from activity where account_id = ${accountId} and record_id = any(${ids})`);
  await run('activities', sql`delete from activity a using ${thingsOf(person)} where a.account_id = ${accountId} and a.connector_id = x.connector_id and a.contact_external_id = x.external_id`);
  await run('bounces', sql`delete from bounce_case where record_id = any(${ids})`);
  await run('changes', sql`delete from record_change where record_id = any(${ids})`);
  await run('changes to be read', sql`delete from change_feed where record_id = any(${ids})`);
  await run('list members', sql`delete from list_member m using ${thingsOf(person)} where m.connector_id = x.connector_id and m.external_id = x.external_id and m.account_id = ${accountId}`);
  await run('audience members', sql`delete from audience_member m using ${thingsOf(person)} where m.connector_id = x.connector_id and m.external_id = x.external_id and m.account_id = ${accountId}`);
  await run('rejected', sql`delete from rejected_record r using ${thingsOf(person)} where r.connector_id = x.connector_id and r.external_id = x.external_id and r.account_id = ${accountId} and r.data_type = 'contacts'`);
  await run('versions sent', sql`delete from inbound_version v using ${thingsOf(person)} where v.connector_id = x.connector_id and v.external_id = x.external_id and v.account_id = ${accountId} and v.data_type = 'contacts'`);
  await run('excluded', sql`delete from excluded_row e using ${thingsOf(person)} where e.connector_id = x.connector_id and e.external_id = x.external_id and e.account_id = ${accountId} and e.data_type = 'contacts'`);
  await run('report contacts', sql`
    update report_contact c set external_id = null, contact_key = 'erased:' || c.id from link l
    where l.record_id = any(${ids}) and c.account_id = ${accountId} and c.connector_id = l.connector_id and (c.external_id = l.external_id or c.contact_key = l.alternate_id)`);
  await run('links', sql`delete from link where record_id = any(${ids})`);
  await run('sources', sql`delete from source_record where record_id = any(${ids})`);
  await run('records', sql`
    update record set canonical = '{}', provenance = '[]', consent = '{}', email = null, deleted = true, version = version + 1, erased_at = clock_timestamp(), updated_at = clock_timestamp()
    where id = any(${ids})`);
  await sql`update merge_request set state = 'done', done_at = clock_timestamp() where state = 'pending' and (keep_id = ${recordId} or merge_id = ${recordId})`.execute(trx);
  return counts;
}

function thingsOf({ things }: Person): RawBuilder<unknown> {
  return sql`unnest(${arrays.text(things.map(({ connectorId }) => connectorId))}, ${arrays.text(things.map(({ externalId }) => externalId))}) as x(connector_id, external_id)`;
}

/** What was to be done for the person is not done any more, and names them no more. Lists are no targets of this kind: their members are looked up when they are written. */
function voidActions(accountId: string, ofPerson: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    update action a set payload = '{}', target = '', cause = 'erased/' || a.id, reason = 'the person was erased', code = null, not_before = null,
      state = case when a.state = 'done' then a.state else 'skipped' end, settled_at = coalesce(a.settled_at, clock_timestamp())
    ${ofPerson} and a.account_id = ${accountId} and a.kind not like 'list.%' and a.kind <> 'contact.anonymise'`;
}
