import type { z } from 'zod';

/** `consents[0].date` for `['consents', 0, 'date']`; empty for the thing itself. */
function pathText(path: readonly PropertyKey[]): string {
  return path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('').replace(/^\./, '');
}

/** Where the first thing wrong is, and a sentence about it that repeats no value. `whole` names the thing itself. */
export function firstIssue(error: z.ZodError, whole: string): { readonly path: string; readonly reason: string } {
  const issue = error.issues[0];
  const path = pathText(issue?.path ?? []);
  return { path, reason: `${path === '' ? whole : path} ${issue?.message ?? 'is not valid'}` };
}
