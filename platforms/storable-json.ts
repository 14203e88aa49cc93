/**
 * Parses JSON from outside into a value that PostgreSQL can store: U+0000 is left out, half of a surrogate pair becomes U+FFFD.
 * Both can only come as escapes, so texts without them take the short way. Throws a SyntaxError for what is no JSON.
 */
export function parseStorableJson(text: string): unknown {
  const value = JSON.parse(text) as unknown;
  return /\\u(?:0000|d[89a-f])/i.test(text) ? cleaned(value) : value;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '\uFFFD');
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [cleaned(name), cleaned(part)]));
}
