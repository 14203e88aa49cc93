import type { z } from 'zod';

/** What is wrong with an input: where, as `body.contacts.1.externalId`, and in words that follow the name of the field. */
export interface InputFault {
  readonly field: string;
  readonly what: string;
}

type Issue = z.core.$ZodIssue;

/** The first fault of an input, for a person. Never says a value: it may be personal. Issues need their input (`reportInput`). */
export function explainFault(issues: readonly Issue[]): InputFault {
  const [issue] = issues;
  return issue === undefined ? { field: '', what: 'is wrong' } : faultOf(issue, []);
}

function faultOf(issue: Issue, before: readonly PropertyKey[]): InputFault {
  const path = [...before, ...issue.path];
  if (issue.code === 'unrecognized_keys') return { field: named([...path, issue.keys[0] ?? '']), what: 'is not known here' };
  if (issue.code === 'invalid_union') return faultOfUnion(issue, path);
  if (issue.code === 'invalid_value') return { field: named(path), what: missing(issue) ?? custom(issue) ?? `must be ${issue.values.map(String).join(', or ')}` };
  if (issue.code === 'invalid_type') return { field: named(path), what: missing(issue) ?? custom(issue) ?? `must be ${issue.expected}` };
  return { field: named(path), what: issue.message };
}

/** The form that was meant: the one whose type is right. */
function faultOfUnion(issue: Extract<Issue, { code: 'invalid_union' }>, path: readonly PropertyKey[]): InputFault {
  const firsts = issue.errors.flatMap((issues) => issues.slice(0, 1));
  const meant = firsts.find((one) => one.code !== 'invalid_type' || one.path.length > 0);
  if (meant !== undefined && issue.input !== undefined) return faultOf(meant, path);
  const types = firsts.flatMap((one) => (one.code === 'invalid_type' ? [one.expected] : []));
  return { field: named(path), what: missing(issue) ?? custom(issue) ?? `must be ${[...new Set(types)].join(' or ')}` };
}

/** The schema's own sentence, where it has one. */
const custom = ({ message }: Issue): string | undefined => (/^Invalid (?:input|option)/.test(message) ? undefined : message);
const missing = (issue: Issue): string | undefined => (issue.input === undefined ? custom(issue) ?? 'has to be given' : undefined);
const named = (path: readonly PropertyKey[]): string => path.map(String).join('.');
