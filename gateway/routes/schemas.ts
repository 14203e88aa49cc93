import { z } from 'zod';
import { HubError } from '../../domain/errors.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import type { App } from '../http/app.ts';
import { errorAnswerSchema } from '../http/error-answer.ts';

const params = z.object({ platform: z.string().describe('As `custom`.'), file: z.string().describe('As `orders.json`; `batch.json`, `lists.json` and `answer.json` are there too.') });

/** JSON Schemas of what systems send: `GET /schemas/:platform/:file`, for everyone, so that tools find them. */
export async function schemaRoutes(app: App, deps: Pick<GatewayDependencies, 'platforms'>): Promise<void> {
  app.get('/schemas/:platform/:file', {
    config: { access: 'public' },
    schema: {
      tags: ['inbound'], summary: 'JSON Schema of what a system sends', params, response: { 200: z.unknown(), '4xx': errorAnswerSchema },
      description: 'JSON Schema 2020-12 of one record of a data type, of a batch, a list, or the answer to records.',
    },
  }, async (request, reply) => reply.type('application/schema+json').send(JSON.stringify(schemaOf(deps, request.params))));
}

function schemaOf({ platforms }: Pick<GatewayDependencies, 'platforms'>, { platform, file }: z.infer<typeof params>): object {
  const schemas = Object.hasOwn(platforms, platform) ? (platforms[platform]?.inboundSchemas ?? {}) : {};
  const name = file.replace(/\.json$/, '');
  const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  if (schema !== undefined) return schema;
  const names = Object.keys(schemas);
  throw new HubError('NOT_FOUND', names.length === 0 ? 'This platform has no schemas.' : `There is no such schema. There are: ${names.map((one) => `${one}.json`).join(', ')}.`, { field: 'file' });
}
