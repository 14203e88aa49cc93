import type { Selectable } from 'kysely';
import type { ConnectorTable } from '../db/tables/connector.ts';
import { splitSettings } from '../db/repositories/connector-settings.ts';
import type { ListExport } from '../db/repositories/lists.ts';
import { isExported } from '../domain/presets/gates.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import type { Platform, PlatformSettings } from '../platforms/platform.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Connectors to which the selections of one go, with what they become there: others of its account whose platform has such a thing and whose preset exports contacts. */
export async function listDestinations(deps: Pick<ActivityDependencies, 'db' | 'platforms'>, source: Pick<Selectable<ConnectorTable>, 'id' | 'account_id'>): Promise<readonly ListExport[]> {
  const rows = await deps.db.selectFrom('connector').select(['id', 'platform', 'preset', 'settings'])
    .where('account_id', '=', source.account_id).where('id', '<>', source.id).where('phase', '<>', 'removed').execute();
  return rows.flatMap((row) => {
    const platform = deps.platforms[row.platform];
    if (platform === undefined || !isExported(row.preset as PresetId, 'contacts', platform.description).allowed) return [];
    const kinds = kindsOf(platform, splitSettings(row.settings).platform as PlatformSettings);
    return kinds.length === 0 ? [] : [{ connectorId: row.id, kinds }];
  });
}

function kindsOf(platform: Platform, settings: PlatformSettings): ListExport['kinds'] {
  return platform.selectionKinds?.(settings) ?? (platform.actionKinds?.['list.replace'] === undefined ? [] : ['list']);
}
