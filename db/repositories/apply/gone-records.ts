import { sql } from 'kysely';
import { arrays } from '../../binary-arrays.ts';
import type { Trx } from '../../database.ts';
import { insertReceipt } from '../erase/receipts.ts';
import type { StoredSource } from './load.ts';
import type { ApplyInput, ExportTarget, WorkingSource } from './types.ts';

/**
 * Does what each destination has set (`whenDeleted`) with contacts that this page deletes at their last source: one action for each thing there, with a receipt. What
 * is to be anonymised gets nothing else any more, also when the contact comes back. Destinations at which contacts are ours by link are no sources in
 * this sense. Returns the connectors with work. The caller holds the locks of the records and of all below them.
 */
export async function dealWithGone(trx: Trx, input: ApplyInput, things: readonly WorkingSource[], siblings: readonly StoredSource[]): Promise<readonly string[]> {
  const targets = input.exports.filter(({ whenDeleted }) => whenDeleted !== undefined);
  const records = targets.length === 0 ? [] : goneRecords(input, things, siblings);
  if (records.length === 0) return [];
  const raisedFor: string[] = [];
  for (const target of targets) if (await raiseAt(trx, input, target, records)) raisedFor.push(target.connectorId);
  return raisedFor;
}

function goneRecords({ connectorId, reflecting }: ApplyInput, things: readonly WorkingSource[], siblings: readonly StoredSource[]): number[] {
  if (reflecting.has(connectorId)) return [];
  const onPage = new Set(things.map(({ externalId }) => externalId));
  const living = new Set([
    ...siblings.flatMap(({ recordId, state }) => (state.deleted || reflecting.has(state.connectorId) || (state.connectorId === connectorId && onPage.has(state.externalId)) ? [] : [recordId])),
    ...things.flatMap(({ recordId, state }) => (state === null || state.deleted ? [] : [recordId])),
  ]);
  const deleted = things.filter(({ previous, state }) => previous?.deleted === false && state?.deleted === true).map(({ recordId }) => recordId);
  return [...new Set(deleted)].filter((id) => !living.has(id)).sort((a, b) => a - b);
}

async function raiseAt(trx: Trx, { accountId, dataType, reflecting }: ApplyInput, { connectorId, whenDeleted }: ExportTarget, records: readonly number[]): Promise<boolean> {
  if (whenDeleted === undefined) return false;
  const { rows: links } = await sql<{ record_id: number; external_id: string }>`
    select record_id, external_id from link where record_id = any(${arrays.int8([...records])}) and connector_id = ${connectorId} and data_type = ${dataType} and gone_at is null and anonymised_at is null
    order by record_id, external_id`.execute(trx);
  for (const { record_id: recordId, external_id: externalId } of links) {
    const receiptId = await insertReceipt(trx, { accountId, recordId, kind: whenDeleted, who: 'hub' });
    const cause = `deleted/${receiptId}/1`;
    await insertReceipt(trx, { accountId, recordId, kind: whenDeleted, who: 'hub', id: receiptId, steps: [{ connectorId, kind: whenDeleted, cause, things: 1, note: 'deleted at its last source' }] });
    await sql`
      insert into action (account_id, connector_id, kind, target, cause, payload)
      values (${accountId}, ${connectorId}, ${`contact.${whenDeleted}`}, ${externalId}, ${cause}, ${JSON.stringify({ recordId, whileDeleted: true, notSources: [...reflecting] })})`.execute(trx);
  }
  if (whenDeleted === 'anonymise') {
    await sql`
      update link set anonymised_at = clock_timestamp() where record_id = any(${arrays.int8([...records])}) and connector_id = ${connectorId} and data_type = ${dataType} and gone_at is null`.execute(trx);
  }
  return links.length > 0;
}
