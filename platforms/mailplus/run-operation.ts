import { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import type { OperationRun, OperationSummary, PlatformContext } from '../platform.ts';
import { startProblem } from './automation-result.ts';
import { callOf, checkInput, contractDifference, refusedOperation, sendOperation } from './call-operation.ts';
import type { Operation } from './operations/define.ts';
import { operations } from './operations/index.ts';
import { answerSchema, inputSchema } from './operations/schemas.ts';

type Started = Parameters<typeof startProblem>[0];

const all: Readonly<Record<string, Operation>> = operations;

/** Every operation, for a person to choose from. */
export const operationSummaries: readonly OperationSummary[] = Object.values(all).map((operation) => ({
  name: operation.name, method: operation.method, path: operation.path, about: operation.about, changes: operation.changes, idempotent: operation.idempotent,
  paging: operation.paging.kind, input: inputNames(operation),
  ...(operation.evidence === 'assumed' ? { note: 'Spotler names this operation but not its path: the path is assumed.' } : {}),
}));

/**
 * Runs one operation for support, with nothing added and nothing tried again. Throws HubError REQUEST_INVALID, with the field, before
 * anything is sent; whatever happens after that is part of the result.
 */
export async function runOperation(context: PlatformContext, name: string, input: unknown): Promise<OperationRun> {
  const operation = named(name);
  const sendable = checkInput(context, operation, input);
  const { ids = {}, query = {}, body } = callOf(operation, sendable);
  const sent = { method: operation.method, path: operation.path, ids, query, ...(body === undefined ? {} : { body }) };
  let thrown: unknown;
  try {
    const { status, body: answer, refusal } = await sendOperation(context, operation, sendable, (body) => {
      thrown = body;
    });
    const came = { sent, status, ...(answer === undefined ? {} : { answer }) };
    if (refusal !== undefined) return { ...came, problem: refusedOperation(operation, refusal, sendable) };
    const difference = contractDifference(context, operation, sendable, answer);
    if (difference !== undefined) return { ...came, note: difference };
    const problem = name === 'automation.trigger' ? startProblem(answerSchema(operations[name], 'UTC').parse(answer) as Started) : undefined;
    return { ...came, ...(problem === undefined ? {} : { problem }) };
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    const { status } = error.facts;
    return { sent, problem: error, ...(status === undefined ? {} : { status }), ...(thrown === undefined ? {} : { answer: thrown }) };
  }
}

function named(name: string): Operation {
  const operation = Object.hasOwn(all, name) ? all[name] : undefined;
  if (operation !== undefined) return operation;
  const [resource = ''] = name.split('.');
  const near = Object.keys(all).filter((other) => other.split('.')[0] === resource);
  const there = near.length === 0 ? '' : ` There are: ${near.join(', ')}.`;
  throw new HubError('REQUEST_INVALID', `Mail+ has no operation «${name}».${there}`, { field: 'operation', fix: 'Choose one of `hub mailplus operations`.' });
}

function inputNames(operation: Operation): OperationSummary['input'] {
  return namesIn(inputSchema(operation, 'UTC'), '');
}

/** Names of what an object holds, objects in it by their own names. */
function namesIn(schema: z.ZodType, before: string): OperationSummary['input'] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>).flatMap(([name, part]) => {
    const inside = namesIn(part, `${before}${name}.`);
    return inside.length > 0 ? inside : [{ name: `${before}${name}`, needed: !part.safeParse(undefined).success }];
  });
}
