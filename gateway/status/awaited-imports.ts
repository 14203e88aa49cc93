import type { BackfillState } from '../../db/repositories/status.ts';
import type { ConnectorRow } from '../../db/repositories/connectors.ts';
import { dataTypes, type DataType } from '../../domain/presets/data-types.ts';
import { isExported, isImported } from '../../domain/presets/gates.ts';
import { isPresetId } from '../../domain/presets/presets.ts';
import { platformOf } from '../connectors/load-connector.ts';
import type { GatewayDependencies } from '../dependencies.ts';

/**
 * Data types of which a system that sends by itself has not said yet that it has sent all it had: until then nothing of them goes to it. Those that it is
 * not sent are not waited for.
 */
export function awaitedImports(deps: Pick<GatewayDependencies, 'platforms'>, row: ConnectorRow, runs: readonly Pick<BackfillState, 'dataType' | 'first' | 'state'>[]): readonly DataType[] {
  const { preset } = row;
  if (row.phase !== 'backfilling' || !isPresetId(preset) || deps.platforms[row.platform] === undefined) return [];
  const { description } = platformOf(deps, row);
  if (description.announcesFirstImport !== true) return [];
  const said = new Set(runs.filter(({ first, state }) => first && state === 'done').map(({ dataType }) => dataType));
  return dataTypes.filter((type) => isImported(preset, type, description).allowed && isExported(preset, type, description).allowed && !said.has(type));
}
