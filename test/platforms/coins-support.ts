import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { coins } from '../../platforms/coins/index.ts';
import type { InboundRequest, PlatformContext } from '../../platforms/platform.ts';
import { patientServer } from '../support/patient-server.ts';

/** The time that the tests take as now. */
export const now = '2026-11-21T10:00:00.000Z';

/** A context with the default settings; nothing is limited. */
export function contextFor(baseUrl: string, settings: Record<string, unknown> = {}): PlatformContext {
  return {
    connectorId: 'coins-1',
    settings: coins.description.settings.parse({ baseUrl, ...settings }),
    credentials: { apiToken: 'secret-token' },
    signal: new AbortController().signal,
    acquire: () => Promise.resolve(),
    now: () => Date.parse(now),
    log: { debug: () => undefined, warn: () => undefined },
    permissionKeys: { 'Consent to Receive Email Marketing': 'consent:EMAIL_MKT', 'Consent to Receive SMS Marketing': 'consent:SMS_MKT' },
    fields: [],
  };
}

/** A card of the assumed contract. */
export function card(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    prospectId: 'P100234', title: 'Ms', forename: 'Anna', surname: 'Hill', email: 'anna@hill.example', mobile: '+447700900123', telephone: '',
    address: { line1: '', line2: '', town: '', county: '', postcode: '', country: 'GB' },
    developmentCode: 'OAKW', plot: null, source: 'WEB', levelOfInterest: 'HOT', status: 'ACTIVE', salesAdviser: 'JS',
    consents: [
      { code: 'EMAIL_MKT', description: 'Consent to Receive Email Marketing', value: true, date: '2026-11-01T10:00:00Z' },
      { code: 'SMS_MKT', description: 'Consent to Receive SMS Marketing', value: false, date: null },
    ],
    lastModified: '2026-11-20T09:12:00Z',
    ...fields,
  };
}

/** A page of a list sync of the assumed contract. */
export function listSync(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    syncId: 'LS-000123', cid: '210', list: { id: 'L-55', name: 'Oakwood launch', description: '' },
    campaign: { id: 'C-9', name: 'Spring 2027', startDate: '2027-03-01', endDate: '2027-04-30' },
    page: 1, pageCount: 3, prospects: [card()],
    ...fields,
  };
}

/** A request as the gateway hands it over. */
export function inbound(body: unknown, request: Partial<InboundRequest> = {}): InboundRequest {
  return {
    id: 'request-1', method: 'POST', path: '/list-syncs', headers: { 'idempotency-key': 'LS-000123' }, rawBody: Buffer.from(JSON.stringify(body) ?? ''),
    body, receivedAt: now, ...request,
  };
}

/** A request that the server got. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** An answer of the server: JSON, or text as it is, or a broken connection. */
export type Reply = { readonly status: number; readonly json?: unknown; readonly text?: string; readonly headers?: Record<string, string> } | 'reset';

/** A server on a socket of its own that answers as told and remembers what it got. */
export interface TestServer {
  readonly url: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

function answer(response: ServerResponse, reply: Reply): void {
  if (reply === 'reset') {
    response.destroy();
    return;
  }
  const isJson = reply.text === undefined;
  response.writeHead(reply.status, { 'content-type': isJson ? 'application/json' : 'text/html', ...reply.headers });
  response.end(reply.text ?? JSON.stringify(reply.json ?? {}));
}

/** Starts a server on a free port. */
export async function startServer(reply: (request: Received) => Reply): Promise<TestServer> {
  const received: Received[] = [];
  const server = createServer(patientServer, (request, response) => {
    void textOf(request).then((text) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const { authorization } = request.headers;
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      const got = { method: request.method ?? '', path: url.pathname, query: url.searchParams, authorization, body };
      received.push(got);
      answer(response, reply(got));
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close: () => new Promise((resolve, reject) => {
      server.closeAllConnections();
      server.close((error) => (error ? reject(error) : resolve()));
    }),
  };
}

/** Answers as `reply` does, and with an empty page where the list of prospects is asked for. */
export function withList(reply: (request: Received) => Reply): (request: Received) => Reply {
  return (request) => (request.path === '/api/v1/prospects' ? { status: 200, json: { prospects: [], page: 1, pageCount: 0 } } : reply(request));
}

/** The HubError that a call ends in. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('it was expected to fail, and did not');
}
