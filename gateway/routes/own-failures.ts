import { z } from 'zod';
import { inAccount } from '../../db/database.ts';
import { listOwnFailures, ownFailureKinds, type OwnFailure } from '../../db/repositories/failed/own-failures.ts';
import { catalogue, type ErrorCode } from '../../domain/error-catalogue.ts';
import { requireConnector } from '../connectors/load-connector.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';
import { connectorParams } from './connectors.ts';

const failureSchema = z.object({
  kind: z.enum(ownFailureKinds),
  at: z.string(),
  state: z.enum(['failed', 'parked']).describe('`parked`: it waits for what the reason names, and goes on by itself.'),
  dataType: z.string().nullable(),
  externalId: z.string().nullable().describe('The thing\'s id at your system.'),
  path: z.string().nullable().describe('Where in the record.'),
  destination: z.string().nullable().describe('The connector that it did not get to; null for what was not taken in.'),
  operation: z.string(),
  code: z.string().nullable().describe('Stable; `docs/errors.md` lists them.'),
  reason: z.string(),
  fix: z.string().describe('What to do.'),
}).meta({ id: 'OwnFailure' });

const querySchema = z.object({
  kind: z.enum(ownFailureKinds).optional().describe('Only of this kind.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('How many.'),
  offset: z.coerce.number().int().min(0).default(0).describe('How many to pass over.'),
});

/** What of a system's own data did not get through, for the system to show to its users. */
export function ownFailureRoutes(app: App, deps: ApiDependencies): void {
  app.get('/connectors/:connectorId/failures', {
    config: { access: 'own-data' },
    schema: {
      tags: ['changes'], summary: 'Read what of a system\'s data did not get through, newest first', params: connectorParams, querystring: querySchema,
      description: 'Records that were not taken in, requests that cannot be applied, calls to the system that failed, and what stems from its records and was refused by another system or waits.',
      response: answers(z.object({ total: z.number(), items: z.array(failureSchema) })),
    },
  }, async (request) => inAccount(deps.db, callerOf(request).accountId, async (trx) => {
    const { connectorId } = request.params;
    await requireConnector(trx, connectorId);
    const { items, total } = await listOwnFailures(trx, connectorId, request.query);
    return { total, items: items.map((item) => ({ ...item, fix: fixOf(item) })) };
  }));
}

function fixOf({ code, state }: OwnFailure): string {
  if (code !== null && Object.hasOwn(catalogue, code)) return catalogue[code as ErrorCode].fix;
  return state === 'parked' ? 'Nothing to do: it goes on by itself when what it waits for is there.' : 'The reason says what is wrong; correct it and send the record again.';
}
