import type { Statement } from './oracle-consent.ts';

/** How often something may be switched on and off. */
export type Switches = { readonly on: number; readonly off: number };

/**
 * How often a permission may be switched at the outside system by these statements, in whatever order they come and wherever a
 * delivery falls between them. Each newer statement can turn the value, so those who share an address and say yes, no and yes
 * again allow two switches on. Sorted by time (an undated grant before all, at one instant the grant before the withdrawal), each
 * row of equal values allows one.
 */
export function mostSwitches(statements: readonly Statement[]): Switches {
  const inOrder = statements
    .filter(({ value, date }) => value || date !== null)
    .map(({ value, date }) => ({ value, at: date === null ? Number.NEGATIVE_INFINITY : Date.parse(date) }))
    .toSorted((left, right) => (left.at === right.at ? Number(right.value) - Number(left.value) : left.at < right.at ? -1 : 1));
  const turns = inOrder.filter(({ value }, index) => inOrder[index - 1]?.value !== value);
  const on = turns.filter(({ value }) => value).length;
  return { on, off: turns.length - on };
}
