/** Languages in which Mail+ accounts write names of countries. */
const languages = ['nl', 'en', 'de', 'fr'];
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');

/** Names that are in use beside those of the Unicode tables, and `UK`, which is no ISO code. */
const otherNames: readonly (readonly [string, string])[] = [
  ['uk', 'GB'], ['great britain', 'GB'], ['england', 'GB'], ['scotland', 'GB'], ['wales', 'GB'], ['groot-brittannië', 'GB'], ['engeland', 'GB'], ['holland', 'NL'], ['the netherlands', 'NL'],
];

let codes: ReadonlyMap<string, string> | undefined;

/** The ISO 3166-1 code of a country that is written as a code, or by its Dutch, English, German or French name. */
export function countryCode(text: string): { readonly ok: true; readonly value: string } | { readonly ok: false } {
  codes ??= codesByName();
  const value = codes.get(text.toLowerCase());
  return value === undefined ? { ok: false } : { ok: true, value };
}

function codesByName(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const displays = languages.map((language) => new Intl.DisplayNames([language], { type: 'region', fallback: 'none' }));
  for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
    for (const display of displays) {
      const name = display.of(code);
      if (name === undefined) continue;
      found.set(code.toLowerCase(), code);
      if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), code);
    }
  }
  for (const [name, code] of otherNames) found.set(name, code);
  return found;
}
