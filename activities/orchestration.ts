import { isDataType, type DataType } from '../domain/presets/data-types.ts';
import { isImported } from '../domain/presets/gates.ts';
import { inImportOrder } from '../domain/presets/import-order.ts';
import { firstImportFrom, type FirstImport } from '../domain/presets/lookback.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import { HubError } from '../domain/errors.ts';
import type { StreamDefinition } from '../platforms/platform.ts';
import { takes } from './apply-context.ts';
import type { LoadedConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { Waker } from './wake.ts';

/** What the activities need that start, wake and look after workflows. */
export interface OrchestrationDependencies extends ActivityDependencies {
  readonly waker: Waker;
  /** Milliseconds between two pulls of a connector without a setting of its own, and between two sweeps. */
  readonly intervals: { readonly pullMs: number; readonly sweepMs: number };
}

/** The data types that a connector takes in, in the order in which their first imports run. */
export function importedTypes({ row, platform }: LoadedConnector): readonly DataType[] {
  const all = Object.keys(platform.description.directions).filter(isDataType);
  return inImportOrder(all.filter((dataType) => isImported(row.preset as PresetId, dataType, platform.description).allowed));
}

/** The data types of which a first import has to be complete before the connector is live. Of a system that pushes: those that it is sent as well. */
export function firstImportTypes(connector: LoadedConnector): readonly DataType[] {
  const imported = importedTypes(connector);
  return connector.platform.description.announcesFirstImport === true ? imported.filter((dataType) => takes(connector, dataType)) : imported;
}

/** Where the first import of a data type starts; by the activation, or by `now` (ISO) before it. */
export function firstImportOf({ row, platform }: LoadedConnector, dataType: DataType, now: string): FirstImport {
  return firstImportFrom(row.preset as PresetId, dataType, row.activated_at ?? now, platform.description);
}

/** The streams of a data type that a Schedule reads, or that a backfill reads. None where the platform cannot be read. */
export function streamsFor({ platform }: LoadedConnector, dataType: DataType, use: 'pulled' | 'backfilled'): readonly StreamDefinition[] {
  return platform.readPage === undefined ? [] : platform.description.streams.filter((stream) => stream.dataType === dataType && stream[use]);
}

/** The imported data types that a Schedule pulls. */
export function pulledTypes(connector: LoadedConnector): readonly DataType[] {
  return importedTypes(connector).filter((dataType) => streamsFor(connector, dataType, 'pulled').length > 0);
}

/** How far before now a pull's window ends, in milliseconds. */
export function pullMarginMs(deps: ActivityDependencies, { hubSettings }: LoadedConnector): number {
  return hubSettings.pullMarginMs ?? deps.settings.pullMarginMs;
}

/** A data type in an activity's input. Throws REQUEST_INVALID for another word. */
export function dataTypeOf(word: string): DataType {
  if (!isDataType(word)) throw new HubError('REQUEST_INVALID', 'The data type is none of the hub\'s.', { field: 'dataType' });
  return word;
}
