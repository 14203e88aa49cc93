import { dataTypes, type DataType } from '../../../domain/presets/data-types.ts';
import type { PlatformFacts } from '../../../domain/presets/gates.ts';

type Options = { id?: string; title?: string; without?: Partial<Record<DataType, readonly ('import' | 'export')[]>>; note?: string };

/** A platform that has both directions of every data type, less those named. */
export function platformWith({ id = 'any', title = 'Any platform', without = {}, note }: Options): PlatformFacts {
  const directions = Object.fromEntries(dataTypes.map((type) => {
    const lacking = without[type] ?? [];
    const offered = { import: !lacking.includes('import'), export: !lacking.includes('export') };
    return [type, note === undefined || lacking.length === 0 ? offered : { ...offered, note }];
  })) as Record<DataType, { import: boolean; export: boolean; note?: string }>;
  return { id, title, directions };
}
