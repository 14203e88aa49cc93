import type { Db } from '../../db/database.ts';
import { connectorIdsLike, type ConnectorRow } from '../../db/repositories/connectors.ts';
import { HubError } from '../../domain/errors.ts';
import { checkOnboarding, type OnboardingConsent } from '../../domain/presets/onboarding.ts';
import { checkPreset, presetsFor, type ExistingConnector } from '../../domain/presets/preset-choice.ts';
import { isPresetId, presetOf, type PresetId } from '../../domain/presets/presets.ts';
import type { ConnectorClass } from '../../domain/presets/connector-classes.ts';
import type { Platform } from '../../platforms/platform.ts';

/** The preset of a new connector: the one asked for, or the only one there is. Throws PRESET_REFUSED with those to choose from. */
export function choosePreset(platform: Platform, wanted: string | undefined, existing: readonly ConnectorRow[]): PresetId {
  const offered = presetsFor(platform.description);
  const id = wanted ?? (offered.length === 1 ? offered[0] : undefined);
  const choice = `Choose one of: ${offered.join(', ')}.`;
  if (id === undefined) throw new HubError('PRESET_REFUSED', `${platform.description.title} has several presets. ${choice}`, { field: 'preset' });
  if (!isPresetId(id)) throw new HubError('PRESET_REFUSED', `There is no preset «${id}». ${choice}`, { field: 'preset' });
  const check = checkPreset(id, platform.description, existing.flatMap(asExisting));
  if (!check.ok) throw new HubError('PRESET_REFUSED', check.reason, { field: 'preset' });
  return id;
}

function asExisting(row: ConnectorRow): ExistingConnector[] {
  return isPresetId(row.preset) ? [{ id: row.id, preset: row.preset, active: row.phase !== 'removed' && row.activated_at !== null }] : [];
}

/** Refuses a connector whose turn has passed, unless a person said yes. Throws ONBOARDING_ORDER with the right order. */
export function checkTurn(existing: readonly ConnectorRow[], preset: PresetId, consent: OnboardingConsent): void {
  const check = checkOnboarding(connectorClasses(existing), presetOf(preset).connectorClass, consent);
  if (check.ok) return;
  const fix = check.code === 'late-fulfilment' ? { fix: 'If that is wanted, repeat with `--accept-late-fulfilment` (API: `acceptLateFulfilment`).' } : {};
  throw new HubError('ONBOARDING_ORDER', check.reason, fix);
}

/** What the connectors count as in the onboarding order. */
export function connectorClasses(existing: readonly ConnectorRow[]): readonly ConnectorClass[] {
  return existing.flatMap((row) => (isPresetId(row.preset) ? [presetOf(row.preset).connectorClass] : []));
}

const slug = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The id asked for, or `<platform>-<n>`. Throws REQUEST_INVALID for one that is no slug. */
export async function chooseId(allAccounts: Db, platformId: string, wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return freeId(platformId, new Set(await connectorIdsLike(allAccounts, platformId)));
  if (slug.test(wanted)) return wanted;
  throw new HubError('REQUEST_INVALID', `«${wanted}» cannot be an id: use small letters, digits and «-», at most 63, not beginning with «-».`, { field: 'id' });
}

function freeId(platformId: string, taken: ReadonlySet<string>): string {
  let n = 1;
  while (taken.has(`${platformId}-${n}`)) n += 1;
  return `${platformId}-${n}`;
}
