import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { inAccount } from '../../db/database.ts';
import type { CommandAnswer } from '../../workflows/message-types.ts';
import { backfillHowTo } from '../backfill/how-to.ts';
import { platformOf, requireActiveConnector } from '../connectors/load-connector.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';
import { connectorParams } from './connectors.ts';

const answerSchema = z.object({ message: z.string() }).meta({ id: 'CommandAnswer' });

const backfillSchema = z.strictObject({
  dataType: z.string().optional().describe('All imported types when absent.'),
  from: z.string().optional().describe('A date or an instant; the preset\'s lookback when absent.'),
}).meta({ id: 'StartBackfill' });

const howToSchema = z.object({
  workflowType: z.string(),
  workflowId: z.string(),
  taskQueue: z.string(),
  input: z.object({ connectorId: z.string(), dataType: z.string().optional(), from: z.string().optional() }),
  temporal: z.string().describe('The line for the `temporal` CLI.'),
  tctl: z.string().describe('The line for tctl.'),
  secrets: z.array(z.string()).readonly().describe('Variables that hold a secret and have to be in the environment of both programs.'),
  temporalSignal: z.string(),
  tctlSignal: z.string(),
}).meta({ id: 'BackfillHowTo' });

type Send = (connectorId: string, who: string) => Promise<CommandAnswer>;

/** Commands to a connector. Its workflow carries them out and writes them to PostgreSQL; a refusal comes back with its reason. */
export function commandRoutes(app: App, deps: ApiDependencies): void {
  simpleCommand(app, deps, 'pause', 'Stop new work; what is under way is finished', (id, who) => deps.commands.pause(id, who));
  simpleCommand(app, deps, 'resume', 'Go on after a pause', (id, who) => deps.commands.resume(id, who));
  app.delete('/connectors/:connectorId', {
    config: { access: 'admin' },
    schema: { tags: ['connectors'], summary: 'Remove a connector', description: 'What it brought in stays; nothing is read from it or sent to it any more.', params: connectorParams, response: answers(answerSchema) },
  }, async (request) => command(deps, request, request.params.connectorId, (id, who) => deps.commands.remove(id, who)));
  backfillRoutes(app, deps);
}

function simpleCommand(app: App, deps: ApiDependencies, name: 'pause' | 'resume', summary: string, send: Send): void {
  app.post(`/connectors/:connectorId/${name}`, {
    config: { access: 'operator' },
    schema: { tags: ['commands'], summary, params: connectorParams, response: answers(answerSchema) },
  }, async (request) => command(deps, request, connectorParams.parse(request.params).connectorId, send));
}

function backfillRoutes(app: App, deps: ApiDependencies): void {
  app.post('/connectors/:connectorId/backfill', {
    config: { access: 'operator' },
    schema: { tags: ['commands'], summary: 'Start a backfill', params: connectorParams, body: backfillSchema, response: answers(answerSchema, 202) },
  }, async (request, reply) => {
    const { dataType, from } = request.body;
    const asked = { ...(dataType === undefined ? {} : { dataType }), ...(from === undefined ? {} : { from }) };
    return reply.status(202).send(await command(deps, request, request.params.connectorId, (id, who) => deps.commands.startBackfill(id, { ...asked, who })));
  });
  app.get('/connectors/:connectorId/backfill/how', {
    config: { access: 'viewer' },
    schema: {
      tags: ['commands'], summary: 'The exact lines that start a backfill with `temporal` and `tctl`', params: connectorParams,
      querystring: z.object(backfillSchema.shape), response: answers(howToSchema),
    },
  }, async (request) => {
    const row = await inAccount(deps.db, callerOf(request).accountId, (trx) => requireActiveConnector(trx, request.params.connectorId));
    return backfillHowTo(deps.settings, row, platformOf(deps, row), request.query);
  });
}

/** Sends a command once the connector is known to be the caller's. Throws CONNECTOR_UNKNOWN, CONNECTOR_STATE, the workflow's refusal, TEMPORAL_UNAVAILABLE. */
export async function command(deps: ApiDependencies, request: FastifyRequest, connectorId: string, send: Send): Promise<CommandAnswer> {
  const { accountId, who } = callerOf(request);
  await inAccount(deps.db, accountId, (trx) => requireActiveConnector(trx, connectorId));
  return send(connectorId, who);
}
