import type { Trx } from '../../db/database.ts';
import { listConnectors, type ConnectorRow } from '../../db/repositories/connectors.ts';
import type { ErasureDestination, ErasureScope } from '../../db/repositories/erase/erase-record.ts';
import { isGateOpen } from '../../db/repositories/gates.ts';
import { isExported, isImported } from '../../domain/presets/gates.ts';
import { isPresetId } from '../../domain/presets/presets.ts';
import { requireAccount } from '../account/change-account.ts';
import type { Actor } from '../connectors/add-connector.ts';
import type { GatewayDependencies } from '../dependencies.ts';

/** What erasing and blocking work with: all systems of the account, and what the hub can have done there. */
export async function erasureScope(deps: Pick<GatewayDependencies, 'platforms' | 'secrets'>, trx: Trx, { accountId, who }: Actor): Promise<ErasureScope> {
  const destinations = new Map<string, ErasureDestination>();
  for (const row of await listConnectors(trx, { removed: true })) destinations.set(row.id, await destinationOf(deps, trx, row));
  const { settings } = await requireAccount(trx, accountId);
  return {
    accountId, who, matching: settings.matching, destinations,
    fingerprint: (plain) => deps.secrets.fingerprint(plain), seal: (plain, context) => deps.secrets.seal(plain, context),
  };
}

async function destinationOf({ platforms }: Pick<GatewayDependencies, 'platforms'>, trx: Trx, row: ConnectorRow): Promise<ErasureDestination> {
  const platform = platforms[row.platform];
  const title = platform?.description.title ?? row.platform;
  if (platform === undefined || row.phase === 'removed' || !isPresetId(row.preset)) return { title, kinds: new Set() };
  const isTaken = platform.deliver !== undefined && isExported(row.preset, 'contacts', platform.description).allowed;
  const imports = isImported(row.preset, 'contacts', platform.description).allowed;
  const { createsContacts, targets } = platform.description;
  return {
    title, kinds: new Set(isTaken ? Object.keys(platform.actionKinds ?? {}) : []),
    ...(isTaken ? { exports: { connectorId: row.id, createsContacts, targets, gateOpen: await isGateOpen(trx, row.id, 'contacts', imports) } } : {}),
  };
}
