import type { Trx } from '../../db/database.ts';
import { splitSettings } from '../../db/repositories/connector-settings.ts';
import { beginMappingRun } from '../../db/repositories/mapping/mapping-runs.ts';
import { saveDiscovery } from '../../db/repositories/mapping/save-discovery.ts';
import { checkMapping, mappableProperties } from '../../domain/mapping/check-mapping.ts';
import { isSamePairing, type Pairing } from '../../domain/mapping/mapping.ts';
import { mappingOf } from '../../platforms/connector-mapping.ts';
import type { PlatformField, PlatformSettings } from '../../platforms/platform.ts';
import type { LoadedConnector } from '../connectors/load-connector.ts';
import { requireTransition } from './require-mapping.ts';

/** Settings that a connector gets, and the fields that its account was found to have; undefined when nobody asked. */
export interface NewSettings {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly fields: readonly PlatformField[] | undefined;
  /** ISO instant. */
  readonly at: string;
}

/**
 * Keeps the fields that were found, and follows a change of the defaults of the mapping (the setting `properties`): checked as any mapping, and stored
 * records are brought in line. True when there is such work. Throws MAPPING_INVALID, REMAP_RUNNING.
 */
export async function followMapping(trx: Trx, { row, platform, fields: known, mappingEntries }: LoadedConnector, next: NewSettings): Promise<boolean> {
  const { account_id: accountId, id: connectorId } = row;
  const [old, fresh] = [splitSettings(row.settings).platform, splitSettings(next.settings).platform] as [PlatformSettings, PlatformSettings];
  const [before, after] = [mappingOf(platform, old, mappingEntries), mappingOf(platform, fresh, mappingEntries)];
  const found = next.fields === undefined || next.fields.length === 0 ? undefined : await saveDiscovery(trx, { accountId, connectorId, fields: next.fields, at: next.at }, after);
  if (platform.mapping === undefined || before === undefined || after === undefined) return false;
  if (isSamePairing(before.in, after.in) && isSamePairing(before.out, after.out)) return found?.remaps ?? false;
  const { rules, defaults } = platform.mapping;
  const fields = next.fields ?? known;
  const changed = fields.length === 0 ? [] : entriesOf(defaults(old), defaults(fresh));
  checkMapping({ rules, defaults: defaults(fresh), properties: mappableProperties(fields), entries: mappingEntries, changed });
  await requireTransition(trx, row, before, after);
  await beginMappingRun(trx, { accountId, connectorId, before: isSamePairing(before.in, after.in) ? null : before });
  return true;
}

function entriesOf(before: Pairing, after: Pairing) {
  return Object.entries(after).filter(([field, property]) => before[field] !== property).map(([field, property]) => ({ field, property, direction: 'both' as const }));
}
