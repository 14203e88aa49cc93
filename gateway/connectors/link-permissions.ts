import type { Trx } from '../../db/database.ts';
import { listConnectors } from '../../db/repositories/connectors.ts';
import { deletePermissionKey, findPermissionKeys, savePermissionKeys } from '../../db/repositories/permission-links.ts';
import { HubError } from '../../domain/errors.ts';
import { fieldsOf } from './load-connector.ts';
import { planPermissionLinks, type PermissionParty, type UnlinkedPermission } from './permission-plan.ts';

/**
 * Brings the permission links of an account in line with its connectors' settings and fields, in the caller's transaction.
 * Returns the permissions that have no counterpart.
 */
export async function linkPermissions(trx: Trx, accountId: string): Promise<readonly UnlinkedPermission[]> {
  const parties: PermissionParty[] = [];
  for (const row of await listConnectors(trx)) {
    parties.push({ connectorId: row.id, settings: row.settings, fields: await fieldsOf(trx, row.id), links: await findPermissionKeys(trx, row.id) });
  }
  const plan = planPermissionLinks(parties);
  for (const { connectorId, links } of parties) {
    const wanted = plan.links[connectorId] ?? {};
    for (const permission of Object.keys(links)) if (!(permission in wanted)) await deletePermissionKey(trx, connectorId, permission);
    await savePermissionKeys(trx, accountId, connectorId, wanted);
  }
  return plan.unlinked;
}

/** The failure of a check when a permission has no counterpart: says which names there are. */
export function unlinkedError(unlinked: UnlinkedPermission): HubError {
  const { permission, source, destination, names } = unlinked;
  const there = names.length === 0 ? 'It has none.' : `It has: ${names.map((name) => `«${name}»`).join(', ')}.`;
  return new HubError('PERMISSION_UNLINKED', `«${destination}» has no permission named «${permission}», which «${source}» brings in. ${there}`, { connectorId: destination });
}
