import { z } from 'zod';
import { hubSettingNames, splitSettings } from '../../db/repositories/connector-settings.ts';
import { HubError } from '../../domain/errors.ts';
import { checkMargin } from '../../domain/sync/windows.ts';
import type { Platform } from '../../platforms/platform.ts';

const lowestInterval = { test: 100, real: 60_000 } as const;

/**
 * Checks settings of a connector, with the platform's defaults filled in. `isTest`: only a test connector may pull more often than
 * once a minute or with a margin below 10 minutes.
 * Throws CONFIGURATION_INVALID that names the setting and, for one that is unknown, those there are.
 */
export function checkSettings(platform: Platform, settings: Readonly<Record<string, unknown>>, isTest: boolean): Record<string, unknown> {
  const parts = splitSettings(settings);
  for (const name of hubSettingNames) if (name in settings && !(name in parts.hub)) throw wrong(name, 'must be a whole number of milliseconds');
  checkHubSettings(parts.hub, isTest);
  const parsed = platform.description.settings.safeParse(parts.platform);
  if (!parsed.success) throw settingError(platform, parsed.error);
  return { ...parsed.data, ...parts.hub };
}

function checkHubSettings({ pullIntervalMs, pullMarginMs }: ReturnType<typeof splitSettings>['hub'], isTest: boolean): void {
  const lowest = isTest ? lowestInterval.test : lowestInterval.real;
  if (pullIntervalMs !== undefined && (!Number.isInteger(pullIntervalMs) || pullIntervalMs < lowest)) {
    throw wrong('pullIntervalMs', `must be a whole number of milliseconds, at least ${lowest}${isTest ? '' : ' (lower only at a connector that is added with --test)'}`);
  }
  const margin = pullMarginMs === undefined ? { ok: true as const } : checkMargin(pullMarginMs, isTest);
  if (!margin.ok) throw wrong('pullMarginMs', margin.reason);
}

function wrong(name: string, reason: string): HubError {
  return new HubError('CONFIGURATION_INVALID', `The setting «${name}»: ${reason}`, { field: `settings.${name}` });
}

function settingError(platform: Platform, error: z.ZodError): HubError {
  const [issue] = error.issues;
  if (issue?.code === 'unrecognized_keys') {
    return new HubError('CONFIGURATION_INVALID', `${platform.description.title} has no setting ${issue.keys.map((key) => `«${key}»`).join(', ')}. There are: ${settingNames(platform).join(', ')}.`, { field: `settings.${issue.keys[0] ?? ''}` });
  }
  return wrong(issue?.path.join('.') ?? '', issue?.message ?? 'is wrong');
}

/** The names of all settings of a platform's connector, the hub's own among them. */
export function settingNames(platform: Platform): readonly string[] {
  const schema = platform.description.settings;
  return [...(schema instanceof z.ZodObject ? Object.keys(schema.shape) : []), ...hubSettingNames];
}

/** Each setting of a platform's connector: whether it has to be given, and what it is otherwise. */
export function settingFacts(platform: Platform): { readonly name: string; readonly required: boolean; readonly default: unknown }[] {
  const schema = platform.description.settings;
  const own = schema instanceof z.ZodObject ? Object.entries(schema.shape) : [];
  return [
    ...own.map(([name, part]) => {
      const absent = z.safeParse(part, undefined);
      return { name, required: !absent.success, default: absent.success ? (absent.data ?? null) : null };
    }),
    ...hubSettingNames.map((name) => ({ name, required: false, default: null })),
  ];
}

/** Checks credentials. Throws CONFIGURATION_INVALID that names what is missing or unknown, never a value. */
export function checkCredentials(platform: Platform, credentials: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { credentialNames, title } = platform.description;
  const needed = `${title} needs: ${credentialNames.join(', ')}.`;
  const unknown = Object.keys(credentials).find((name) => !credentialNames.includes(name));
  if (unknown !== undefined) throw new HubError('CONFIGURATION_INVALID', `The credential «${unknown}» is unknown. ${needed}`, { field: `credentials.${unknown}` });
  const parsed = platform.description.credentials.safeParse(credentials);
  if (parsed.success) return parsed.data;
  const name = String(parsed.error.issues[0]?.path[0] ?? '');
  const state = name in credentials ? 'is wrong' : 'is missing';
  throw new HubError('CONFIGURATION_INVALID', `The credential «${name}» ${state}. ${needed}`, { field: `credentials.${name}` });
}
