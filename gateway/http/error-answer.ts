import { z } from 'zod';
import { catalogue } from '../../domain/error-catalogue.ts';
import type { HubError } from '../../domain/errors.ts';

/** What every refusal and failure looks like. */
export const errorAnswerSchema = z.object({
  error: z.object({
    code: z.string().describe('Stable; `docs/errors.md` lists them.'),
    message: z.string().describe('What happened, and to what.'),
    cause: z.string(),
    fix: z.string().describe('What to do.'),
    field: z.string().optional().describe('The part of the request that is wrong.'),
  }),
}).meta({ id: 'ErrorAnswer' });

/** The answer to a request that failed (`errorAnswerSchema`). */
export type ErrorAnswer = z.infer<typeof errorAnswerSchema>;

/** Status and body for an error. */
export function answerFor(error: HubError): { readonly status: number; readonly body: ErrorAnswer } {
  const { cause, httpStatus } = catalogue[error.code];
  const field = error.facts.field;
  return { status: httpStatus, body: { error: { code: error.code, message: error.message, cause, fix: error.fix, ...(field === undefined ? {} : { field }) } } };
}

/** The response schemas of a route: what it answers, and that it may fail. */
export function answers<Schema extends z.ZodType>(schema: Schema): { 200: Schema; '4xx': typeof errorAnswerSchema; '5xx': typeof errorAnswerSchema };
export function answers<Schema extends z.ZodType, Status extends 201 | 202>(schema: Schema, status: Status): Record<Status, Schema> & { '4xx': typeof errorAnswerSchema; '5xx': typeof errorAnswerSchema };
export function answers(schema: z.ZodType, status = 200): Record<string, z.ZodType> {
  return { [status]: schema, '4xx': errorAnswerSchema, '5xx': errorAnswerSchema };
}
