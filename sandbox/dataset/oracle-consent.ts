/** One statement of a person about a permission. A `false` without a date means never asked. */
export type Statement = { value: boolean; date: string | null };

/** What several statements together say so far. Start with {@link NO_STATEMENTS}. */
export type Verdict = {
  /** Milliseconds since 1970 of the newest dated statement, -Infinity when there is none. */
  readonly at: number;
  readonly value: boolean;
  readonly undatedGrant: boolean;
};

/** Nothing was said yet. */
export const NO_STATEMENTS: Verdict = { at: Number.NEGATIVE_INFINITY, value: false, undatedGrant: false };

/**
 * Adds one statement. The newest dated one decides, at equal times the withdrawal; an undated grant is kept apart, an
 * undated `false` is nothing at all. The order of the calls does not matter.
 */
export function addStatement(verdict: Verdict, statement: Statement): Verdict {
  if (statement.date === null) return statement.value ? { ...verdict, undatedGrant: true } : verdict;
  const at = Date.parse(statement.date);
  if (at < verdict.at) return verdict;
  if (at > verdict.at) return { ...verdict, at, value: statement.value };
  return { ...verdict, value: verdict.value && statement.value };
}

/**
 * Whether the permission is on in the end. A dated statement decides; without one an undated grant switches it on, and
 * without that it stays as Mail+ had it.
 */
export function permissionAfter(verdict: Verdict, onBefore: boolean): boolean {
  if (verdict.at > Number.NEGATIVE_INFINITY) return verdict.value;
  return verdict.undatedGrant || onBefore;
}
