import type { OperationRunView, OperationView } from '../../gateway/routes/operations.ts';
import type { Paint } from './paint.ts';
import { facts } from './table.ts';

/** Operations with a line each; what changes Mail+, and what must not be repeated, is marked. One alone is shown with its input. */
export function operationListText(operations: readonly OperationView[]): string {
  const [one, ...others] = operations;
  if (one === undefined) return 'There is no such operation.';
  if (others.length === 0) return operationText(one);
  const [names, effects] = [operations.map(({ name }) => name), operations.map(effectText)].map((column) => Math.max(...column.map(({ length }) => length)));
  const lines = operations.map((each) => `${each.name.padEnd(names ?? 0)}  ${effectText(each).padEnd(effects ?? 0)}  ${each.about}${each.note === null ? '' : ' (path assumed)'}`);
  return [...lines, '', '`hub mailplus operations <operation>` shows what one needs, `hub mailplus call <operation> \'{"…":"…"}\'` runs it.'].join('\n');
}

function operationText(one: OperationView): string {
  const pages = { none: '', array: 'all at once', offset: 'a page: «after» is the offset, «pageSize» the number', fixed: 'a page: «after» is the offset, Mail+ sets the number' }[one.paging];
  const names = (needed: boolean) => one.input.filter((each) => each.needed === needed).map(({ name }) => name).join(', ');
  return facts([
    ['operation', one.name], ['for', one.about], ['call', `${one.method} ${one.path}`], ['effect', effectText(one)], ['has to be given', names(true)], ['may be given', names(false)], ['rows', pages], ['please note', one.note],
  ]);
}

function effectText({ changes, idempotent }: OperationView): string {
  if (!changes) return 'reads';
  return idempotent ? 'writes' : 'writes, never twice';
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
