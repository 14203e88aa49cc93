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
    transformObject: (part) => usedSchemasOnly(jsonSchemaTransformObject(part)),
  });
  await app.register(async (page) => {
    page.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public', rateLimit: false };
    });
    await page.register(swaggerUi, { routePrefix: '/docs' });
  });
  app.get('/openapi.json', {
    config: { access: 'public', rateLimit: false },
    schema: { tags: ['health'], summary: 'This document', response: { 200: z.unknown() } },
  }, async () => app.swagger());
}

type Document = ReturnType<typeof jsonSchemaTransformObject>;

/** Leaves out schemas that no route refers to, of each of which the transformation makes one for input and one for output. */
function usedSchemasOnly(document: Document): Document {
  if (!('components' in document)) return document;
  const schemas: Record<string, unknown> = { ...document.components?.schemas };
  const used = new Set<string>();
  const follow = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      follow(schemas[name] ?? null);
    }
  };
  follow(document.paths ?? {});
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
  return { ...document, components: { ...document.components, schemas: kept } } as Document;
}
