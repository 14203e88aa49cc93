import { z } from 'zod';
import { inAccount } from '../../db/database.ts';
import { failedKinds, parseFailedId } from '../../db/repositories/failed/failed-id.ts';
import { findFailed, listFailed, type FailedItem } from '../../db/repositories/failed/list-failed.ts';
import { catalogue, type ErrorCode } from '../../domain/error-catalogue.ts';
import { HubError } from '../../domain/errors.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';
import { command } from './commands.ts';
import { connectorParams } from './connectors.ts';

const failedSchema = z.object({
  id: z.string(),
  kind: z.enum(failedKinds),
  connectorId: z.string(),
  at: z.string(),
  operation: z.string(),
  recordId: z.number().nullable(),
  externalId: z.string().nullable(),
  attempts: z.number(),
  status: z.number().nullable().describe('HTTP status of the platform\'s answer.'),
  code: z.string(),
  message: z.string().describe('The platform\'s words, or the hub\'s.'),
  platformCode: z.string().nullable(),
  cause: z.string(),
  fix: z.string(),
  nextAttemptAt: z.string().nullable(),
}).meta({ id: 'FailedItem' });

const querySchema = z.object({
  connector: z.string().optional().describe('Only of this connector.'),
  kind: z.enum(failedKinds).optional().describe('Only of this kind.'),
  code: z.string().optional().describe('Only with this code.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(50).describe('How many.'),
  offset: z.coerce.number().int().min(0).default(0).describe('How many to pass over.'),
});

const selectionSchema = z.strictObject({
  code: z.string().optional().describe('Only those with this code.'),
  ids: z.array(z.string()).max(1_000).optional().describe('Only these; all of the connector when neither is given.'),
}).meta({ id: 'FailedSelection' });

/** `failedSchema`. */
export type FailedView = z.infer<typeof failedSchema>;

/** The overview of what failed, and the two commands about it. */
export function failedRoutes(app: App, deps: ApiDependencies): void {
  const tags = ['failed'];
  app.get('/failed', {
    config: { access: 'viewer' },
    schema: { tags, summary: 'List what failed, newest first', querystring: querySchema, response: answers(z.object({ total: z.number(), items: z.array(failedSchema) })) },
  }, async (request) => {
    const { connector, ...filter } = request.query;
    const { items, total } = await inAccount(deps.db, callerOf(request).accountId, (trx) => listFailed(trx, { ...filter, connectorId: connector }));
    return { total, items: items.map(view) };
  });
  app.get('/failed/:failedId', {
    config: { access: 'viewer' },
    schema: { tags, summary: 'Show one failed thing', params: z.object({ failedId: z.string().describe('As the list shows it, as `delivery:mailplus-1:contacts:12:P7`.') }), response: answers(failedSchema) },
  }, async (request) => {
    const id = parseFailedId(request.params.failedId);
    const item = await inAccount(deps.db, callerOf(request).accountId, (trx) => findFailed(trx, id));
    if (item === undefined) throw new HubError('NOT_FOUND', `Nothing failed with the id «${request.params.failedId}», or it is settled by now.`);
    return view(item);
  });
  settleRoutes(app, deps);
}

function settleRoutes(app: App, deps: ApiDependencies): void {
  const tags = ['failed'];
  for (const [name, summary] of [['retry', 'Try failed things again at once; ends a wait in progress'], ['skip', 'Set failed things aside']] as const) {
    app.post(`/connectors/:connectorId/failed/${name}`, {
      config: { access: 'operator' },
      schema: { tags, summary, params: connectorParams, body: selectionSchema, response: answers(z.object({ message: z.string() })) },
    }, async (request) => {
      const { connectorId } = connectorParams.parse(request.params);
      const { code, ids } = selectionSchema.parse(request.body);
      checkSelection(connectorId, ids);
      const selection = { ...(code === undefined ? {} : { code }), ...(ids === undefined ? {} : { ids }) };
      return command(deps, request, connectorId, (id, who) => (name === 'retry' ? deps.commands.retryFailed(id, { ...selection, who }) : deps.commands.skipFailed(id, { ...selection, who })));
    });
  }
}

function checkSelection(connectorId: string, ids: readonly string[] | undefined): void {
  const stranger = ids?.find((id) => parseFailedId(id).connectorId !== connectorId);
  if (stranger !== undefined) throw new HubError('REQUEST_INVALID', `«${stranger}» does not belong to the connector «${connectorId}».`, { field: 'ids' });
}

function view(item: FailedItem): FailedView {
  const { cause, fix } = catalogue[Object.hasOwn(catalogue, item.code) ? (item.code as ErrorCode) : 'INTERNAL'];
  return { ...item, cause, fix };
}
