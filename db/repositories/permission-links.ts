import type { Db } from '../database.ts';

/** Hub permission to the platform's key in `held`, for one connector. */
export async function findPermissionKeys(db: Db, connectorId: string): Promise<Record<string, string>> {
  const rows = await db.selectFrom('permission_link').select(['permission', 'platform_key']).where('connector_id', '=', connectorId).execute();
  return Object.fromEntries(rows.map((row) => [row.permission, row.platform_key]));
}

/** Links permissions of the hub to the platform's keys; existing links of the same permissions are replaced. */
export async function savePermissionKeys(db: Db, accountId: string, connectorId: string, keys: Readonly<Record<string, string>>): Promise<void> {
  const rows = Object.entries(keys).map(([permission, key]) => ({ account_id: accountId, connector_id: connectorId, permission, platform_key: key }));
  if (rows.length === 0) return;
  await db.insertInto('permission_link').values(rows)
    .onConflict((c) => c.columns(['connector_id', 'permission']).doUpdateSet((eb) => ({ platform_key: eb.ref('excluded.platform_key') })))
    .execute();
}

/** Removes the link of one permission. */
export async function deletePermissionKey(db: Db, connectorId: string, permission: string): Promise<void> {
  await db.deleteFrom('permission_link').where('connector_id', '=', connectorId).where('permission', '=', permission).execute();
}
