import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Waker } from '../../activities/wake.ts';
import { HubError } from '../../domain/errors.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import { isFormOrigin, loadForm, type FormAddress } from '../forms/load-form.ts';
import { searchForm } from '../forms/search-form.ts';
import { subscribeByForm } from '../forms/subscribe-form.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';

const params = z.object({ connectorId: z.string().describe('As `mailplus-1`.'), form: z.string().describe('A form of the connector\'s setting `forms`, as `newsletter`.') });

const searchSchema = z.strictObject({
  values: z.record(z.string().max(100), z.string().max(255)).describe('What the visitor gave: all properties that the form searches by, and no other, as `{"discountCode":"SPRING-7Q2X"}`.'),
}).meta({ id: 'FormSearch' });

const foundSchema = z.union([
  z.object({ found: z.literal(true), values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).describe('The properties that the form answers, to fill it in; those that are empty are missing.') }),
  z.object({ found: z.literal(false) }).describe('No contact has this, or more than one: tell the visitor that the code is not valid.'),
]).meta({ id: 'FormFinding' });

const subscribeSchema = z.strictObject({
  email: z.string({ error: 'has to be given: a subscription is of an e-mail address' }).max(2_000),
  permissions: z.array(z.string().max(100), { error: 'has to be given: a subscription is to a permission, as ["permissions:1"]' }).min(1, 'has to name a permission, as ["permissions:1"]').max(20),
  ip: z.union([z.ipv4(), z.ipv6()], { error: 'is no IP address' }).optional().describe('The visitor\'s address, where it should stand in the evidence of the consent. It is kept nowhere unless it is given here.'),
}).meta({ id: 'FormSubscribe' });

const acceptedSchema = z.object({ accepted: z.literal(true) }).meta({ id: 'FormAccepted' });

type FormDependencies = GatewayDependencies & { readonly waker: Pick<Waker, 'wake'> };

/** A visitor types a few lines. */
const bodyLimitBytes = 16_384;
/** How long a browser remembers that it may ask. */
const preflightSeconds = 600;

/** What forms on web pages call: `POST /forms/:connectorId/:form/search` and `…/subscribe`, with the form token that the page carries. */
export async function formRoutes(app: App, deps: FormDependencies): Promise<void> {
  app.addHook('onRequest', async (request, reply) => allowOrigin(deps, request, reply));
  for (const act of ['search', 'subscribe']) {
    app.options(`/forms/:connectorId/:form/${act}`, { config: { access: 'public' }, schema: { hide: true } }, preflight);
  }
  app.post('/forms/:connectorId/:form/search', {
    bodyLimit: bodyLimitBytes, config: { access: 'form' },
    schema: {
      tags: ['forms'], summary: 'Find the contact that a visitor of a web page is', params, body: searchSchema, response: answers(foundSchema),
      description: 'Answers only properties that the form\'s settings name, of the one contact that has all that was given. Limited for each address (429); a page of another origin gets 403 `ORIGIN_NOT_ALLOWED`.',
    },
  }, async (request) => searchForm(deps, await loadForm(deps, callerOf(request), request.params, request.headers.origin), request.body.values));
  app.post('/forms/:connectorId/:form/subscribe', {
    bodyLimit: bodyLimitBytes, config: { access: 'form' },
    schema: {
      tags: ['forms'], summary: 'Subscribe a visitor of a web page', params, body: subscribeSchema, response: answers(acceptedSchema, 202),
      description: 'E-mail address and permission are needed, and nothing else is taken. Answers 202 once it is stored, whether or not the address is known. Limited for each address (429); a page of another origin gets 403 `ORIGIN_NOT_ALLOWED`.',
    },
  }, async (request, reply) => {
    const { origin } = request.headers;
    await subscribeByForm(deps, callerOf(request), await loadForm(deps, callerOf(request), request.params, origin), request.body, origin);
    deps.waker.wake('sync', request.params.connectorId);
    return reply.status(202).send({ accepted: true });
  });
}

/** Tells the browser that the page may read the answer, whatever it will be, if its origin is one of the form's. */
async function allowOrigin(deps: FormDependencies, { params: address, headers: { origin } }: FastifyRequest, reply: FastifyReply): Promise<void> {
  void reply.headers({ vary: 'Origin', 'cache-control': 'no-store' });
  if (origin === undefined || !(await isFormOrigin(deps, address as FormAddress, origin))) return;
  void reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': 'Retry-After' });
}

/** The browser's question before the request itself. Whether a form or a connector is there is not told. */
async function preflight(_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (!reply.hasHeader('access-control-allow-origin')) throw new HubError('ORIGIN_NOT_ALLOWED');
  return reply.status(204).headers({
    'access-control-allow-methods': 'POST', 'access-control-allow-headers': 'authorization, content-type', 'access-control-max-age': preflightSeconds,
  }).send();
}
