import { createHmac, timingSafeEqual } from 'node:crypto';

/** A request as OAuth 1.0a signs it. `url` has scheme, host and path as sent, no query. */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  /** Query and `oauth_` parameters, decoded, without `realm` and `oauth_signature`. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** RFC 5849 §3.4.1: method, URL and sorted parameters, each percent-encoded, joined by `&`. */
function signatureBaseString(request: SignedRequest): string {
  const pairs = request.parameters.map(([name, value]) => [percentEncode(name), percentEncode(value)] as const);
  pairs.sort((left, right) => compare(left[0], right[0]) || compare(left[1], right[1]));
  const normalised = pairs.map(([name, value]) => `${name}=${value}`).join('&');
  return [request.method.toUpperCase(), baseUrl(request.url), normalised].map(percentEncode).join('&');
}

/** The HMAC-SHA1 signature in base64, for a consumer without a token. */
export function hmacSha1Signature(request: SignedRequest, consumerSecret: string): string {
  return createHmac('sha1', `${percentEncode(consumerSecret)}&`).update(signatureBaseString(request)).digest('base64');
}

/** Compares two signatures in constant time. */
export function sameSignature(expected: string, given: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** RFC 3986 encoding: everything but letters, digits, `-`, `.`, `_` and `~`. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Scheme and host in lower case, the scheme's own port left out, the path as it was sent (RFC 5849 §3.4.1.2). */
function baseUrl(url: string): string {
  const match = /^(https?):\/\/([^/]+)(.*)$/i.exec(url);
  if (match === null) return url;
  const scheme = (match[1] ?? '').toLowerCase();
  const host = (match[2] ?? '').toLowerCase().replace(scheme === 'https' ? /:443$/ : /:80$/, '');
  return `${scheme}://${host}${match[3] ?? ''}`;
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
