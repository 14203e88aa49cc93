import { createHmac } from 'node:crypto';

/** Percent-encoding by RFC 3986, byte by byte. */
const rfc3986 = (text: string): string => [...new TextEncoder().encode(text)]
  .map((byte) => (/[A-Za-z0-9._~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)).join('');

/** The parameters of an `Authorization: OAuth …` header, decoded. */
export function oauthParameters(header: string): Record<string, string> {
  if (!header.startsWith('OAuth ')) throw new Error('no OAuth header');
  return Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name ?? '', decodeURIComponent(value ?? '')]));
}

/** The signature that a call must carry: RFC 5849 §3.4, written from the text of the RFC. The body takes no part. */
export function expectedSignature(method: string, url: string, header: Readonly<Record<string, string>>, secret: string): string {
  const { oauth_signature: _signature, ...oauth } = header;
  const [base = '', query = ''] = url.split('?');
  const pairs = query === '' ? [] : query.split('&').map((pair) => pair.split('=').map((part) => rfc3986(decodeURIComponent(part))) as [string, string]);
  for (const [name, value] of Object.entries(oauth)) pairs.push([rfc3986(name), rfc3986(value)]);
  const sorted = pairs.sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1)).map((pair) => pair.join('=')).join('&');
  return createHmac('sha1', `${rfc3986(secret)}&`).update([method, rfc3986(base), rfc3986(sorted)].join('&')).digest('base64');
}
