import { resolveMapping, type Mapping, type MappingEntry } from '../domain/mapping/mapping.ts';
import type { MapsFields } from './maps-fields.ts';
import type { PlatformSettings } from './platform.ts';

/** The mapping in force for a connector; undefined where the platform has none. */
export function mappingOf(platform: Partial<MapsFields>, settings: PlatformSettings, entries: readonly MappingEntry[]): Mapping | undefined {
  return platform.mapping === undefined ? undefined : resolveMapping(platform.mapping.defaults(settings), entries);
}
