import type { z } from 'zod';
import type { QueryParameters } from '../http/query.ts';
import type { MailplusControl } from './control.ts';

/** What a control endpoint gets. */
export interface ControlCall {
  readonly control: MailplusControl;
  readonly path: Readonly<Record<string, string>>;
  readonly query: QueryParameters;
  readonly body: unknown;
}

/** An endpoint of the control side; it returns what is answered as JSON. */
export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly handle: (call: ControlCall) => unknown;
}

const done = { done: true };

/** An endpoint without a body. */
export function bare(method: ControlRoute['method'], path: string, handle: ControlRoute['handle']): ControlRoute {
  return { method, path, handle };
}

/** An endpoint whose body has this shape. */
export function route<Schema extends z.ZodType>(
  method: ControlRoute['method'], path: string, schema: Schema, handle: (body: z.output<Schema>, call: ControlCall) => unknown,
): ControlRoute {
  return { method, path, handle: (call) => handle(schema.parse(call.body), call) };
}

/** The answer of an endpoint that has nothing to tell. */
export function after(_nothing: void): typeof done {
  return done;
}
