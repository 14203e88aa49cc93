import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import got, { type Got, type Method } from 'got';
import { HubError } from '../domain/errors.ts';
import { reportPlatformCall } from './http-calls.ts';
import { parseStorableJson } from './storable-json.ts';
import { brokenCall, refusedCall, unusableAnswer, type CallName } from './http-failure.ts';

/** Limits of one call. The total stays below the heartbeat timeout of activities, 10 s (design §6). */
export interface HttpLimits {
  readonly connectMs: number;
  /** From the sent request to the first byte of the answer. */
  readonly responseMs: number;
  readonly totalMs: number;
  /** Size of an answer after which it is given up. */
  readonly maxAnswerBytes: number;
}

export const defaultLimits: HttpLimits = { connectMs: 3_000, responseMs: 7_000, totalMs: 7_500, maxAnswerBytes: 64 * 1024 * 1024 };

/** One call. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The complete address. Never appears in an error or a log line. */
  readonly url: string;
  /** The path with its variable parts left open, for errors and metrics. */
  readonly template: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; absent: no body. */
  readonly body?: unknown;
  /** JSON text that is sent byte for byte in place of `body`, where it was signed. */
  readonly json?: string;
  readonly signal: AbortSignal;
  /** Statuses besides 2xx that are answered and not thrown, or whether an answer is, by its status and its JSON. */
  readonly handles?: readonly number[] | ((status: number, body: unknown) => boolean);
}

/** An answer that the caller asked for: a 2xx, or one of `handles`. */
export interface HttpAnswer {
  readonly status: number;
  /** Parsed JSON that PostgreSQL can store (`storable-json.ts`); `undefined` for an empty body, and for a body of `handles` that is no JSON. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A caller of one platform. Throws HubError as `http-failure.ts` says, or the signal's reason when it was aborted. Never repeats a call. */
export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>;

/** Idle connections are closed before the usual 5 s of servers, so that a write seldom meets a connection that is just being closed. */
const agentOptions = { keepAlive: true, keepAliveMsecs: 1_000, maxSockets: 64, timeout: 4_000, scheduling: 'lifo' } as const;
const agent = { http: new HttpAgent(agentOptions), https: new HttpsAgent(agentOptions) };

/** Makes the caller of a platform: JSON both ways, no retry, no redirects, no cookies, connections kept open and shared in the process. */
export function createHttpClient(platform: string, limits: Partial<HttpLimits> = {}): HttpClient {
  const all = { ...defaultLimits, ...limits };
  const client = got.extend({
    agent, retry: { limit: 0 }, followRedirect: false, throwHttpErrors: false, decompress: false,
    headers: { accept: 'application/json', 'user-agent': 'connect-hub' },
    timeout: { lookup: all.connectMs, connect: all.connectMs, secureConnect: all.connectMs, response: all.responseMs, request: all.totalMs },
  });
  return async (request) => {
    const startedMs = performance.now();
    const report = { platform, method: request.method, template: request.template };
    try {
      const answer = await exchange(client, request, all.maxAnswerBytes);
      reportPlatformCall({ ...report, status: answer.status, durationMs: performance.now() - startedMs });
      return answer;
    } catch (error) {
      const failed = error instanceof HubError ? { code: error.code, ...(error.facts.status === undefined ? {} : { status: error.facts.status }) } : {};
      reportPlatformCall({ ...report, ...failed, durationMs: performance.now() - startedMs });
      throw error;
    }
  };
}

async function exchange(client: Got, request: HttpRequest, maxAnswerBytes: number): Promise<HttpAnswer> {
  request.signal.throwIfAborted();
  const { status, headers, text } = await transfer(client, request, maxAnswerBytes);
  const call: CallName = request;
  if (status >= 200 && status < 300) return { status, headers, body: parseAnswer(call, status, text) };
  const body = jsonOrNothing(text);
  if (!isHandled(request, status, body)) throw refusedCall(call, { status, retryAfter: single(headers['retry-after']), date: single(headers.date) }, Date.now());
  return { status, headers, body };
}

function isHandled({ handles = [] }: HttpRequest, status: number, body: unknown): boolean {
  return typeof handles === 'function' ? handles(status, body) : handles.includes(status);
}

interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>> & { readonly date?: string | string[] | undefined };
  readonly text: string;
}

function transfer(client: Got, request: HttpRequest, maxAnswerBytes: number): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const stream = client.stream(request.url, streamOptions(request));
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (error: Error): void => {
      if (error instanceof HubError) reject(error);
      else if (request.signal.aborted) reject(abortReason(request.signal));
      else reject(brokenCall(request, error, { requestSent: stream.timings?.upload !== undefined, answerBegun: stream.response !== undefined }));
    };
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= maxAnswerBytes) return;
      fail(unusableAnswer(request, stream.response?.statusCode ?? 0, `the answer is larger than ${maxAnswerBytes} bytes.`));
      stream.destroy();
    });
    stream.once('error', fail);
    stream.once('close', () => fail(new Error('closed before the answer was complete')));
    stream.once('end', () => {
      const { response } = stream;
      if (response === undefined) fail(new Error('ended without an answer'));
      else resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks, size).toString('utf8') });
      // Got takes its listener off the signal only here; the connection is back in the pool already.
      stream.destroy();
    });
    if (request.method !== 'GET' && request.json === undefined && request.body === undefined) stream.end();
  });
}

function streamOptions(request: HttpRequest): { method: Method; headers: Record<string, string>; body?: string; signal: AbortSignal } {
  const headers = { ...request.headers };
  const body = textOf(request);
  if (body === undefined) return { method: request.method, headers, signal: request.signal };
  return { method: request.method, signal: request.signal, body, headers: { 'content-type': 'application/json', ...headers } };
}

function textOf({ json, body }: HttpRequest): string | undefined {
  return json ?? (body === undefined ? undefined : JSON.stringify(body));
}

function parseAnswer(call: CallName, status: number, text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return parseStorableJson(text);
  } catch {
    throw unusableAnswer(call, status, `the answer (${status}) is no valid JSON.`);
  }
}

function jsonOrNothing(text: string): unknown {
  try {
    return parseStorableJson(text);
  } catch {
    return undefined;
  }
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException('The call was cancelled.', 'AbortError');
}

const single = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header[0] : header);
