import type { PlatformContext } from '../../platforms/platform.ts';
import { mailplusSettingsSchema } from '../../platforms/mailplus/settings.ts';

/** What a test may change about a context. */
export type ContextChanges = Partial<Omit<PlatformContext, 'settings'>> & { readonly settings?: Readonly<Record<string, unknown>> };

/** A context for calls to a Mail+ at `baseUrl`, with the sandbox's default credential. */
export function mailplusContext(baseUrl: string, changes: ContextChanges = {}): PlatformContext {
  const { settings, ...rest } = changes;
  return {
    connectorId: 'mailplus-1',
    credentials: { key: 'sandbox-key', secret: 'sandbox-secret' },
    settings: mailplusSettingsSchema.parse({ baseUrl, ...settings }),
    signal: new AbortController().signal,
    acquire: () => Promise.resolve(),
    now: () => Date.now(),
    log: { debug: () => undefined, warn: () => undefined },
    permissionKeys: { 'Consent to Receive Email Marketing': 'permissions:2' },
    fields: [],
    ...rest,
  };
}
