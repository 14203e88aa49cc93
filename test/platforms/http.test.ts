import { getEventListeners, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HubError } from '../../domain/errors.ts';
import { onPlatformCall, type PlatformCall } from '../../platforms/http-calls.ts';
import { createHttpClient, type HttpRequest } from '../../platforms/http.ts';
import { sendJson, startRawServer, type RawServer, type SeenRequest } from './raw-server.ts';

const servers: RawServer[] = [];
const serve = async (answer: (request: SeenRequest, response: ServerResponse) => void): Promise<RawServer> => {
  const server = await startRawServer(answer);
  servers.push(server);
  return server;
};
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const call = createHttpClient('test', { connectMs: 300, responseMs: 250, totalMs: 500, maxAnswerBytes: 10_000 });
const request = (method: HttpRequest['method'], url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method, url: `${url}/things/anna%40x.example?token=s3cret`, template: '/things/{id}', signal: new AbortController().signal,
  ...(method === 'GET' ? {} : { body: { email: 'anna@x.example' } }), ...more,
});
const failure = async (sent: HttpRequest): Promise<HubError> => {
  try {
    await call(sent);
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
  throw new Error('the call succeeded');
};

describe('a call to a platform', () => {
  it('sends and reads JSON over one kept connection', async () => {
    const ports = new Set<number | undefined>();
    const server = await serve((seen, response) => {
      ports.add(response.req.socket.remotePort);
      sendJson(response, 200, { got: seen.body === '' ? null : JSON.parse(seen.body) as unknown });
    });
    for (let index = 0; index < 3; index += 1) {
      await expect(call(request('POST', server.url))).resolves.toMatchObject({ status: 200, body: { got: { email: 'anna@x.example' } } });
    }
    await expect(call(request('GET', server.url))).resolves.toMatchObject({ body: { got: null } });
    expect(server.seen[0]?.headers).toMatchObject({ 'content-type': 'application/json', accept: 'application/json' });
    expect(ports.size).toBe(1);
  });

  it('takes an empty answer to a write without a body', async () => {
    const server = await serve((_, response) => response.writeHead(204).end());
    const { body, ...bodyless } = request('DELETE', server.url);
    expect(body).toBeDefined();
    await expect(call(bodyless)).resolves.toMatchObject({ status: 204, body: undefined });
  });

  it('hands back the statuses that the caller handles, with or without a readable body', async () => {
    const server = await serve((seen, response) => {
      if (seen.method === 'GET') sendJson(response, 404, { errorType: 'CONTACT_NOT_FOUND' });
      else response.writeHead(404).end('<html>');
    });
    await expect(call(request('GET', server.url, { handles: [404] }))).resolves.toMatchObject({ status: 404, body: { errorType: 'CONTACT_NOT_FOUND' } });
    await expect(call(request('POST', server.url, { handles: [404] }))).resolves.toMatchObject({ status: 404, body: undefined });
  });

  it.each([
    [401, 'PLATFORM_LOGIN_REFUSED'], [403, 'PLATFORM_LOGIN_REFUSED'], [429, 'PLATFORM_RATE_LIMITED'], [500, 'PLATFORM_ERROR'], [502, 'PLATFORM_ERROR'],
    [503, 'PLATFORM_ERROR'], [408, 'PLATFORM_ERROR'], [302, 'CONFIGURATION_INVALID'], [400, 'PLATFORM_ANSWER_INVALID'], [404, 'PLATFORM_ANSWER_INVALID'],
  ] as const)('maps %i with an HTML body to %s', async (status, code) => {
    const server = await serve((_, response) => response.writeHead(status, { 'content-type': 'text/html', location: '/elsewhere' }).end('<html>System error</html>'));
    await expect(failure(request('GET', server.url))).resolves.toMatchObject({ code, facts: { status } });
    expect(server.seen).toHaveLength(1);
  });

  it.each([['seconds', '7', 7_000, 7_000], ['half a second', '0.5', 500, 500], ['an HTTP date', new Date(Date.now() + 60_000).toUTCString(), 30_000, 60_000]])(
    'reads a Retry-After of %s', async (_, header, least, most) => {
      const server = await serve((_seen, response) => response.writeHead(429, { 'retry-after': header }).end());
      const { facts } = await failure(request('GET', server.url));
      expect(facts.retryAfterMs).toBeGreaterThanOrEqual(least);
      expect(facts.retryAfterMs).toBeLessThanOrEqual(most);
    });

  it('knows of no wait when Retry-After is absent or rubbish', async () => {
    const server = await serve((seen, response) => response.writeHead(429, seen.method === 'GET' ? {} : { 'retry-after': 'soon' }).end());
    expect((await failure(request('GET', server.url))).facts).not.toHaveProperty('retryAfterMs');
    expect((await failure(request('POST', server.url))).facts).not.toHaveProperty('retryAfterMs');
  });

  it('refuses an answer that is no JSON, and says of a write that it may have been stored', async () => {
    const server = await serve((_, response) => response.writeHead(200).end('{"contacts": ['));
    await expect(failure(request('GET', server.url))).resolves.toMatchObject({ code: 'PLATFORM_ANSWER_INVALID' });
    await expect(failure(request('POST', server.url))).resolves.toMatchObject({ code: 'PLATFORM_ANSWER_INVALID', facts: { mayHaveStored: true } });
  });

  it('takes a body that breaks off as a retry for a read and as an unknown outcome for a write', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"half":');
      setImmediate(() => response.socket?.destroy());
    });
    await expect(failure(request('GET', server.url))).resolves.toMatchObject({ code: 'PLATFORM_UNREACHABLE' });
    await expect(failure(request('POST', server.url))).resolves.toMatchObject({ code: 'PLATFORM_RESET', recovery: 'unknownOutcome' });
  });

  it('takes a reset after the request as a retry for a read and as an unknown outcome for a write', async () => {
    const server = await serve((_, response) => response.socket?.resetAndDestroy());
    await expect(failure(request('GET', server.url))).resolves.toMatchObject({ code: 'PLATFORM_UNREACHABLE', recovery: 'retry' });
    await expect(failure(request('PUT', server.url))).resolves.toMatchObject({ code: 'PLATFORM_RESET' });
  });

  it('takes silence as a retry for a read and as an unknown outcome for a write', async () => {
    const server = await serve(() => undefined);
    await expect(failure(request('GET', server.url))).resolves.toMatchObject({ code: 'PLATFORM_UNREACHABLE' });
    await expect(failure(request('PATCH', server.url))).resolves.toMatchObject({ code: 'PLATFORM_TIMEOUT', recovery: 'unknownOutcome' });
  });

  it('limits the total time of an answer that trickles', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(timer));
    });
    await expect(failure(request('POST', server.url))).resolves.toMatchObject({ code: 'PLATFORM_TIMEOUT' });
  });

  it('takes a refused connection as a retry for reads and writes', async () => {
    const server = await serve(() => undefined);
    await server.close();
    servers.pop();
    await expect(failure(request('GET', server.url))).resolves.toMatchObject({ code: 'PLATFORM_UNREACHABLE' });
    await expect(failure(request('POST', server.url))).resolves.toMatchObject({ code: 'PLATFORM_UNREACHABLE', facts: { networkCode: 'ECONNREFUSED' } });
  });

  it('takes a name that does not resolve as a retry', async () => {
    await expect(failure(request('POST', 'http://no-such-host.invalid'))).resolves.toMatchObject({ code: 'PLATFORM_UNREACHABLE' });
  });

  it('takes a connection that closes before the whole request went out as a retry', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const sent = request('POST', `http://127.0.0.1:${port}`, { body: { text: 'x'.repeat(30_000_000) } });
    await expect(failure(sent)).resolves.toMatchObject({ code: 'PLATFORM_UNREACHABLE' });
    server.close();
    await once(server, 'close');
  });

  it('gives up an answer that is too large', async () => {
    const server = await serve((_, response) => sendJson(response, 200, { text: 'x'.repeat(20_000) }));
    await expect(failure(request('GET', server.url))).resolves.toMatchObject({ code: 'PLATFORM_ANSWER_INVALID', message: expect.stringContaining('larger') });
  });

  it('ends with the reason of the signal, before and while it is under way', async () => {
    const server = await serve(() => controller.abort(new Error('worker stops')));
    const controller = new AbortController();
    await expect(call(request('POST', server.url, { signal: controller.signal }))).rejects.toThrow('worker stops');
    await expect(call(request('POST', server.url, { signal: controller.signal }))).rejects.toThrow('worker stops');
    expect(server.seen).toHaveLength(1);
  });

  it('leaves nothing behind on the signal of a long activity', async () => {
    const server = await serve((seen, response) => sendJson(response, seen.method === 'GET' ? 200 : 500, {}));
    const { signal } = new AbortController();
    for (let index = 0; index < 3; index += 1) {
      await call(request('GET', server.url, { signal }));
      await failure(request('POST', server.url, { signal }));
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('keeps ids, queries, bodies and headers out of its errors', async () => {
    const server = await serve((_, response) => response.socket?.resetAndDestroy());
    const error = await failure(request('POST', server.url, { headers: { authorization: 'OAuth s3cret' } }));
    const cause = error.cause instanceof Error ? `${error.cause.stack} ${Object.keys(error.cause).join(' ')}` : '';
    const shown = `${error.message} ${JSON.stringify(error.facts)} ${cause}`;
    expect(shown).not.toMatch(/anna|s3cret|options|127\.0\.0\.1/);
    expect(error.facts.operation).toBe('POST /things/{id}');
  });

  it('turns text that PostgreSQL cannot store into text that it can', async () => {
    const server = await serve((_, response) => response.writeHead(200).end(String.raw`{"name":"A\u0000b \ud83d\ude00 \ud83d!"}`));
    await expect(call(request('GET', server.url))).resolves.toMatchObject({ body: { name: 'Ab \u{1f600} \ufffd!' } });
  });

  it('reports each finished call with its template, and stops when told', async () => {
    const server = await serve((seen, response) => sendJson(response, seen.method === 'GET' ? 200 : 500, {}));
    const calls: PlatformCall[] = [];
    const stop = onPlatformCall((finished) => calls.push(finished));
    await call(request('GET', server.url));
    await failure(request('POST', server.url));
    stop();
    await call(request('GET', server.url));
    expect(calls).toEqual([
      { platform: 'test', method: 'GET', template: '/things/{id}', status: 200, durationMs: expect.any(Number) },
      { platform: 'test', method: 'POST', template: '/things/{id}', status: 500, code: 'PLATFORM_ERROR', durationMs: expect.any(Number) },
    ]);
  });
});
