import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { ZodError, z } from 'zod';
import { ApiError } from '../http/api-error.ts';
import { parseQuery } from '../http/query.ts';
import { Router } from '../http/router.ts';
import { ControlError } from './control-error.ts';
import type { MailplusControl } from './control.ts';
import { controlRoutes } from './routes.ts';

const router = new Router(controlRoutes);

/** The HTTP server of the control side: JSON in and out, no authentication, for loopback only. */
export function createControlServer(control: MailplusControl): Server {
  return createServer((request, response) => {
    answer(control, request, response).catch(() => response.destroy());
  });
}

async function answer(control: MailplusControl, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readText(request);
  const [path = '', rawQuery = ''] = (request.url ?? '/').slice(1).split('?', 2);
  if (request.method === 'GET' && path === 'state/contacts') {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    await pipeline(Readable.from(contactLines(control)), response);
    return;
  }
  const { status, answer: value } = carryOut(control, { method: request.method ?? 'GET', path, rawQuery, body });
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

interface ControlRequest {
  readonly method: string;
  readonly path: string;
  readonly rawQuery: string;
  readonly body: string;
}

function carryOut(control: MailplusControl, request: ControlRequest): { readonly status: number; readonly answer: unknown } {
  try {
    const { operation, path } = router.match(request.method, request.path);
    const body: unknown = request.body === '' ? undefined : JSON.parse(request.body);
    return { status: 200, answer: operation.handle({ control, path, query: parseQuery(request.rawQuery) ?? [], body }) };
  } catch (error) {
    if (error instanceof ControlError || error instanceof ApiError) return { status: error.status, answer: { error: error.message } };
    if (error instanceof ZodError) return { status: 400, answer: { error: z.prettifyError(error) } };
    if (error instanceof SyntaxError) return { status: 400, answer: { error: 'The body is not valid JSON' } };
    throw error;
  }
}

function* contactLines(control: MailplusControl): Generator<string> {
  let lines = '';
  for (const contact of control.contacts()) {
    lines += `${JSON.stringify(contact)}\n`;
    if (lines.length > 65_536) {
      yield lines;
      lines = '';
    }
  }
  yield lines;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
