import { splitSettings } from '../db/repositories/connector-settings.ts';
import type { ListExport } from '../db/repositories/lists.ts';
import { isExported } from '../domain/presets/gates.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import type { Platform, PlatformSettings } from '../platforms/platform.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Connectors of an account that take selections, with what they become there: their platform has such a thing and their preset exports contacts. */
export async function listDestinations(deps: Pick<ActivityDependencies, 'db' | 'platforms'>, accountId: string): Promise<readonly ListExport[]> {
  const rows = await deps.db.selectFrom('connector').select(['id', 'platform', 'preset', 'settings']).where('account_id', '=', accountId).where('phase', '<>', 'removed').execute();
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
