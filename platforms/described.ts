import type { Platform, PlatformSettings } from './platform.ts';

/** The platform as one connector has it: with the description that goes with its settings. Pure. */
export function describedBy(platform: Platform, settings: PlatformSettings): Platform {
  return platform.describe === undefined ? platform : { ...platform, description: platform.describe(settings) };
}
