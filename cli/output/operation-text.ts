import type { OperationRunView, OperationView } from '../../gateway/routes/operations.ts';
import type { Paint } from './paint.ts';
import { table, wrapped } from './table.ts';

const widest = 60;

/** Operations with a line each; what changes Mail+, and what must not be repeated, is marked. */
export function operationListText(operations: readonly OperationView[]): string {
  if (operations.length === 0) return 'There is no such operation.';
  const rows = operations.map((one) => [one.name, wrapped([one.about, one.note === null ? '' : `(${one.note})`].join(' ').trim(), widest), inputText(one), one.changes ? (one.idempotent ? 'changes' : 'changes, never twice') : 'reads']);
  return `${table(['operation', 'what it is for', 'input', ''], rows)}\nWhat stands in [ ] may be left out. \`hub mailplus call <operation> '{"…":"…"}'\` runs one.`;
}

function inputText({ input }: OperationView): string {
  return input.map(({ name, needed }) => (needed ? name : `[${name}]`)).join('\n');
}

/** What was sent, what came back, and what to do about it. */
export function operationRunText(paint: Paint, { sent, status, answer, problem, note }: OperationRunView): string {
  return [
    `${paint.strong('Sent')}  ${sent.method} ${addressText(sent)}`,
    ...(sent.body === undefined ? [] : [JSON.stringify(sent.body, null, 2)]),
    `${paint.strong('Answer')}  ${status === null ? 'none' : String(status)}`,
    ...(answer === null ? [] : [JSON.stringify(answer, null, 2)]),
    ...(note === null ? [] : [`${paint.warn('Please note:')} ${note}`]),
    ...(problem === null ? [] : [`${paint.bad(problem.code)}: ${problem.message}\n  What to do: ${problem.fix}`]),
  ].join('\n');
}

/** Path and query in the form that a person can read: ids and values as they were given. */
function addressText({ path, ids, query }: OperationRunView['sent']): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (part, name: string) => ids[name] ?? part);
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${String(value)}`);
  return pairs.length === 0 ? filled : `${filled}?${pairs.join('&')}`;
}
