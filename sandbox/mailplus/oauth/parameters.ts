import type { QueryParameters } from '../http/query.ts';

/** The OAuth parameters of a request, wherever they were put. */
export interface OauthParameters {
  /** Without `realm`; values decoded. */
  readonly values: QueryParameters;
  readonly placement: 'header' | 'query';
}

/**
 * Takes the parameters from the `Authorization: OAuth …` header, or from the query when there is no such header.
 * Pairs may be joined by `,` with or without spaces, and the signature may be raw base64 (contract 1.2).
 * `undefined` when there are none or the header cannot be read.
 */
export function readOauthParameters(authorization: string | undefined, query: QueryParameters): OauthParameters | undefined {
  if (authorization !== undefined) {
    const values = parseHeader(authorization);
    return values === undefined ? undefined : { values, placement: 'header' };
  }
  const values = query.filter(([name]) => name.startsWith('oauth_'));
  return values.length === 0 ? undefined : { values, placement: 'query' };
}

function parseHeader(authorization: string): QueryParameters | undefined {
  const scheme = /^OAuth\s+/i.exec(authorization);
  if (scheme === null) return undefined;
  const values: [string, string][] = [];
  for (const pair of authorization.slice(scheme[0].length).split(',')) {
    const match = /^\s*([^=\s]+)\s*=\s*"([^"]*)"\s*$/.exec(pair);
    if (match === null) return undefined;
    const name = match[1] ?? '';
    if (name.toLowerCase() === 'realm') continue;
    try {
      values.push([decodeURIComponent(name), decodeURIComponent(match[2] ?? '')]);
    } catch {
      return undefined;
    }
  }
  return values;
}
