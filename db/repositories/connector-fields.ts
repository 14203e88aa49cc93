import type { Db } from '../database.ts';

/** Keeps what the platform's `discoverFields` answered last. `fields` is stored as it is. */
export async function saveConnectorFields(db: Db, row: { readonly accountId: string; readonly connectorId: string; readonly fields: unknown; readonly at: string }): Promise<void> {
  const fields = JSON.stringify(row.fields);
  await db.insertInto('connector_field')
    .values({ account_id: row.accountId, connector_id: row.connectorId, fields, discovered_at: row.at })
    .onConflict((c) => c.column('connector_id').doUpdateSet({ fields, discovered_at: row.at }))
    .execute();
}

/** What was discovered last, or undefined before the first discovery. The shape is `PlatformField[]`. */
export async function findConnectorFields(db: Db, connectorId: string): Promise<unknown> {
  const row = await db.selectFrom('connector_field').select('fields').where('connector_id', '=', connectorId).executeTakeFirst();
  return row?.fields;
}
