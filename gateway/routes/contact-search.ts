import { z } from 'zod';
import { searchContacts } from '../connectors/search-contacts.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';
import { connectorParams } from './connectors.ts';

const requestSchema = z.strictObject({
  values: z.record(z.string().min(1), z.string()).refine((values) => Object.keys(values).length > 0, 'names no property').describe('Properties of the platform and the values that a contact has to have, all of them.'),
  limit: z.number().int().min(1).max(1_000).default(20).describe('At most this many contacts.'),
}).meta({ id: 'SearchContacts' });

const answerSchema = z.object({
  contacts: z.array(z.object({
    externalId: z.string().nullable().describe('The id that the connector has for it; null where another system made it.'),
    alternateId: z.string().nullable().describe('The platform\'s own id.'),
    fields: z.record(z.string(), z.unknown()).describe('As the platform has them.'),
  })),
  more: z.boolean().describe('Whether there are others.'),
}).meta({ id: 'FoundContacts' });

/** `answerSchema`. */
export type FoundContactsView = z.infer<typeof answerSchema>;

/** Looking for contacts at a platform. Values come in the body: addresses of requests are written to logs of proxies. */
export function contactSearchRoutes(app: App, deps: ApiDependencies): void {
  app.post('/connectors/:connectorId/contacts/search', {
    config: { access: 'operator' },
    schema: {
      tags: ['commands'], summary: 'Search contacts at the platform by the values of properties', params: connectorParams, body: requestSchema, response: answers(answerSchema),
      description: 'Asks the platform, which decides what matches. Each search is in the audit, without the values.',
    },
  }, async (request) => {
    const { contacts, more } = await searchContacts(deps, callerOf(request), { connectorId: request.params.connectorId, ...request.body });
    return { contacts: contacts.map(({ externalId = null, alternateId = null, fields }) => ({ externalId, alternateId, fields: { ...fields } })), more };
  });
}
