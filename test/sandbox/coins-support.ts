import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';

import type { CoinsSandbox } from '../../sandbox/coins/index.ts';
import type { ListSyncPage } from '../../sandbox/coins/wire.ts';

/** An answer, read whole. */
export type Reply = { status: number; headers: Headers; body: unknown };

async function call(url: string, method: string, body: unknown, headers: Record<string, string>): Promise<Reply> {
  const init: RequestInit = { method, headers: { 'content-type': 'application/json', ...headers } };
  if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(url, init);
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false;
  return { status: answer.status, headers: answer.headers, body: isJson ? (JSON.parse(text) as unknown) : text };
}

/** Calls the Coins API as the hub does, with the right token unless told. */
export function asHub(sandbox: CoinsSandbox, method: string, path: string, body?: unknown, token = sandbox.token): Promise<Reply> {
  return call(`${sandbox.url}/api/v1${path}`, method, body, { authorization: `Bearer ${token}` });
}

/** Calls the control side. */
export function asOperator(sandbox: CoinsSandbox, method: string, path: string, body?: unknown): Promise<Reply> {
  return call(`${sandbox.controlUrl}${path}`, method, body, {});
}

/** A call that the stand-in for the hub received. */
export type Received = { method: string; path: string; authorization: string | undefined; key: string | undefined; page: ListSyncPage | undefined; text: string };

/** How the stand-in answers the n-th call (from 0). */
export type Script = (received: Received, index: number) => { status: number; body?: unknown; headers?: Record<string, string> } | 'reset';

/** A stand-in for the hub's inbound side. */
export type FakeHub = { url: string; received: Received[]; close(): Promise<void> };

/** Accepts everybody but prospects whose id ends in 9. */
export function acceptAll({ page, method }: Received): { status: number; body?: unknown } {
  if (method === 'DELETE' || page === undefined) return { status: 204 };
  const rejected = page.prospects.flatMap(({ prospectId }) => (prospectId.endsWith('9') ? [{ prospectId, reason: 'invalid' }] : []));
  return { status: 202, body: { syncId: page.syncId, accepted: page.prospects.length - rejected.length, rejected } };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const headerOf = (incoming: IncomingMessage, name: string): string | undefined => {
  const value = incoming.headers[name];
  return typeof value === 'string' ? value : undefined;
};

/** Starts a stand-in for the hub on a free port. */
export async function startFakeHub(script: Script = acceptAll): Promise<FakeHub> {
  const received: Received[] = [];
  const server = createServer((incoming, outgoing) => {
    void textOf(incoming).then((text) => {
      const page = text === '' ? undefined : (JSON.parse(text) as ListSyncPage);
      const { method = '', url = '' } = incoming;
      const request = { method, path: url, authorization: headerOf(incoming, 'authorization'), key: headerOf(incoming, 'idempotency-key'), page, text };
      received.push(request);
      const answer = script(request, received.length - 1);
      if (answer === 'reset') return incoming.socket.resetAndDestroy();
      outgoing.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      return outgoing.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in has no port');
  const close = (): Promise<void> => new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${address.port}`, received, close };
}
