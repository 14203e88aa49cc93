import { createHmac, randomBytes } from 'node:crypto';
import OAuth from 'oauth-1.0a';

/** Key and secret of one authentication in Mail+. */
export interface MailplusKey {
  readonly key: string;
  readonly secret: string;
}

/** What is drawn anew for each call; given by tests only. */
export interface SigningMoment {
  readonly nonce: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

/**
 * The `Authorization` header for one call: OAuth 1.0a with a consumer and no token, HMAC-SHA1 (contract §1.2).
 * `url` as it is sent, encoded by `encodeStrict`, no name twice: its query is signed, a JSON body is not.
 */
export function signCall(credential: MailplusKey, method: string, url: string, moment?: SigningMoment): string {
  const signer = new OAuth({
    consumer: credential,
    signature_method: 'HMAC-SHA1',
    hash_function: (base, key) => createHmac('sha1', key).update(base).digest('base64'),
  });
  signer.getNonce = () => moment?.nonce ?? randomBytes(16).toString('hex');
  signer.getTimeStamp = () => moment?.timestamp ?? Math.floor(Date.now() / 1000);
  const [address = '', query = ''] = url.split('?');
  return signer.toHeader(signer.authorize({ method, url: address, data: decodedQuery(query) })).Authorization;
}

/** The query by decoded names: the library would sign a name as it stands in the address. */
function decodedQuery(query: string): Record<string, string> {
  const pairs = query === '' ? [] : query.split('&');
  return Object.fromEntries(pairs.map((pair) => {
    const [name = '', value = ''] = pair.split('=');
    return [decodeURIComponent(name), decodeURIComponent(value)];
  }));
}

/** Percent-encodes by RFC 3986, which leaves no character that a server could read in two ways. */
export function encodeStrict(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
