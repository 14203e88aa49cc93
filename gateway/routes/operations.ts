import { z } from 'zod';
import { requirePlatform } from '../connectors/load-connector.ts';
import { runOperation } from '../connectors/run-operation.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answerFor, answers, errorAnswerSchema } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';
import { connectorParams } from './connectors.ts';

const operationSchema = z.object({
  name: z.string(),
  method: z.string(),
  path: z.string(),
  about: z.string().describe('What it is for.'),
  changes: z.boolean().describe('Whether it changes the platform, or what people receive.'),
  idempotent: z.boolean().describe('Whether a repeat leaves everything as one call does.'),
  paging: z.enum(['none', 'array', 'offset', 'fixed']).describe('`array`: all rows at once; `offset`: `after` and `pageSize`; `fixed`: `after`, the platform sets the size.'),
  input: z.array(z.object({ name: z.string(), needed: z.boolean() })),
  note: z.string().nullable(),
}).meta({ id: 'Operation' });

const requestSchema = z.strictObject({
  input: z.record(z.string(), z.unknown()).default({}).describe('Parts of the path and query parameters by name, and the body as `body`.'),
  confirm: z.boolean().default(false).describe('That a change is meant; needed by operations that change something.'),
}).meta({ id: 'RunOperation' });

const runSchema = z.object({
  operation: z.string(),
  sent: z.object({
    method: z.string(),
    path: z.string(),
    ids: z.record(z.string(), z.string()),
    query: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    body: z.unknown().optional(),
  }).describe('What was sent, without the signature.'),
  status: z.number().nullable().describe('HTTP status of the platform\'s answer; null when none came.'),
  answer: z.unknown().describe('The platform\'s answer as it came; null when it was empty or no JSON.'),
  problem: errorAnswerSchema.shape.error.extend({ platformCode: z.string().nullable() }).nullable().describe('What went wrong.'),
  note: z.string().nullable().describe('Where the answer differs from the contract.'),
}).meta({ id: 'OperationRun' });

/** `operationSchema`. */
export type OperationView = z.infer<typeof operationSchema>;
/** `runSchema`. */
export type OperationRunView = z.infer<typeof runSchema>;

/** Single operations of a platform's API, for support. */
export function operationRoutes(app: App, deps: ApiDependencies): void {
  app.get('/platforms/:platform/operations', {
    config: { access: 'viewer' },
    schema: { tags: ['set-up'], summary: 'List the operations of a platform\'s API', params: z.object({ platform: z.string().describe('As `mailplus`.') }), response: answers(z.object({ operations: z.array(operationSchema) })) },
  }, async (request) => {
    const { operations = [] } = requirePlatform(deps, request.params.platform);
    return { operations: operations.map(({ note = null, ...one }) => ({ ...one, input: [...one.input], note })) };
  });
  app.post('/connectors/:connectorId/operations/:operation', {
    config: { access: 'operator' },
    schema: {
      tags: ['commands'], summary: 'Run one operation of the platform\'s API, for support', body: requestSchema, response: answers(runSchema),
      description: 'Answers 200 with what was sent and what came back, also when the platform refuses: `problem` says so then. Nothing is tried again. Each run is in the audit, without its contents.',
      params: connectorParams.extend({ operation: z.string().describe('As `contact.get`; `GET /platforms/mailplus/operations` lists them.') }),
    },
  }, async (request) => {
    const { connectorId, operation } = request.params;
    const { sent, status = null, answer = null, problem, note = null } = await runOperation(deps, callerOf(request), { connectorId, operation, ...request.body });
    return {
      operation, status, answer, note, sent: { ...sent, ids: { ...sent.ids }, query: { ...sent.query } },
      problem: problem === undefined ? null : { ...answerFor(problem).body.error, platformCode: problem.facts.platformCode ?? null },
    };
  });
}
