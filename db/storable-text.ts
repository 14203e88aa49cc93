/**
 * The same text as PostgreSQL stores it: U+0000 is left out and half of a surrogate pair becomes U+FFFD, neither of which a
 * text column takes. For text from outside that must not make a whole page fail.
 */
export function storableText(text: string): string {
  return text.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}
