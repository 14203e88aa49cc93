import { sql } from 'kysely';
import type { Fields } from '../../../domain/model/fields.ts';
import { arrays } from '../../binary-arrays.ts';
import type { Db } from '../../database.ts';

/** A checkout or order that an action is about. */
export interface CartRecord {
  readonly id: number;
  readonly canonical: Fields;
  readonly deleted: boolean;
}

/** These records, by id; what is not there any more is left out. */
export async function cartRecords(db: Db, ids: readonly number[]): Promise<ReadonlyMap<number, CartRecord>> {
  const { rows } = await sql<CartRecord>`select id, canonical, deleted from record where id = any(${arrays.int8(ids)})`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Whether an order came of a checkout: the one that it names, or that names it. */
export async function isBought(db: Db, checkoutId: number): Promise<boolean> {
  const { rows } = await sql<{ bought: boolean }>`
    select exists (select 1 from source_record c join source_record o on o.connector_id = c.connector_id and o.data_type = 'orders' and o.external_id = c.canonical->>'orderExternalId' where c.record_id = ${checkoutId})
      or exists (select 1 from source_record c join source_record o on o.connector_id = c.connector_id and o.data_type = 'orders' and o.canonical->>'extra.checkoutId' = c.external_id where c.record_id = ${checkoutId}) bought`.execute(db);
  return rows[0]?.bought ?? false;
}

/** Which of these records are on their way to a connector, or wait for something to go there. */
export async function onTheirWay(db: Db, connectorId: string, recordIds: readonly number[]): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ id: number }>`
    select record_id id from delivery where record_id = any(${arrays.int8(recordIds)}) and connector_id = ${connectorId} and data_type = 'products' and state in ('pending', 'parked')`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** Keeps the contact that an action was found to be about. */
export async function rememberContact(db: Db, actionId: number, recordId: number): Promise<void> {
  await db.updateTable('action').set({ record_id: recordId }).where('id', '=', actionId).where('record_id', 'is', null).execute();
}

/** Whether the platform said today (UTC) that its licence has no actions of this kind: asked once a day, not once a cart. */
export async function isUnlicensedKind(db: Db, connectorId: string, kind: string, now: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select 1 from action where connector_id = ${connectorId} and kind = ${kind} and code = 'PLATFORM_NOT_LICENSED' and settled_at >= date_trunc('day', ${now}::timestamptz, 'UTC')) found`.execute(db);
  return rows[0]?.found ?? false;
}
