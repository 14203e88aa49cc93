import rateLimit from '@fastify/rate-limit';
import Fastify from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { createWaker, type Waker } from '../activities/wake.ts';
import { HubError } from '../domain/errors.ts';
import type { GatewayDependencies, GatewaySettings } from './dependencies.ts';
import { identifyCallers, refuseStrangers } from './http/access.ts';
import { networkOf } from './http/address.ts';
import type { App } from './http/app.ts';
import { answerErrors } from './http/errors.ts';
import { validateRequests } from './http/validate.ts';
import { createMetrics } from './http/metrics.ts';
import { documentRoutes } from './http/openapi.ts';
import { logRequests } from './http/request-log.ts';
import { apiRoutes } from './routes/api.ts';
import { formRoutes } from './routes/forms.ts';
import { healthRoutes } from './routes/health.ts';
import { inboundRoutes } from './routes/inbound.ts';
import { schemaRoutes } from './routes/schemas.ts';
import { connectorCommands, type ConnectorCommands } from './temporal/commands.ts';

/** Parts that tests put in the place of those over Temporal. */
export interface GatewayParts {
  readonly commands?: ConnectorCommands;
  readonly waker?: Waker;
}

const version = '0.1.0';

/**
 * The HTTP side of the hub: inbound endpoints, REST API, OpenAPI document, health and metrics. It does not listen yet; `close()`
 * waits for requests and wakes on their way. Nothing is answered 2xx before it is committed.
 */
export async function buildGateway(deps: GatewayDependencies, parts: GatewayParts = {}): Promise<App> {
  const waker = parts.waker ?? createWaker(deps.temporal, deps.log);
  const commands = parts.commands ?? connectorCommands(deps.temporal, deps.settings.commandTimeoutMs);
  const { bodyLimitBytes: bodyLimit, trustedProxies } = deps.settings;
  const app: App = Fastify({ bodyLimit, trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies], routerOptions: { maxParamLength: 2_000 }, logger: false }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validateRequests);
  app.setSerializerCompiler(serializerCompiler);
  answerErrors(app, deps.log);
  logRequests(app, deps.log);
  const metrics = createMetrics(app, deps.db);
  identifyCallers(app, deps.db);
  await limitRate(app, deps.settings);
  refuseStrangers(app);
  await documentRoutes(app, version);
  await app.register(async (part: App) => healthRoutes(part, { ...deps, metrics }));
  await app.register(async (part: App) => inboundRoutes(part, { ...deps, waker }));
  await app.register(async (part: App) => schemaRoutes(part, deps));
  await app.register(async (part: App) => formRoutes(part, { ...deps, waker }));
  await app.register(async (part: App) => apiRoutes(part, { ...deps, commands, waker }), { prefix: '/api/v1' });
  app.addHook('onClose', async () => waker.close());
  return app;
}

/**
 * Counts by token, and by address without a valid one. A form token is everybody's, so forms are counted by the visitor's address, and more
 * sparingly. A refusal says in `Retry-After` when to come back.
 */
async function limitRate(app: App, { rateLimitPerMinute, formRequestsPerMinute }: GatewaySettings): Promise<void> {
  await app.register(rateLimit, {
    global: true,
    max: ({ caller }) => (caller?.role === 'form' ? formRequestsPerMinute : rateLimitPerMinute),
    timeWindow: 60_000,
    hook: 'preParsing',
    keyGenerator: ({ caller, ip }) => {
      if (caller === null) return `address ${ip}`;
      return caller.role === 'form' ? `form ${networkOf(ip)}` : `token ${caller.tokenId}`;
    },
    errorResponseBuilder: (_request, { max, ttl }) => new HubError('REQUEST_RATE_LIMITED', `More than ${max} requests a minute. Try again in ${Math.ceil(ttl / 1000)} s.`),
  });
}
