import type { ConnectorClass } from './connector-classes.ts';
import { presetIds, presetOf, type PresetId } from './presets.ts';

/** What is known of a connector that is already there. */
export interface ExistingConnector {
  readonly id: string;
  readonly preset: PresetId;
  /** Activated and not removed. A paused connector is active: it comes back by itself. */
  readonly active: boolean;
}

/** What is known of the platform of a new connector; a platform's description fits. */
export interface PresetOffer {
  readonly title: string;
  readonly class: ConnectorClass;
  /** The classes that a connector of the platform may name for itself, where it has a choice. */
  readonly classes?: readonly ConnectorClass[];
  readonly presets: readonly PresetId[];
}

/** Whether a preset may be chosen; `instead` are those to offer. `reason` is for a person. */
export type PresetCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly instead: readonly PresetId[] };

/** The presets that may be chosen for a platform, in the page's order: those it lists and its class allows, or any of the classes that a connector may choose. */
export function presetsFor(platform: PresetOffer): readonly PresetId[] {
  const { classes } = platform;
  if (classes !== undefined) return presetIds.filter((id) => presetOf(id).platformClasses.some((one) => classes.includes(one)));
  return presetIds.filter((id) => platform.presets.includes(id) && presetOf(id).platformClasses.includes(platform.class));
}

/** Checks a preset against the platform and against what is connected: *E-commerce with e-fulfilment* needs an active Fulfilment connector. */
export function checkPreset(preset: PresetId, platform: PresetOffer, existing: readonly ExistingConnector[]): PresetCheck {
  const offered = presetsFor(platform);
  const { title } = presetOf(preset);
  if (!offered.includes(preset)) {
    return { ok: false, reason: `The preset ${title} is not available for ${platform.title}. ${choose(offered)}`, instead: offered };
  }
  if (preset !== 'e-commerce-with-e-fulfilment' || existing.some(isActiveFulfilment)) return { ok: true };
  const instead = offered.filter((id) => id === 'e-commerce-with-marketing-automation');
  return { ok: false, reason: `The preset ${title} needs an active connector with the preset ${presetOf('fulfilment').title}: add that first. ${choose(instead)}`, instead };
}

/** Ids of the sales channels that would lose their source of stock if this connector went: for a warning before it is removed. */
function dependentsOn(removedId: string, existing: readonly ExistingConnector[]): readonly string[] {
  const removed = existing.find(({ id }) => id === removedId);
  if (removed === undefined || !isActiveFulfilment(removed)) return [];
  if (existing.some((one) => one.id !== removedId && isActiveFulfilment(one))) return [];
  return existing.filter((one) => one.active && one.preset === 'e-commerce-with-e-fulfilment').map(({ id }) => id);
}

/** The same as a sentence; empty when none would. */
export function stockWarning(removedId: string, existing: readonly ExistingConnector[]): string {
  const ids = dependentsOn(removedId, existing);
  const [shop, fulfilment] = [presetOf('e-commerce-with-e-fulfilment').title, presetOf('fulfilment').title];
  return ids.length === 0 ? '' : `Without it nobody tells the stock for ${ids.join(', ')} (preset ${shop}), until another connector with the preset ${fulfilment} is added.`;
}

function isActiveFulfilment({ preset, active }: ExistingConnector): boolean {
  return active && preset === 'fulfilment';
}

function choose(instead: readonly PresetId[]): string {
  return instead.length === 0 ? 'There is no other preset for it.' : `Choose one of: ${instead.map((id) => `${id} (${presetOf(id).title})`).join(', ')}.`;
}
