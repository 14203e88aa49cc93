import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Access } from './access.ts';
import type { App } from './app.ts';
import { describeAnswers } from './openapi-answers.ts';

const about = 'The hub\'s API: what the command line tool does, it does through this. Each answer that is not 2xx has a stable code, what happened, and what to do. '
  + 'Send `Authorization: Bearer <token>`; roles are `viewer` (reads), `operator` (commands), `admin` (all), `source` (feeds one connector, and reads what the hub has for it) and '
  + '`form` (stands on web pages, for the forms of one connector).';

const tags = [
  { name: 'connectors', description: 'Links to outside systems.' },
  { name: 'commands', description: 'What an operator tells a connector to do.' },
  { name: 'failed', description: 'What did not work, and what to do about it.' },
  { name: 'changes', description: 'What the hub has for a system that reads it by itself, and what of the system\'s own data did not get through.' },
  { name: 'status', description: 'How every connector is: progress, speed, estimated end, what waits and why.' },
  { name: 'bounces', description: 'Contacts whom mail does not reach, and how that is followed up.' },
  { name: 'reports', description: 'What became of mailings: counts, and who received, opened and clicked them.' },
  { name: 'import', description: 'Records out of tables, for connectors of systems of your own.' },
  { name: 'actions', description: 'Acts at a platform that are no state: campaigns, automations, forms, conversions. One cause has one effect.' },
  { name: 'records', description: 'What the hub knows.' },
  { name: 'set-up', description: 'Platforms, presets and the order of connectors.' },
  { name: 'account', description: 'Settings that all connectors share.' },
  { name: 'access', description: 'Tokens and the audit.' },
  { name: 'inbound', description: 'What source systems call.' },
  { name: 'forms', description: 'What forms on web pages call.' },
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
      const operationId = operationIdOf(String(part.route.method), url);
      return { schema: { ...schema, operationId, description: withRole(schema.description, access), security: access === 'public' ? [] : [{ token: [] }] }, url };
    },
    transformObject: (part) => describeAnswers(usedSchemasOnly(jsonSchemaTransformObject(part))),
  });
  await app.register(async (page) => {
    page.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public', rateLimit: false };
    });
    await page.register(swaggerUi, { routePrefix: '/docs', theme: { title: 'connect-hub API', css: [{ filename: 'hub.css', content: '.swagger-ui .topbar { display: none }' }] }, uiConfig: { docExpansion: 'list', persistAuthorization: true, tryItOutEnabled: false } });
  });
  app.get('/openapi.json', {
    config: { access: 'public', rateLimit: false },
    schema: { tags: ['health'], summary: 'This document', response: { 200: z.unknown() } },
  }, async () => app.swagger());
}

/** `GET /api/v1/connectors/:connectorId` is `getConnectorsByConnectorId`: names for generated clients. */
function operationIdOf(method: string, url: string): string {
  const parts = url.replace(/^\/api\/v1/, '').split('/').filter((part) => part !== '');
  const capital = (word: string) => word.slice(0, 1).toUpperCase() + word.slice(1);
  const words = parts.map((part) => (part === '*' ? 'Path' : part.startsWith(':') ? `By${capital(part.slice(1))}` : part.split(/[^A-Za-z0-9]+/).map(capital).join('')));
  return method.toLowerCase() + words.join('');
}

function withRole(description: string | undefined, access: Access): string {
  return [description, roleSentence(access)].filter((part) => part !== undefined).join('\n\n');
}

function roleSentence(access: Access): string {
  if (access === 'public') return 'Needs no token.';
  if (access === 'source' || access === 'form') return `Needs the ${access} token of the connector.`;
  if (access === 'own-data') return 'Needs the source token of the connector, or the role `operator` or a higher one.';
  return `Needs the role \`${access}\`${access === 'admin' ? '' : ' or a higher one'}.`;
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
