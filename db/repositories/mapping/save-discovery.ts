import type { Discovery } from '../../../domain/mapping/discovered.ts';
import type { Mapping } from '../../../domain/mapping/mapping.ts';
import type { Trx } from '../../database.ts';
import { saveConnectorFields, type NewFields } from '../connector-fields.ts';
import { beginMappingRun } from './mapping-runs.ts';

/** What a look at the fields of a connector's account has led to. */
export interface SavedDiscovery extends Discovery {
  /** A property that is mapped came, went or is of another type: what is stored is planned anew. */
  readonly remaps: boolean;
}

/** Keeps what an account was found to have; where that concerns the mapping, stored records are planned anew. */
export async function saveDiscovery(trx: Trx, found: NewFields, mapping: Mapping | undefined): Promise<SavedDiscovery> {
  const discovery = await saveConnectorFields(trx, found);
  const mapped = mapping === undefined ? [] : [...Object.values(mapping.in), ...Object.values(mapping.out)];
  const remaps = mapped.some((property) => discovery.changed.has(property));
  if (remaps) await beginMappingRun(trx, { accountId: found.accountId, connectorId: found.connectorId, before: null });
  return { ...discovery, remaps };
}
