import { HubError } from '../../../domain/errors.ts';

type Value = string | number;

/** Where a list goes on, as one word for an address: what its last line is sorted by. */
export function writeCursor(values: readonly Value[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** The values of `writeCursor`: as many as `kinds`, each of that type (`instant`: a text that is one). Throws REQUEST_INVALID for anything else. */
export function readCursor(cursor: string, kinds: readonly ('instant' | 'number')[]): readonly Value[] {
  const values = parsed(cursor);
  const fits = Array.isArray(values) && values.length === kinds.length && kinds.every((kind, index) => isOf(kind, values[index]));
  if (!fits) throw new HubError('REQUEST_INVALID', 'The cursor is none that the hub gave.', { field: 'cursor', fix: 'Take it from `next` of the page before, or begin without one.' });
  return values as Value[];
}

function isOf(kind: 'instant' | 'number', value: unknown): boolean {
  if (kind === 'number') return Number.isSafeInteger(value);
  return value === '-infinity' || (typeof value === 'string' && value.length < 40 && !Number.isNaN(Date.parse(value)));
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
