import type { FeedEntry, PlatformContext } from '../../platforms/platform.ts';

/** A context of a custom system; what is published stands in `published`. */
export function customContext(more: Partial<PlatformContext> & { readonly webhookUrl?: string; readonly webhookSecret?: string } = {}): PlatformContext & { readonly published: FeedEntry[] } {
  const { webhookUrl, webhookSecret, ...rest } = more;
  const published: FeedEntry[] = [];
  return {
    connectorId: 'shop-1', settings: { baseUrl: '', timeZone: 'UTC', optInStrategy: 'both', ...(webhookUrl === undefined ? {} : { webhookUrl }) },
    credentials: webhookSecret === undefined ? {} : { webhookSecret }, signal: new AbortController().signal, acquire: () => Promise.resolve(), now: () => Date.now(),
    log: { debug: () => undefined, warn: () => undefined }, permissionKeys: { Newsletter: 'consent:Newsletter', Offers: 'consent:Offers' }, fields: [],
    publish: async (entries) => void published.push(...entries), published, ...rest,
  };
}
