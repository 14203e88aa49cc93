import type { ConnectorStatus } from '../../gateway/status/status-view.ts';
import { counted, number } from './counts.ts';
import type { Paint } from './paint.ts';

type Reason = ConnectorStatus['reasons'][number];

const mostReasons = 8;

const nouns: Readonly<Record<string, readonly [one: string, many: string]>> = {
  delivery: ['record', 'records'], action: ['action', 'actions'], rejected: ['record of the source', 'records of the source'],
  excluded: ['record of the source', 'records of the source'], list: ['list sync', 'list syncs'],
};

const states: Readonly<Record<string, string>> = {
  delivered: 'Held back', pending: 'Waiting', sending: 'Sending', parked: 'Parked', excluded: 'Left out', failed: 'Failed', skipped: 'Set aside', open: 'Rejected', receiving: 'Receiving',
};

/**
 * Why things are not delivered, the most frequent reason first: a label, and a sentence with what to do, as
 * `Left out`, `1,994 records of the source: created only by a list sync`.
 */
export function reasonLines(paint: Paint, { reasons }: ConnectorStatus): (readonly [label: string, text: string])[] {
  const told = reasons.filter(isTold).sort((a, b) => b.count - a.count);
  const lines = told.slice(0, mostReasons).map((reason) => [labelOf(paint, reason), textOf(reason)] as const);
  return told.length > mostReasons ? [...lines, ['', `and ${number(told.length - mostReasons)} more reasons: \`hub status --json\``]] : lines;
}

function isTold({ what, state, code, reason }: Reason): boolean {
  return what === 'list' ? state === 'parked' || state === 'receiving' : code !== null || reason !== null;
}

function labelOf(paint: Paint, { state }: Reason): string {
  const label = states[state] ?? state;
  return state === 'failed' || state === 'open' ? paint.bad(label) : label;
}

function textOf({ what, state, code, reason, count, fix }: Reason): string {
  const [one, many] = nouns[what] ?? [what, what];
  const why = what === 'list' ? (state === 'parked' ? 'pages are missing' : null) : (reason ?? code);
  const known = code === null || why === code ? '' : ` (${code})`;
  return `${counted(count, one, many)}${why === null ? '' : `: ${why.replace(/\.$/, '')}`}${known}${fix === null ? '' : `. What to do: ${fix}`}`;
}
