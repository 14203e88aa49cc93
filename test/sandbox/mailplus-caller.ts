import { createHmac, randomBytes } from 'node:crypto';
import type { MailplusSandbox } from '../../sandbox/mailplus/index.ts';

/** What a signed call can be varied in. */
export interface CallOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly key?: string;
  readonly secret?: string;
  readonly nonce?: string;
  readonly timestampSeconds?: number;
  readonly placement?: 'header' | 'query';
  readonly rawSignature?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Added to the query as it is, after signing. */
  readonly unsignedQuery?: string;
  /** Another base than the sandbox's unversioned one. */
  readonly base?: string;
  readonly signal?: AbortSignal;
  /** Sent as it is in place of `body`. */
  readonly rawBody?: string;
  readonly extraOauth?: Readonly<Record<string, string>>;
}

/** An answer with its parsed body, or its text where it is not JSON. */
export interface CallAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

/** Signs and sends a call with nothing but node:crypto and fetch, as any outsider could. */
export async function call(sandbox: MailplusSandbox, method: string, path: string, options: CallOptions = {}): Promise<CallAnswer> {
  const url = `${options.base ?? sandbox.url}${path}`;
  const oauth = signedParameters(method, url, options);
  const inQuery = options.placement === 'query';
  const signedQuery = Object.entries({ ...options.query, ...(inQuery && oauth) })
    .map(([name, value]) => `${encode(name)}=${name === 'oauth_signature' && options.rawSignature === true ? value : encode(value)}`)
    .join('&');
  const query = [signedQuery, options.unsignedQuery ?? ''].filter((part) => part !== '').join('&');
  const payload = options.rawBody ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const response = await fetch(query === '' ? url : `${url}?${query}`, {
    method,
    headers: {
      accept: 'application/json',
      ...(payload !== undefined && { 'content-type': 'application/json' }),
      ...(!inQuery && { authorization: headerOf(oauth, options.rawSignature === true) }),
      ...options.headers,
    },
    ...(payload !== undefined && { body: payload }),
    ...(options.signal !== undefined && { signal: options.signal }),
  });
  return answerOf(response);
}

/** Calls an endpoint of the control side. */
export async function control(sandbox: MailplusSandbox, method: string, path: string, body?: unknown): Promise<CallAnswer> {
  const response = await fetch(`${sandbox.controlUrl}${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  return answerOf(response);
}

/** Status and error type of an answer, for refusals; the body may be empty. */
export function refusal({ status, body }: CallAnswer): [number, string | undefined] {
  return [status, (body as { errorType?: string } | undefined)?.errorType];
}

/** The frozen older base of the same sandbox. */
export function olderBase(sandbox: MailplusSandbox): string {
  return `${sandbox.url}-1.1.0`;
}

/** Body of an insert or update of one contact. */
export function contactBody(
  externalId: string, properties: Readonly<Record<string, unknown>>, flags: Readonly<Record<string, unknown>> = {},
): unknown {
  return { update: true, purge: false, ...flags, contact: { externalId, properties } };
}

async function answerOf(response: Response): Promise<CallAnswer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return { status: response.status, headers: response.headers, text, body: isJson ? (JSON.parse(text) as unknown) : undefined };
}

function signedParameters(method: string, url: string, options: CallOptions): Record<string, string> {
  const oauth: Record<string, string> = {
    oauth_consumer_key: options.key ?? 'sandbox-key',
    oauth_nonce: options.nonce ?? randomBytes(12).toString('hex'),
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(options.timestampSeconds ?? Math.floor(Date.now() / 1000)),
    oauth_version: '1.0',
    ...options.extraOauth,
  };
  const parameters = Object.entries({ ...options.query, ...oauth }).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const base = [method, url, parameters.toSorted().join('&')].map(encode).join('&');
  const signature = createHmac('sha1', `${encode(options.secret ?? 'sandbox-secret')}&`).update(base).digest('base64');
  return { ...oauth, oauth_signature: signature };
}

function headerOf(oauth: Readonly<Record<string, string>>, rawSignature: boolean): string {
  const pairs = Object.entries(oauth)
    .map(([name, value]) => `${name}="${rawSignature && name === 'oauth_signature' ? value : encode(value)}"`);
  return `OAuth ${pairs.join(rawSignature ? ',' : ', ')}`;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
