import type { InboundRequest, PlatformContext } from '../../platforms/platform.ts';
import { custom } from '../../platforms/custom/index.ts';

/** When the requests of the tests come in. */
export const receivedAt = '2026-11-21T10:00:00.000Z';

/** What of a request a test decides. */
export interface GivenRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly id?: string;
  /** Lines of NDJSON in place of a body. */
  readonly lines?: string;
}

/** A request as the gateway hands it over. */
export function customRequest(path: string, body?: unknown, { method = 'PUT', headers = {}, id = 'request-1', lines }: GivenRequest = {}): InboundRequest {
  const text = lines ?? (body === undefined ? '' : JSON.stringify(body));
  const type = lines === undefined ? 'application/json' : 'application/x-ndjson';
  return { id, method, path, headers: { 'content-type': type, ...headers }, rawBody: Buffer.from(text), body: lines === undefined ? body : undefined, receivedAt };
}

/** A context of a custom connector. */
export function customContext(settings: Readonly<Record<string, unknown>> = {}): PlatformContext {
  return {
    connectorId: 'custom-1', settings: custom.description.settings.parse({ class: 'sales-channel', ...settings }), credentials: {}, signal: new AbortController().signal,
    acquire: () => Promise.resolve(), now: () => Date.parse(receivedAt), log: { debug: () => undefined, warn: () => undefined }, permissionKeys: {}, fields: [],
  };
}
