import type { z } from 'zod';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

const kinds: Readonly<Record<string, string>> = {
  string: 'must be a text', number: 'must be a number', int: 'must be a whole number', boolean: 'must be true or false', array: 'must be a list', object: 'must be an object', record: 'must be an object',
};
const forms: Readonly<Record<string, string>> = {
  currency: 'must be a currency of three capitals, as EUR', country: 'must be a country code of two capitals, as GB', language: 'must be a language tag, as nl or en-GB',
};

/** What is wrong with a value and what it should be, after the name of its field. Repeats no value. */
export function wordsFor(issue: Issue): string {
  const name = String(issue.path?.at(-1) ?? '');
  switch (issue.code) {
    case 'invalid_type': return typeWords(issue, name);
    case 'invalid_value': return `must be ${issue.values.length === 1 ? '' : 'one of: '}${issue.values.map(String).join(', ')}`;
    case 'invalid_format': return formWords(issue.format, name);
    case 'too_small': return issue.origin === 'array' ? `must have ${String(issue.minimum)} or more parts` : issue.origin === 'string' ? 'must not be empty' : `must be ${String(issue.minimum)} or more`;
    case 'too_big': return issue.origin === 'string' || issue.origin === 'array' ? `must not be longer than ${String(issue.maximum)}` : `must be at most ${String(issue.maximum)}`;
    case 'unrecognized_keys': return `may not have ${issue.keys.map((key) => `«${key}»`).join(', ')}`;
    case 'invalid_union': return 'must be a text, a number, true, false or null';
    default: return 'is not valid';
  }
}

function typeWords(issue: Issue & { readonly code: 'invalid_type' }, name: string): string {
  if (issue.input === undefined) return 'is missing';
  const words = kinds[issue.expected] ?? `must be of the type ${issue.expected}`;
  return name.endsWith('Cents') ? 'must be a whole number of cents: 19.95 is 1995' : words;
}

function formWords(format: string, name: string): string {
  if (format === 'datetime') return 'must be a time in ISO 8601, as 2026-11-20T09:12:00Z';
  if (format === 'date') return 'must be a calendar date, as 1984-02-29';
  return forms[name] ?? 'does not have the form that is needed';
}
