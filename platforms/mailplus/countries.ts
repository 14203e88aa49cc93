import { getCountries } from 'libphonenumber-js';

/** Languages in which Mail+ accounts write names of countries. */
const languages = ['nl', 'en', 'de', 'fr'];

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
  for (const code of getCountries()) {
    for (const display of displays) {
      found.set(code.toLowerCase(), code);
      const name = display.of(code)?.toLowerCase();
      if (name !== undefined && !found.has(name)) found.set(name, code);
    }
  }
  for (const [name, code] of otherNames) found.set(name, code);
  return found;
}
