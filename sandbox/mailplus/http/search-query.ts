import { invalidParams } from './api-error.ts';
import type { Call } from './call.ts';
import { queryValue } from './query.ts';

/** One `property=value` of a search; the value in lower case, as matching ignores capitals. */
export interface Criterion {
  readonly name: string;
  readonly value: string;
}

/** Reads `MPSearchQuery`: `property=value`, several joined by `&` (contract 3.7, the joining is an assumption). */
export function searchCriteria(call: Call): Criterion[] {
  const query = queryValue(call.query, 'MPSearchQuery') ?? '';
  if (query === '') throw invalidParams('MPSearchQuery is required');
  return query.split('&').map((part) => {
    const equals = part.indexOf('=');
    if (equals < 1) throw invalidParams('MPSearchQuery must be property=value');
    return { name: part.slice(0, equals), value: part.slice(equals + 1).toLowerCase() };
  });
}
