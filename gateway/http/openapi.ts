import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Access } from './access.ts';
import type { App } from './app.ts';

const about = 'The hub\'s API: what the command line tool does, it does through this. Each answer that is not 2xx has a stable code, what happened, and what to do. '
  + 'Send `Authorization: Bearer <token>`; roles are `viewer` (reads), `operator` (commands), `admin` (all) and `source` (feeds one connector).';

const tags = [
  { name: 'connectors', description: 'Links to outside systems.' },
  { name: 'commands', description: 'What an operator tells a connector to do.' },
  { name: 'failed', description: 'What did not work, and what to do about it.' },
  { name: 'records', description: 'What the hub knows.' },
  { name: 'set-up', description: 'Platforms, presets and the order of connectors.' },
  { name: 'access', description: 'Tokens and the audit.' },
  { name: 'inbound', description: 'What source systems call.' },
  { name: 'health', description: 'For load balancers and monitoring.' },
];

/** Generates the OpenAPI document from the routes' schemas (`/openapi.json`) and serves its page (`/docs`). Registered before the routes. */
export async function documentRoutes(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'connect-hub', description: about, version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      tags,
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: (part) => {
      const access: Access = part.route.config?.access ?? 'admin';
      const { schema, url } = jsonSchemaTransform(part);
      return { schema: { ...schema, security: access === 'public' ? [] : [{ token: [] }] }, url };
    },
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(async (page) => {
    page.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public', rateLimit: false };
      route.schema = { ...route.schema, hide: true };
    });
    await page.register(swaggerUi, { routePrefix: '/docs' });
  });
  app.get('/openapi.json', {
    config: { access: 'public', rateLimit: false },
    schema: { tags: ['health'], summary: 'This document', response: { 200: z.unknown() } },
  }, async () => app.swagger());
}
