import { request as callUpstream, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { withServer } from './with-server.ts';

/** A request that the hostile server got, with its body when it was read. */
export interface HostileRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An answer of the honest server behind. */
export interface HonestAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request that a trick plays with: its raw sides, and what an honest server would say. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  /** Reads the request's body; once. */
  received(): Promise<HostileRequest>;
  /** Lets the honest server answer (and store); once. */
  honest(): Promise<HonestAnswer>;
}

/** How a request is answered instead of honestly. */
export type Trick = (exchange: Exchange) => Promise<void> | void;

/** A platform's honest server with a liar in front of it. */
export interface HostileSource {
  /** The liar's address in the place of the honest one's, with its path. */
  readonly url: string;
  /** Every request whose head came in, oldest first: method and address. */
  readonly arrivals: readonly { readonly method: string; readonly url: URL; readonly headers: IncomingHttpHeaders }[];
  /** Plays the trick on requests that match, until another one takes its place; `times` ends it after so many. */
  play(trick: Trick, options?: { readonly times?: number; readonly matches?: (request: { readonly method: string; readonly url: URL }) => boolean }): void;
  /** Honest again, and forgets what arrived. */
  reset(): void;
  close(): Promise<void>;
}

interface Playing {
  readonly trick: Trick;
  readonly matches: (request: { readonly method: string; readonly url: URL }) => boolean;
  left: number;
}

/** Starts a liar in front of the honest server at `honestUrl`. What no trick is played on is passed on, unchanged in both directions. */
export async function startHostileSource(honestUrl: string): Promise<HostileSource> {
  const honest = new URL(honestUrl);
  const arrivals: { method: string; url: URL; headers: IncomingHttpHeaders }[] = [];
  let playing: Playing | undefined;
  const server = await withServer(async (incoming, response) => {
    const arrival = { method: incoming.method ?? '', url: new URL(incoming.url ?? '/', 'http://hostile.test'), headers: incoming.headers };
    arrivals.push(arrival);
    const isPlayed = playing !== undefined && playing.left > 0 && playing.matches(arrival);
    const exchange = exchangeOf(honest, incoming, response);
    if (!isPlayed || playing === undefined) return honestly(exchange);
    playing.left -= 1;
    await playing.trick(exchange);
  });
  return {
    url: `${server.url}${honest.pathname === '/' ? '' : honest.pathname}`,
    arrivals,
    play: (trick, { times = Number.POSITIVE_INFINITY, matches = () => true } = {}) => {
      playing = { trick, matches, left: times };
    },
    reset: () => {
      playing = undefined;
      arrivals.length = 0;
    },
    close: () => server.close(),
  };
}

function exchangeOf(honest: URL, incoming: IncomingMessage, response: ServerResponse): Exchange {
  let received: Promise<HostileRequest> | undefined;
  const receive = async (): Promise<HostileRequest> => ({
    method: incoming.method ?? '', url: new URL(incoming.url ?? '/', 'http://hostile.test'), headers: incoming.headers, body: (await bytesOf(incoming)).toString('utf8'),
  });
  const readOnce = (): Promise<HostileRequest> => (received ??= receive());
  return { incoming, response, received: readOnce, honest: async () => passOn(honest, incoming, (await readOnce()).body) };
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

/** The request as it came, its `Host` with it: a signature over the address stays right. */
function passOn(honest: URL, incoming: IncomingMessage, body: string): Promise<HonestAnswer> {
  return new Promise((resolve, reject) => {
    const headers: OutgoingHttpHeaders = { ...incoming.headers, connection: 'close' };
    const call = callUpstream({ host: honest.hostname, port: honest.port, method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers }, (answer) => {
      bytesOf(answer).then((bytes) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: bytes }), reject);
    });
    call.once('error', reject);
    call.end(body);
  });
}

async function honestly({ response, honest }: Exchange): Promise<void> {
  const { status, headers, body } = await honest();
  send(response, status, { 'content-type': headers['content-type'] }, body);
}

function send(response: ServerResponse, status: number, headers: OutgoingHttpHeaders, body: Buffer | string): void {
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  response.writeHead(status, { ...given, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

const json = { 'content-type': 'application/json' };

/** The request is read and answered with this; the honest server never hears of it. */
export const answers = (status: number, body = '', headers: OutgoingHttpHeaders = json): Trick => async ({ received, response }) => {
  await received();
  send(response, status, headers, body);
};

/** The request is read and answered with what `make` makes of it, as JSON. */
export const answersJson = (make: (request: HostileRequest) => unknown): Trick => async ({ received, response }) => {
  send(response, 200, json, JSON.stringify(make(await received())));
};

/** The honest answer with its JSON changed. */
export const rewrites = (change: (body: unknown) => unknown): Trick => async ({ honest, response }) => {
  const { status, body } = await honest();
  send(response, status, json, body.length === 0 ? body : JSON.stringify(change(JSON.parse(body.toString('utf8')))));
};

/** The connection is reset as soon as the head has come in; the body is not read, nothing is done. */
export const resetsBeforeReading: Trick = ({ incoming }) => {
  incoming.socket.resetAndDestroy();
};

/** The connection is reset after the honest server has done what was asked for. */
export const resetsAfterDoing: Trick = async ({ honest, incoming }) => {
  await honest();
  incoming.socket.resetAndDestroy();
};

/** What was asked for is done, the answer's head and half of its body are sent, then the connection ends. */
export const cutsTheBody: Trick = async ({ honest, response }) => {
  const { status, headers, body } = await honest();
  const whole = body.length === 0 ? Buffer.from('{"message":"stored"}') : body;
  const length = { 'content-type': headers['content-type'] ?? 'application/json', 'content-length': whole.length };
  response.writeHead(status === 204 ? 200 : status, length);
  response.write(whole.subarray(0, Math.floor(whole.length / 2)), () => response.destroy());
};

/** What was asked for is done; the answer comes whole, but its JSON breaks off in the middle. */
export const halvesTheJson: Trick = async ({ honest, response }) => {
  const { status, body } = await honest();
  send(response, status === 204 ? 200 : status, json, body.length < 2 ? '{"mess' : body.subarray(0, Math.floor(body.length / 2)));
};

/** What was asked for is done; the answer is compressed although nobody asked for that. */
export const compresses: Trick = async ({ honest, response }) => {
  const { status, body } = await honest();
  send(response, status === 204 ? 200 : status, { ...json, 'content-encoding': 'gzip' }, gzipSync(body.length === 0 ? '{}' : body));
};

/** The honest answer under another content type. */
export const labels = (contentType: string): Trick => async ({ honest, response }) => {
  const { status, body } = await honest();
  send(response, status, { 'content-type': contentType }, body);
};

/** The request is read, and nothing ever comes back. */
export const keepsSilent: Trick = async ({ received }) => {
  await received();
};

/** The head of an answer comes at once, its body a byte at a time and never whole. */
export const drips: Trick = async ({ received, response }) => {
  await received();
  response.writeHead(200, { ...json, 'content-length': 100_000 });
  const timer = setInterval(() => response.write(' '), 20);
  response.once('close', () => clearInterval(timer));
};

/** Something that is not HTTP comes back. */
export const speaksNonsense: Trick = async ({ received, incoming }) => {
  await received();
  incoming.socket.end('220 mail.platform.example ESMTP\r\n');
};
