import { sql } from 'kysely';
import { normaliseEmail } from '../../../domain/identity/email.ts';
import type { Fields } from '../../../domain/model/fields.ts';
import { guestOf, namedThings } from '../../../domain/model/named-things.ts';
import type { RecordType } from '../../../domain/model/record-fields.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Db, Trx } from '../../database.ts';
import type { ApplyInput, WorkingSource } from '../apply/types.ts';
import { inOrder } from '../in-order.ts';

/** Code of a delivery that waits for a thing which its source has not sent yet. */
export const missingCode = 'REFERENCE_MISSING';

/** Code of a delivery that waits for a thing to be at the destination. */
export const awaitedCode = 'REFERENCE_WAITS';

/** Source of a thing that is known by its address alone: the contact of a guest's order. Its `external_id` is the normalised address. */
export const byAddress = '@';

/**
 * Who brings things that others name shares this lock with his like; who parks a delivery for want of one takes it alone. So whoever parks
 * has seen every thing of a page that does not see his parking. Until the end of the transaction; to be taken before any row.
 */
export async function lockNamedThings(trx: Trx, accountId: string, how: 'shared' | 'alone'): Promise<void> {
  const key = sql`hashtextextended(${`references/${accountId}`}, 0)`;
  await (how === 'alone' ? sql`select pg_advisory_xact_lock(${key})` : sql`select pg_advisory_xact_lock_shared(${key})`).execute(trx);
}

/**
 * Keeps which things the records of a page name, in place of those that they named before. A thing of a type that its connector does not bring is
 * not waited for, apart from orders: those that a warehouse names come from a shop, whichever has one with that id.
 */
export async function storeNamedThings(trx: Trx, input: ApplyInput, things: readonly WorkingSource[]): Promise<void> {
  const stated = things.filter((thing) => thing.stateChanged && thing.state !== null);
  const brings = (type: RecordType) => input.imports?.has(type) !== false;
  const rows = stated.flatMap(({ recordId, state }) => namedThings(input.dataType, state?.canonical ?? {}).filter(({ dataType }) => dataType === 'orders' || brings(dataType))
    .map(({ dataType, externalId }) => ({ recordId, dataType, externalId, source: brings(dataType) ? input.connectorId : '' })))
    .concat(brings('contacts') ? stated.flatMap(({ recordId, state }) => guestRow(input.dataType, recordId, state?.canonical ?? {})) : []);
  const known = stated.filter(({ previous }) => previous !== null).map(({ recordId }) => recordId);
  await inOrder([
    known.length === 0 ? Promise.resolve() : sql`delete from reference where record_id = any(${arrays.int8(known)})`.execute(trx),
    rows.length === 0 ? Promise.resolve() : sql`
      insert into reference (account_id, record_id, data_type, external_id, source)
      select ${input.accountId}, r.record_id, r.data_type, r.external_id, r.source
      from unnest(${arrays.int8(rows.map((r) => r.recordId))}, ${arrays.text(rows.map((r) => r.dataType))}, ${arrays.text(rows.map((r) => r.externalId))}, ${arrays.text(rows.map((r) => r.source))})
        as r(record_id, data_type, external_id, source)
      order by 2, 3, 4 on conflict do nothing`.execute(trx),
  ]);
}

function guestRow(dataType: RecordType, recordId: number, fields: Fields): { readonly recordId: number; readonly dataType: RecordType; readonly externalId: string; readonly source: string }[] {
  const address = guestOf(dataType, fields) === undefined ? undefined : normaliseEmail(String(fields['email']));
  return address?.ok === true ? [{ recordId, dataType: 'contacts', externalId: address.value, source: byAddress }] : [];
}

/** What makes a delivery `d` due again in an `update`. */
export const dueAgain = sql`state = 'pending', wanted = d.wanted + 1, code = null, reason = null, pending_since = clock_timestamp()`;

/** What stays out because nobody knew the guest is due again for contacts that have their address, or are at a destination, only now. Returns the connectors concerned. */
export async function releaseGuests(db: Db | Trx, contactIds: readonly number[], connectorId?: string): Promise<readonly string[]> {
  if (contactIds.length === 0) return [];
  const { rows } = await sql<{ connectorId: string }>`
    update delivery d set ${dueAgain}
    from record c join reference r on r.external_id = c.email and r.data_type = 'contacts' and r.source = ${byAddress} and r.account_id = c.account_id
    where c.id = any(${arrays.int8(contactIds)}) and d.record_id = r.record_id and d.state in ('excluded', 'pending') and d.connector_id = coalesce(${connectorId ?? null}::text, d.connector_id)
    returning d.connector_id "connectorId"`.execute(db);
  return [...new Set(rows.map((row) => row.connectorId))];
}

/**
 * Deliveries that waited for things of a page are due again: those that named a thing which came, and those at the page's own connector that
 * waited for it to be there. Returns the connectors concerned. Under `lockNamedThings`, when the things are stored.
 */
export async function releaseWaiting(trx: Trx, { accountId, connectorId, dataType }: Pick<ApplyInput, 'accountId' | 'connectorId' | 'dataType'>, things: readonly WorkingSource[]): Promise<readonly string[]> {
  const came = things.filter(({ state, previous }) => state?.deleted === false && (previous === null || previous.deleted));
  if (came.length === 0) return [];
  const ids = arrays.text(came.map(({ externalId }) => externalId));
  const { rows } = await sql<{ connector_id: string }>`
    update delivery d set ${dueAgain}
    from reference r
    where r.source in (${connectorId}, '') and r.account_id = ${accountId} and r.data_type = ${dataType} and r.external_id = any(${ids})
      and d.record_id = r.record_id and d.state = 'parked' and d.code = ${missingCode}
    returning d.connector_id`.execute(trx);
  const here = await releaseAwaited(trx, connectorId, came.map(({ recordId }) => recordId));
  return [...new Set([...rows.map((row) => row.connector_id), ...(here > 0 ? [connectorId] : [])])];
}

/** Deliveries to a connector that waited for these records to be there are due again. Returns how many. */
export async function releaseAwaited(db: Db | Trx, connectorId: string, recordIds: readonly number[]): Promise<number> {
  if (recordIds.length === 0) return 0;
  const { numAffectedRows } = await sql`
    update delivery d set ${dueAgain}
    from reference r
    where d.connector_id = ${connectorId} and d.state = 'parked' and d.code = ${awaitedCode} and d.record_id = r.record_id and (
      exists (select 1 from source_record s where s.external_id = r.external_id and s.data_type = r.data_type and s.record_id = any(${arrays.int8(recordIds)}))
      or exists (select 1 from link l where l.external_id = r.external_id and l.data_type = r.data_type and l.record_id = any(${arrays.int8(recordIds)})))`.execute(db);
  return Number(numAffectedRows ?? 0);
}
