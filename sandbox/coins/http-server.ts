import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { Refusal } from './refusal.ts';
import type { Answer } from './refusal.ts';

/** A request that has come in whole. */
export type Request = {
  method: string;
  /** Path without the query, still percent-encoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Aborts when the server closes. */
  signal: AbortSignal;
};

/** How an answer goes out: as it is, cut off half-way, or not at all (the connection is reset). */
export type Delivery = { answer: Answer; ending?: 'whole' | 'half' | 'reset' };

/** Carries out one request; a thrown {@link Refusal} becomes its answer. */
export type Handler = (request: Request) => Promise<Delivery>;

/** A server that listens on the loopback address. */
export type HttpServer = { url: string; port: number; close(): Promise<void> };

async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
  }
  if (size > maxBytes) throw new Refusal(413, `the body is larger than ${maxBytes} bytes`);
  return Buffer.concat(chunks);
}

function send(outgoing: ServerResponse, { answer, ending }: Delivery): void {
  if (ending === 'reset') {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  const { body } = answer;
  const isText = typeof body === 'string';
  const bytes = Buffer.from(body === undefined ? '' : isText ? body : JSON.stringify(body));
  const type = isText ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8';
  const head = body === undefined ? {} : { 'content-type': type };
  outgoing.writeHead(answer.status, { ...head, ...answer.headers, 'content-length': bytes.length });
  if (ending === 'half') {
    outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => outgoing.socket?.destroy());
    return;
  }
  outgoing.end(bytes);
}

async function answerOf(handler: Handler, incoming: IncomingMessage, maxBodyBytes: number, signal: AbortSignal): Promise<Delivery> {
  try {
    const url = new URL(incoming.url ?? '/', 'http://sandbox');
    const body = await readBody(incoming, maxBodyBytes);
    const { method = 'GET', headers } = incoming;
    return await handler({ method, path: url.pathname, query: url.searchParams, headers, body, signal });
  } catch (error) {
    if (error instanceof Refusal) return { answer: { status: error.status, body: error.body } };
    return { answer: { status: 500, body: { message: error instanceof Error ? error.message : String(error) } } };
  }
}

function closing(server: Server, sockets: Set<Socket>, abort: AbortController): () => Promise<void> {
  return () =>
    new Promise((resolve) => {
      abort.abort();
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/**
 * Listens on 127.0.0.1.
 *
 * @param options `port` 0 takes any free one; bodies over `maxBodyBytes` are answered 413
 * @throws when the port is taken
 */
export async function listen(handler: Handler, options: { port: number; maxBodyBytes: number }): Promise<HttpServer> {
  const abort = new AbortController();
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: 65_000 }, (incoming, outgoing) => {
    void answerOf(handler, incoming, options.maxBodyBytes, abort.signal).then((delivery) => send(outgoing, delivery));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const port = portOf(server);
  return { url: `http://127.0.0.1:${port}`, port, close: closing(server, sockets, abort) };
}
