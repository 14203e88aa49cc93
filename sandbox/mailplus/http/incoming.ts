import type { IncomingMessage } from 'node:http';
import type { ApiVersion } from './call.ts';

/** Bases that are served, the longer one first because the shorter is its beginning. */
const bases: readonly (readonly [path: string, version: ApiVersion])[] = [
  ['/integrationservice-1.1.0', '1.1.0'],
  ['/integrationservice', 'current'],
];

const maxBodyBytes = 10_000_000;

/** A received request, read whole. */
export interface IncomingCall {
  readonly method: string;
  /** Scheme, host and path as sent: what OAuth signs. */
  readonly url: string;
  readonly version: ApiVersion;
  /** Path below the base with a leading slash and without a trailing one. */
  readonly path: string;
  readonly rawQuery: string;
  readonly headers: IncomingMessage['headers'];
  /** `undefined` when it was too long. */
  readonly body: Buffer | undefined;
}

/** Reads a request. `undefined` when its path lies under neither base. Rejects when the caller went away. */
export async function readIncoming(request: IncomingMessage): Promise<IncomingCall | undefined> {
  const body = await readBody(request);
  const target = request.url ?? '/';
  const queryStart = target.indexOf('?');
  const fullPath = queryStart < 0 ? target : target.slice(0, queryStart);
  const base = bases.find(([path]) => fullPath === path || fullPath.startsWith(`${path}/`));
  if (base === undefined) return undefined;
  return {
    method: request.method ?? 'GET',
    url: `http://${request.headers.host ?? ''}${fullPath}`,
    version: base[1],
    path: withoutTrailingSlash(fullPath.slice(base[0].length)),
    rawQuery: queryStart < 0 ? '' : target.slice(queryStart + 1),
    headers: request.headers,
    body,
  };
}

function withoutTrailingSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** The whole body, read to its end even when it is too long, so that the caller gets to see the answer. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= maxBodyBytes) chunks.push(chunk);
  }
  return length > maxBodyBytes ? undefined : Buffer.concat(chunks);
}
