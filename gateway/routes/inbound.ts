import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Waker } from '../../activities/wake.ts';
import { HubError } from '../../domain/errors.ts';
import type { InboundOperation, InboundRequest } from '../../platforms/platform.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { errorAnswerSchema } from '../http/error-answer.ts';
import { acceptRequest, type InboundAddress } from '../inbound/accept-request.ts';

const paramsSchema = z.object({
  platform: z.string().describe('The platform of the connector, as `coins`.'),
  connectorId: z.string().describe('As `coins-1`.'),
  '*': z.string().describe('The platform\'s own path, as `list-syncs` or `lists/L-55`.'),
});

const description = 'Takes a request of a source system with the source token of the connector. It is answered 2xx only once it is stored: '
  + 'the same request again gets the same answer, the same key with another body 409.';

const responses = {
  '2xx': z.unknown().describe('The platform\'s own answer, as `{"syncId":"LS-1","accepted":100,"rejected":[]}`.'),
  '4xx': errorAnswerSchema,
  '5xx': errorAnswerSchema,
};

type InboundDependencies = GatewayDependencies & { readonly waker: Pick<Waker, 'wake'> };

interface RawJson {
  readonly raw: Buffer;
  readonly json: unknown;
}

/**
 * What source systems call: `POST`, `PUT` and `DELETE /inbound/:platform/:connectorId/*`, and by their own names the operations of platforms
 * that list them. The platform itself judges bodies, so that one wrong record holds up no other.
 */
export async function inboundRoutes(app: App, deps: InboundDependencies): Promise<void> {
  keepRawBodies(app);
  keepLines(app);
  const body = z.unknown().describe('What the platform sends; at Coins one page of a list sync.');
  feedRoute(app, deps, 'POST', { summary: 'Feed a connector', body });
  feedRoute(app, deps, 'PUT', { summary: 'Feed a connector one thing', body });
  feedRoute(app, deps, 'DELETE', { summary: 'Tell a connector that something was removed' });
  for (const [id, { inboundOperations = [] }] of Object.entries(deps.platforms)) for (const operation of inboundOperations) operationRoute(app, deps, id, operation);
}

/** An operation under its own address, with its shapes in the OpenAPI document. */
function operationRoute(app: App, deps: InboundDependencies, platform: string, { method, path, params, answer, ...about }: InboundOperation): void {
  const { summary, body, consumes, headers } = about;
  app.route({
    method,
    url: `/inbound/${platform}/:connectorId${path}`,
    config: { access: 'source' },
    schema: {
      tags: ['inbound'], summary, description: about.description, params: z.object({ connectorId: z.string().describe(`As \`${platform}-1\`.`), ...params }), ...(body !== undefined && { body }),
      ...(headers !== undefined && { headers: z.object({ ...headers }) }), ...(consumes !== undefined && { consumes: [...consumes] }),
      response: { ...responses, '2xx': answer },
    },
    validatorCompiler: () => (value: unknown) => ({ value }),
    handler: async (request, reply) => accept(deps, { platform, connectorId: String((request.params as { connectorId?: unknown }).connectorId) }, request, reply),
  });
}

function feedRoute(app: App, deps: InboundDependencies, method: 'POST' | 'PUT' | 'DELETE', about: { readonly summary: string; readonly body?: z.ZodType }): void {
  app.route({
    method,
    url: '/inbound/:platform/:connectorId/*',
    config: { access: 'source' },
    schema: { tags: ['inbound'], description, params: paramsSchema, response: responses, ...about },
    handler: async (request, reply) => accept(deps, request.params, request, reply),
  });
}

async function accept(deps: InboundDependencies, { platform, connectorId }: InboundAddress, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { answer } = await acceptRequest(deps, callerOf(request), { platform, connectorId }, inboundRequest(deps, request));
  await deps.faultPoint('accepted-before-signal');
  deps.waker.wake('sync', connectorId);
  return reply.status(answer.status).send(answer.body);
}

function inboundRequest(deps: InboundDependencies, request: FastifyRequest): InboundRequest {
  const { raw, json }: RawJson = isRawJson(request.body) ? request.body : { raw: Buffer.alloc(0), json: undefined };
  return {
    id: randomUUID(),
    method: request.method,
    path: pathBelow(request.url),
    headers: singleHeaders(request.headers),
    rawBody: raw,
    body: json,
    receivedAt: new Date(deps.now()).toISOString(),
  };
}

function isRawJson(body: unknown): body is RawJson {
  return typeof body === 'object' && body !== null && 'raw' in body && Buffer.isBuffer(body.raw);
}

/** The raw bytes go to the platform, which may verify a signature over them, together with what they say. */
function keepRawBodies(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const raw = Buffer.isBuffer(body) ? body : Buffer.from(body);
    if (raw.length === 0) return done(null, { raw, json: undefined } satisfies RawJson);
    return parse(request, raw.toString('utf8'), (error, json: unknown) => {
      if (error) done(new HubError('REQUEST_INVALID', 'The body is no valid JSON. Records line by line are sent as application/x-ndjson.', { field: 'body', fix: 'Send one JSON document, or name the content type application/x-ndjson.' }));
      else done(null, { raw, json } satisfies RawJson);
    });
  });
}

/** Lines of JSON are taken apart by the platform, one at a time. */
function keepLines(app: App): void {
  app.addContentTypeParser('application/x-ndjson', { parseAs: 'buffer' }, (_request, body, done) => done(null, { raw: Buffer.from(body), json: undefined } satisfies RawJson));
  app.addContentTypeParser('*', (_request, _body, done) => done(new HubError('REQUEST_INVALID', 'The body must be sent as application/json, or records line by line as application/x-ndjson.', { field: 'Content-Type', fix: 'Name one of these in the header Content-Type.' })));
}

/** The path as it was sent, still escaped: an id in it may hold an escaped slash. */
function pathBelow(url: string): string {
  const [path = ''] = url.split('?', 1);
  return `/${path.split('/').slice(4).join('/')}`;
}

function singleHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization').map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));
}
