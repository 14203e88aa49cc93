import type { Fields, Scalar } from './fields.ts';

/** True for a value that says nothing at a platform: `null`, `''` or absent. */
export function isEmptyValue(value: Scalar | undefined): boolean {
  return value === null || value === undefined || value === '';
}

/** Equality as a platform has it: `null`, `''` and absent are the same; everything else compares strictly. */
export function isSameValue(a: Scalar | undefined, b: Scalar | undefined): boolean {
  return a === b || (isEmptyValue(a) && isEmptyValue(b));
}

/** True when both name the same fields with strictly the same values, in whatever order. */
export function areSameFields(a: Fields, b: Fields): boolean {
  if (a === b) return true;
  let count = 0;
  for (const name in a) {
    if (a[name] !== b[name]) return false;
    count += 1;
  }
  for (const _name in b) count -= 1;
  return count === 0;
}
