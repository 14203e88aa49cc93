import type { QueryParameters } from '../http/query.ts';
import type { MailplusCredential, ResolvedOptions } from '../options.ts';
import { NonceMemory } from './nonce-memory.ts';
import { readOauthParameters } from './parameters.ts';
import { hmacSha1Signature, sameSignature } from './signature.ts';

/** What verification needs of a request. */
export interface RequestToVerify {
  readonly method: string;
  /** Scheme, host and path as sent, without the query. */
  readonly url: string;
  readonly query: QueryParameters;
  readonly authorization: string | undefined;
}

/** Who made the call, or why it is not accepted. */
export type Verdict =
  | { readonly credential: MailplusCredential }
  | { readonly errorType: 'AUTH_NOT_FOUND' | 'NOT_AUTHORIZED'; readonly message: string };

/** Judges one-legged OAuth 1.0a requests (contract 1.2) against the account's credentials. */
export class OauthVerifier {
  readonly #options: ResolvedOptions;
  readonly #nonces: NonceMemory;
  readonly #nowMs: () => number;

  constructor(options: ResolvedOptions, nowMs: () => number) {
    this.#options = options;
    this.#nonces = new NonceMemory(options.skewToleranceMs);
    this.#nowMs = nowMs;
  }

  verify(request: RequestToVerify, credentials: ReadonlyMap<string, MailplusCredential>): Verdict {
    const oauth = readOauthParameters(request.authorization, request.query);
    if (oauth === undefined) return { errorType: 'AUTH_NOT_FOUND', message: 'No OAuth parameters found' };
    const values = new Map(oauth.values);
    if (values.size !== oauth.values.length) return notAuthorized('An OAuth parameter is given twice');
    const credential = credentials.get(values.get('oauth_consumer_key') ?? '');
    if (credential === undefined) return { errorType: 'AUTH_NOT_FOUND', message: 'Unknown oauth_consumer_key' };
    const problem = this.#problemWith(values);
    if (problem !== undefined) return notAuthorized(problem);
    const signed = oauth.placement === 'query' ? request.query : [...request.query, ...oauth.values];
    const expected = hmacSha1Signature({
      method: request.method,
      url: request.url,
      parameters: signed.filter(([name]) => name !== 'oauth_signature'),
    }, credential.secret);
    if (!sameSignature(expected, values.get('oauth_signature') ?? '')) return notAuthorized('Signature does not match');
    return this.#isReplay(credential.key, values) ? notAuthorized('The nonce was used before') : { credential };
  }

  #problemWith(values: ReadonlyMap<string, string>): string | undefined {
    if (values.get('oauth_signature_method') !== 'HMAC-SHA1') return 'oauth_signature_method must be HMAC-SHA1';
    if ((values.get('oauth_version') ?? '1.0') !== '1.0') return 'oauth_version must be 1.0';
    if ((values.get('oauth_token') ?? '') !== '') return 'There are no tokens here: leave oauth_token out';
    if ((values.get('oauth_nonce') ?? '') === '') return 'oauth_nonce is missing';
    const timestamp = values.get('oauth_timestamp') ?? '';
    if (!/^\d{1,12}$/.test(timestamp)) return 'oauth_timestamp must be in whole seconds since 1970';
    const isInWindow = Math.abs(Number(timestamp) * 1000 - this.#nowMs()) <= this.#options.skewToleranceMs;
    return isInWindow ? undefined : 'oauth_timestamp is too far from the time here';
  }

  #isReplay(key: string, values: ReadonlyMap<string, string>): boolean {
    if (!this.#options.refuseReplays) return false;
    const timestampSeconds = Number(values.get('oauth_timestamp'));
    return !this.#nonces.use(key, timestampSeconds, values.get('oauth_nonce') ?? '', this.#nowMs() / 1000);
  }
}

function notAuthorized(message: string): Verdict {
  return { errorType: 'NOT_AUTHORIZED', message };
}
