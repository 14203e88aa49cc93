/**
 * Parses JSON from outside into a value that PostgreSQL can store: U+0000 is left out, half of a surrogate pair becomes U+FFFD.
 * Both can only come as escapes, so texts without them take the short way. Throws a SyntaxError for what is no JSON.
 */
export function parseStorableJson(text: string): unknown {
  const value = JSON.parse(text) as unknown;
  return /\\u(?:0000|d[89a-f])/i.test(text) ? storable(value) : value;
}

/** Whether JSON text holds escapes for U+0000 or for half of a surrogate pair, which PostgreSQL does not store as text. */
export function mayHoldUnstorableText(rawJson: Buffer | string): boolean {
  return rawJson.includes('\\u0000') || rawJson.includes('\\ud') || rawJson.includes('\\uD');
}

/**
 * The same JSON value with text that PostgreSQL stores: U+0000 is left out, half of a surrogate pair becomes U+FFFD.
 * Nobody is refused for a character that no one can see.
 */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [storableText(key), storable(part)]));
}

function storableText(text: string): string {
  return text.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}
