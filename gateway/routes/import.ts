import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { inAccount } from '../../db/database.ts';
import { countWaiting } from '../../db/repositories/inbox-accept.ts';
import { HubError } from '../../domain/errors.ts';
import { dataTypes } from '../../domain/presets/data-types.ts';
import type { InboundRequest } from '../../platforms/platform.ts';
import { loadConnector, requireConnector } from '../connectors/load-connector.ts';
import { callerOf, type Caller } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import { acceptFor } from '../inbound/accept-request.ts';
import type { ApiDependencies } from './api.ts';
import { connectorParams } from './connectors.ts';

const params = connectorParams.extend({ dataType: z.enum(dataTypes) });
const mostRows = 1_000;

const bodySchema = z.strictObject({
  key: z.string().min(1).max(200).describe('Unique to these rows: the same key with the same rows again is taken once.'),
  rows: z.array(z.record(z.string(), z.string())).min(1).max(mostRows).describe('Cells by field, all as text; `externalId` is the id of the row.'),
}).meta({ id: 'ImportRows' });

const waitingSchema = z.number().describe('Requests of this connector that are taken and not applied yet.');

const answerSchema = z.object({
  accepted: z.number(),
  rejected: z.array(z.object({ index: z.number().describe('Of the row, from 0.'), externalId: z.string(), path: z.string(), code: z.string(), reason: z.string(), fix: z.string() })),
  ownFields: z.array(z.string()).describe('Fields of the first row that the hub does not know: they are kept as they are called, as fields of the account\'s own.'),
  waiting: waitingSchema,
}).meta({ id: 'ImportAnswer' });

/** `answerSchema`. */
export type ImportAnswer = z.infer<typeof answerSchema>;

/** Records out of tables, for connectors of systems that send records themselves: what `hub import` calls. */
export function importRoutes(app: App, deps: ApiDependencies): void {
  const tags = ['import'];
  app.post('/connectors/:connectorId/import/:dataType', {
    config: { access: 'operator' }, schema: { tags, summary: 'Import rows of a table', params, body: bodySchema, response: answers(answerSchema, 202) },
  }, async (request, reply) => {
    const { connectorId, dataType } = request.params;
    const answer = await importRows(deps, callerOf(request), connectorId, dataType, request.body);
    await deps.faultPoint('accepted-before-signal');
    deps.waker.wake('sync', connectorId);
    return reply.status(202).send(answer);
  });
  app.post('/connectors/:connectorId/import/:dataType/complete', {
    config: { access: 'operator' }, schema: { tags, summary: 'Say that all records of a type were sent', params, response: answers(z.object({ dataType: z.string(), complete: z.boolean() }), 202) },
  }, async (request, reply) => {
    const { connectorId, dataType } = request.params;
    await accept(deps, callerOf(request), connectorId, { path: `/${dataType}/complete`, body: {}, key: randomUUID() });
    deps.waker.wake('sync', connectorId);
    return reply.status(202).send({ dataType, complete: true });
  });
  app.get('/connectors/:connectorId/import', {
    config: { access: 'viewer' }, schema: { tags, summary: 'How much is waiting to be applied', params: connectorParams, response: answers(z.object({ waiting: waitingSchema })) },
  }, async (request) => inAccount(deps.db, callerOf(request).accountId, async (trx) => {
    const { id } = await requireConnector(trx, request.params.connectorId);
    return { waiting: await countWaiting(trx, id) };
  }));
}

async function importRows(deps: ApiDependencies, caller: Caller, connectorId: string, dataType: z.infer<typeof params>['dataType'], { key, rows }: z.infer<typeof bodySchema>): Promise<ImportAnswer> {
  const { platform } = await inAccount(deps.db, caller.accountId, (trx) => loadConnector(deps, trx, connectorId));
  const { recordFromCells, lookAtColumns } = platform;
  if (recordFromCells === undefined || lookAtColumns === undefined) throw new HubError('REQUEST_INVALID', `${platform.description.title} is read by the hub: tables are imported for connectors of the platform «custom».`, { connectorId, field: 'connector', fix: 'Add a connector with `hub connector add custom`, and import the table for that.' });
  const columns = lookAtColumns(dataType, Object.keys(rows[0] ?? {}));
  if (columns.isNoTable) throw new HubError('REQUEST_INVALID', `None of the columns beside the id is a field of ${dataType}${columns.own.length === 0 ? '' : `: ${columns.own.slice(0, 20).join(', ')}`}. The fields are: ${columns.fields.join(', ')}.`, { connectorId, field: 'rows', fix: 'Say which column is which field: `hub import … --map Surname=lastName`.' });
  const stored = await accept(deps, caller, connectorId, { path: `/${dataType}`, body: { records: rows.map((cells) => recordFromCells(dataType, cells)) }, key });
  const { accepted, rejected } = answerSchema.pick({ accepted: true, rejected: true }).parse(stored);
  return { accepted, rejected, ownFields: [...columns.own], waiting: await inAccount(deps.db, caller.accountId, (trx) => countWaiting(trx, connectorId)) };
}

async function accept(deps: ApiDependencies, { accountId }: Caller, connectorId: string, { path, body, key }: { readonly path: string; readonly body: object; readonly key: string }): Promise<unknown> {
  const request: InboundRequest = {
    id: randomUUID(), method: 'POST', path, headers: { 'content-type': 'application/json', 'idempotency-key': key }, rawBody: Buffer.from(JSON.stringify(body)), body, receivedAt: new Date(deps.now()).toISOString(),
  };
  const { platform } = await inAccount(deps.db, accountId, (trx) => requireConnector(trx, connectorId));
  const { answer } = await acceptFor(deps, accountId, { platform, connectorId }, request);
  return answer.body;
}
