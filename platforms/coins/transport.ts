import { createHttpClient } from '../http.ts';
import type { PlatformContext } from '../platform.ts';

/** One call below `{baseUrl}/api/v1/prospects`. */
export interface CoinsCall {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Absent: the list of prospects. */
  readonly prospectId?: string;
  /** What of the prospect is meant. */
  readonly part?: 'consents' | 'activities' | 'tasks';
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An answer about the thing that was asked for: 2xx or one of `recordStatuses`; `body` is undefined when it was no JSON. */
export interface CoinsAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Statuses that say something about one prospect and not about the connection. */
const recordStatuses = [400, 404, 409, 413, 422];
const http = createHttpClient('coins');

function addressOf(baseUrl: string, { prospectId, part, query }: CoinsCall): { readonly url: string; readonly template: string } {
  const id = prospectId === undefined ? '' : `/${encodeURIComponent(prospectId)}`;
  const tail = part === undefined ? '' : `/${part}`;
  const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
  const template = `/api/v1/prospects${prospectId === undefined ? '' : '/{prospectId}'}${tail}`;
  return { url: `${baseUrl}/api/v1/prospects${id}${tail}${search}`, template };
}

/**
 * Makes one call, when the credential's bucket has a token for it.
 *
 * @throws HubError for everything that is about the connection (`platforms/http-failure.ts`)
 */
export async function callCoins(context: PlatformContext, call: CoinsCall): Promise<CoinsAnswer> {
  await context.acquire(1);
  return http({
    ...addressOf(context.settings.baseUrl, call),
    method: call.method,
    headers: { authorization: `Bearer ${context.credentials['apiToken'] ?? ''}` },
    signal: context.signal,
    handles: recordStatuses,
    ...(call.body !== undefined && { body: call.body }),
  });
}
