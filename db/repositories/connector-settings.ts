/** Settings of the hub's own that stand beside the platform's in `connector.settings`; a platform never sees them. */
export interface HubSettings {
  /** Between two pulls; the hub's default when absent. */
  readonly pullIntervalMs?: number;
  /** How far before now a pull's window ends; the hub's default when absent. */
  readonly pullMarginMs?: number;
}

/** Names of `HubSettings`. */
export const hubSettingNames = ['pullIntervalMs', 'pullMarginMs'] as const satisfies readonly (keyof HubSettings)[];

/**
 * Milliseconds between two pulls of a connector: the hub's setting, else the platform's `pullIntervalMinutes`, else `fallbackMs`.
 */
export function pullIntervalOf(settings: Readonly<Record<string, unknown>>, fallbackMs: number): number {
  const minutes = settings['pullIntervalMinutes'];
  return splitSettings(settings).hub.pullIntervalMs ?? (typeof minutes === 'number' && minutes > 0 ? minutes * 60_000 : fallbackMs);
}

/** Takes stored settings apart into the hub's own and the platform's. */
export function splitSettings(settings: Readonly<Record<string, unknown>>): { readonly hub: HubSettings; readonly platform: Record<string, unknown> } {
  const platform = { ...settings };
  const hub: Record<string, number> = {};
  for (const name of hubSettingNames) {
    const value = platform[name];
    delete platform[name];
    if (typeof value === 'number') hub[name] = value;
  }
  return { hub, platform };
}
