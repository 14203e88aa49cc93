import type { DataType } from './data-types.ts';
import { flowOf, presetOf, type PresetId } from './presets.ts';
import type { Flows } from './preset.ts';

/** What a gate needs to know of a platform; a platform's description fits. */
export interface PlatformFacts {
  readonly id: string;
  readonly title: string;
  readonly directions: Readonly<Record<DataType, { readonly import: boolean; readonly export: boolean; readonly note?: string }>>;
}

/**
 * Whether a data type flows. `stream`: read from or written to the platform itself; `distilled`: has no stream of its own
 * and comes with the activities. `not-in-preset`, `not-offered` (by the platform) and `excepted` (by a footnote) are
 * states to show, not failures. `reason` is a sentence for a person.
 */
export type Gate =
  | { readonly allowed: true; readonly how: 'stream' | 'distilled'; readonly reason: string }
  | { readonly allowed: false; readonly how: 'not-in-preset' | 'not-offered' | 'excepted'; readonly reason: string };

/** Whether a connector with this preset takes in this data type from this platform. Never throws. */
export function isImported(preset: PresetId, dataType: DataType, platform: PlatformFacts): Gate {
  const refused = refusal(preset, dataType, platform, 'import');
  if (refused === null) return open(preset, dataType, 'import');
  const mayBeDistilled = refused.how === 'not-offered' && flowOf(preset, dataType, 'import') === 'when-available';
  if (!mayBeDistilled || !isImported(preset, 'activities', platform).allowed) return refused;
  return { allowed: true, how: 'distilled', reason: `${platform.title} has no ${dataType} of its own: they are distilled from its activities.` };
}

/** Whether a connector with this preset is sent this data type. Never throws. */
export function isExported(preset: PresetId, dataType: DataType, platform: PlatformFacts): Gate {
  return refusal(preset, dataType, platform, 'export') ?? open(preset, dataType, 'export');
}

function open(preset: PresetId, dataType: DataType, direction: keyof Flows): Gate {
  return { allowed: true, how: 'stream', reason: `The preset ${presetOf(preset).title} ${direction}s ${dataType}.` };
}

function refusal(preset: PresetId, dataType: DataType, platform: PlatformFacts, direction: keyof Flows): Gate | null {
  const { title, footnotes } = presetOf(preset);
  if (flowOf(preset, dataType, direction) === 'no') {
    return { allowed: false, how: 'not-in-preset', reason: `The preset ${title} does not ${direction} ${dataType}.` };
  }
  const exception = footnotes.find((note) => note.dataTypes.includes(dataType) && note.exceptPlatforms.includes(platform.id));
  if (exception !== undefined) return { allowed: false, how: 'excepted', reason: exception.text.replace(/^\*/, '') };
  const offer = platform.directions[dataType];
  if (offer[direction]) return null;
  const why = offer.note === undefined ? '' : `: ${offer.note.replace(/\.$/, '')}`;
  return { allowed: false, how: 'not-offered', reason: `${platform.title} has no ${direction} of ${dataType}${why}.` };
}
