import { isExported } from '../domain/presets/gates.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Connectors of an account that keep lists: their platform has static lists and their preset exports contacts. */
export async function listDestinations(deps: Pick<ActivityDependencies, 'db' | 'platforms'>, accountId: string): Promise<readonly string[]> {
  const rows = await deps.db.selectFrom('connector').select(['id', 'platform', 'preset']).where('account_id', '=', accountId).where('phase', '<>', 'removed').execute();
  return rows.filter((row) => {
    const platform = deps.platforms[row.platform];
    return platform?.actionKinds?.['list.replace'] !== undefined && isExported(row.preset as PresetId, 'contacts', platform.description).allowed;
  }).map((row) => row.id);
}
