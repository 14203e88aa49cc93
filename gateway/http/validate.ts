import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import { wordsFor } from '../../platforms/wording.ts';

type Issue = Parameters<typeof wordsFor>[0];

/** Checks parts of requests by their schemas. What is wrong becomes REQUEST_INVALID with the field and what it should be; no value is repeated. */
export const validateRequests: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => (data: unknown) => {
  const parsed = schema.safeParse(data, { error: requestWords });
  return parsed.success ? { value: parsed.data } : { error: requestError(parsed.error, httpPart ?? 'body') };
};

function requestWords(issue: Issue): string {
  if (issue.code === 'invalid_union') return 'has none of the shapes that are allowed';
  return issue.code === 'invalid_format' && issue.format === 'regex' ? `must have the form ${issue.pattern ?? ''}` : wordsFor(issue);
}

function requestError(error: z.ZodError, part: string): HubError {
  const [first] = error.issues;
  const field = (first?.path ?? []).map(String).join('.') || (part === 'querystring' ? 'query' : part);
  return new HubError('REQUEST_INVALID', `${field}: ${first?.message ?? 'is wrong'}`, { field });
}
