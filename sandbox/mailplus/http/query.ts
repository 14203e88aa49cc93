/** Decoded query parameters in the order in which they were sent; names may repeat. */
export type QueryParameters = readonly (readonly [name: string, value: string])[];

/**
 * Decodes a raw query string as a form does: `+` is a space. Except in `oauth_signature`, where working clients send
 * raw base64 (contract 1.2). `undefined` when a percent escape is broken.
 */
export function parseQuery(rawQuery: string): QueryParameters | undefined {
  const parameters: [string, string][] = [];
  for (const pair of rawQuery.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const rawName = equals < 0 ? pair : pair.slice(0, equals);
    const rawValue = equals < 0 ? '' : pair.slice(equals + 1);
    const name = decode(rawName.replaceAll('+', ' '));
    const value = decode(name === 'oauth_signature' ? rawValue : rawValue.replaceAll('+', ' '));
    if (name === undefined || value === undefined) return undefined;
    parameters.push([name, value]);
  }
  return parameters;
}

/** The first value of a parameter. */
export function queryValue(query: QueryParameters, name: string): string | undefined {
  return query.find(([key]) => key === name)?.[1];
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
