import { splitSettings } from '../../db/repositories/connector-settings.ts';
import type { MappingEntry } from '../../domain/mapping/mapping.ts';
import { mappingOf } from '../../platforms/connector-mapping.ts';
import type { Platform, PlatformContext, PlatformField, PlatformSettings } from '../../platforms/platform.ts';
import type { GatewayDependencies } from '../dependencies.ts';

/** What a context is made of, whether the connector is stored already or about to be. */
export interface ContextParts {
  readonly connectorId: string;
  /** As stored: the hub's own settings among them are left out. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, string>>;
  readonly permissionKeys: Readonly<Record<string, string>>;
  readonly fields: readonly PlatformField[];
  readonly signal: AbortSignal;
  /** What a person says about the mapping; none unless given. */
  readonly mappingEntries?: readonly MappingEntry[];
}

/**
 * The context of a call that a person asked for. Such calls are few and do not wait for the credential's rate bucket.
 * Throws the platform's ZodError when stored settings no longer fit the platform.
 */
export function platformContext(deps: Pick<GatewayDependencies, 'now' | 'log'>, platform: Platform, { mappingEntries = [], ...parts }: ContextParts): PlatformContext {
  const settings: PlatformSettings = platform.description.settings.parse(splitSettings(parts.settings).platform);
  return { ...parts, settings, mapping: mappingOf(platform, settings, mappingEntries), acquire: () => Promise.resolve(), now: deps.now, log: deps.log };
}

/** What binds sealed credentials to their connector. */
export function credentialsContext(connectorId: string): string {
  return `connector/${connectorId}`;
}
