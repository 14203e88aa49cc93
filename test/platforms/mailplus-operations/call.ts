import type { ServerResponse } from 'node:http';
import { callOperation } from '../../../platforms/mailplus/call-operation.ts';
import type { Operation, SingleOperation } from '../../../platforms/mailplus/operations/define.ts';
import { operations } from '../../../platforms/mailplus/operations/index.ts';
import { HubError } from '../../../domain/errors.ts';
import { mailplusContext, type ContextChanges } from '../mailplus-context.ts';
import { startRawServer, type RawServer, type SeenRequest } from '../raw-server.ts';
import { commerceCases } from './cases/commerce.ts';
import { contactCases } from './cases/contacts.ts';
import { groupCases } from './cases/groups.ts';
import { reportCases } from './cases/reports.ts';
import type { WireCase } from './wire-case.ts';

/** A case for each operation, by its name. */
export const wireCases: Readonly<Record<string, WireCase>> = { ...contactCases, ...groupCases, ...commerceCases, ...reportCases };

/** An operation by a name that is not known before the test runs. */
export function operationNamed(name: string): Operation {
  const one = (operations as unknown as Readonly<Record<string, Operation>>)[name];
  if (one === undefined) throw new Error(`no operation ${name}`);
  return one;
}

/** A raw Mail+ whose answer can be changed between calls. */
export interface RawMailplus {
  readonly server: RawServer;
  answer: (response: ServerResponse, request: SeenRequest) => void;
  /** Calls an operation by its name. */
  call(name: string, input?: object, changes?: ContextChanges): Promise<unknown>;
  /** What a call ends with that does not succeed. */
  failure(name: string, input?: object): Promise<HubError>;
}

/** Starts one; inputs default to those of the operation's case. */
export async function startRawMailplus(): Promise<RawMailplus> {
  const server = await startRawServer((request, response) => mailplus.answer(response, request));
  const mailplus: RawMailplus = {
    server,
    answer: (response) => response.writeHead(204).end(),
    call: (name, input = wireCases[name]?.input ?? {}, changes = {}) => callOperation(mailplusContext(server.url, changes), operationNamed(name) as SingleOperation, input),
    failure: async (name, input) => {
      const ended = await mailplus.call(name, input).then(() => new Error('it succeeded'), (error: unknown) => error);
      if (ended instanceof HubError) return ended;
      throw ended;
    },
  };
  return mailplus;
}
