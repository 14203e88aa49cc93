import { got, TimeoutError } from 'got';
import { HubError } from '../../domain/errors.ts';
import type { PlatformContext } from '../platform.ts';

/** One call below `{baseUrl}/api/v1`. */
export interface CoinsCall {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Path segments, not yet escaped. */
  readonly segments: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

/** An answer about the thing that was asked for: 2xx, 400, 404, 409, 413 or 422. */
export interface CoinsAnswer {
  readonly status: number;
  readonly body: unknown;
}

const recordStatuses: ReadonlySet<number> = new Set([400, 404, 409, 413, 422]);
const callTimeoutMs = 8_000;

function failureOf(error: unknown, operation: string): HubError {
  if (error instanceof TimeoutError) return new HubError('PLATFORM_TIMEOUT', undefined, { operation }, error);
  return new HubError('PLATFORM_UNREACHABLE', undefined, { operation }, error);
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Makes one call. @throws HubError for everything that is about the connection and not about one prospect */
export async function callCoins(context: PlatformContext, call: CoinsCall): Promise<CoinsAnswer> {
  await context.acquire(1);
  const operation = `${call.method} ${call.segments.length > 2 ? (call.segments[2] ?? '') : 'prospects'}`;
  const url = `${context.settings.baseUrl}/api/v1/${call.segments.map(encodeURIComponent).join('/')}`;
  try {
    const response = await got(url, {
      method: call.method, signal: context.signal, throwHttpErrors: false, retry: { limit: 0 }, timeout: { request: callTimeoutMs },
      headers: { authorization: `Bearer ${context.credentials['apiToken'] ?? ''}`, accept: 'application/json' },
      ...(call.query && { searchParams: call.query }), ...(call.json !== undefined && { json: call.json }),
    });
    const { statusCode: status } = response;
    if (status < 300 || recordStatuses.has(status)) return { status, body: bodyOf(response.body) };
    if (status === 401 || status === 403) throw new HubError('PLATFORM_LOGIN_REFUSED', undefined, { operation, status });
    if (status === 429) throw new HubError('PLATFORM_RATE_LIMITED', undefined, { operation, status });
    throw new HubError('PLATFORM_ERROR', undefined, { operation, status });
  } catch (error) {
    throw error instanceof HubError ? error : failureOf(error, operation);
  }
}
