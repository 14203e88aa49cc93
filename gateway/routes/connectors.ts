import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { inAccount } from '../../db/database.ts';
import { listConnectors } from '../../db/repositories/connectors.ts';
import { findPermissionKeys } from '../../db/repositories/permission-links.ts';
import { addConnector } from '../connectors/add-connector.ts';
import { changeConnector } from '../connectors/change-connector.ts';
import { checkConnector } from '../connectors/check-connector.ts';
import { connectorSchema, connectorSummary, connectorSummarySchema, connectorView, type ConnectorView } from '../connectors/connector-view.ts';
import { platformOf, requireConnector } from '../connectors/load-connector.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answerFor, answers, errorAnswerSchema } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';

/** Path parameters of what is about one connector. */
export const connectorParams = z.object({ connectorId: z.string().describe('As `mailplus-1`.') });

const settings = z.record(z.string(), z.unknown()).default({}).describe('By name; `GET /platforms` lists them.');
const credentials = z.record(z.string(), z.string()).default({}).describe('By name; stored encrypted and never shown again.');
const skipCheck = z.boolean().default(false).describe('Store without asking the platform first.');

const addSchema = z.strictObject({
  platform: z.string(),
  preset: z.string().optional().describe('Needed where the platform has more than one.'),
  id: z.string().optional().describe('Small letters, digits and «-»; `<platform>-<n>` when absent.'),
  name: z.string().min(1).max(200).optional(),
  settings,
  credentials,
  test: z.boolean().default(false).describe('A test connector: may pull more often and with a lower margin.'),
  override: z.boolean().default(false).describe('Take another order than the onboarding page asks for.'),
  acceptLateFulfilment: z.boolean().default(false).describe('E-fulfilment comes late, and its consequences for products and stock are wanted.'),
  skipCheck,
}).meta({ id: 'AddConnector' });

const addedSchema = z.object({
  connector: connectorSchema,
  notes: z.array(z.string()),
  warnings: z.array(z.string()),
  sourceToken: z.string().optional().describe('For the source system; shown this once.'),
  started: z.boolean().describe('Whether its workflow was started; otherwise the sweep does it.'),
}).meta({ id: 'AddedConnector' });

const changeSchema = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  settings,
  unset: z.array(z.string()).default([]).describe('Settings that go back to their default.'),
  credentials,
  skipCheck,
}).meta({ id: 'ChangeConnector' });

const checkSchema = z.object({ ok: z.boolean(), notes: z.array(z.string()), problems: z.array(errorAnswerSchema.shape.error) }).meta({ id: 'ConnectorCheck' });

/** `addedSchema`. */
export type AddedView = z.infer<typeof addedSchema>;
/** `checkSchema`. */
export type CheckView = z.infer<typeof checkSchema>;

/** Adding, showing, checking and changing connectors. */
export function connectorRoutes(app: App, deps: ApiDependencies): void {
  readRoutes(app, deps);
  writeRoutes(app, deps);
  app.post('/connectors/:connectorId/check', {
    config: { access: 'operator' },
    schema: { tags: ['connectors'], summary: 'Check that a connector\'s platform answers and its permissions are linked', params: connectorParams, response: answers(checkSchema) },
  }, async (request) => {
    const { ok, notes, problems } = await checkConnector(deps, callerOf(request).accountId, request.params.connectorId);
    return { ok, notes: [...notes], problems: problems.map((problem) => answerFor(problem).body.error) };
  });
}

function readRoutes(app: App, deps: ApiDependencies): void {
  app.get('/connectors', {
    config: { access: 'viewer' },
    schema: {
      tags: ['connectors'], summary: 'List connectors', querystring: z.object({ removed: z.stringbool().default(false).describe('Removed ones too.') }),
      response: answers(z.object({ connectors: z.array(connectorSummarySchema) })),
    },
  }, async (request) => {
    const rows = await inAccount(deps.db, callerOf(request).accountId, (trx) => listConnectors(trx, { removed: request.query.removed }));
    return { connectors: rows.map(connectorSummary) };
  });
  app.get('/connectors/:connectorId', {
    config: { access: 'viewer' },
    schema: { tags: ['connectors'], summary: 'Show a connector', params: connectorParams, response: answers(connectorSchema) },
  }, async (request) => show(deps, request, request.params.connectorId));
}

function writeRoutes(app: App, deps: ApiDependencies): void {
  app.post('/connectors', {
    config: { access: 'admin' },
    schema: { tags: ['connectors'], summary: 'Add a connector', description: 'Everything is checked, and the platform asked, before anything is stored.', body: addSchema, response: answers(addedSchema, 201) },
  }, async (request, reply) => {
    const { id, notes, warnings, ...rest } = await addConnector(deps, callerOf(request), request.body);
    return reply.status(201).send({ connector: await show(deps, request, id), notes: [...notes], warnings: [...warnings], ...rest });
  });
  app.patch('/connectors/:connectorId', {
    config: { access: 'admin' },
    schema: {
      tags: ['connectors'], summary: 'Change name, settings or credentials', params: connectorParams, body: changeSchema,
      response: answers(z.object({ connector: connectorSchema, warnings: z.array(z.string()) })),
    },
  }, async (request) => {
    const { connectorId } = request.params;
    const { warnings } = await changeConnector(deps, callerOf(request), connectorId, request.body);
    return { connector: await show(deps, request, connectorId), warnings: [...warnings] };
  });
}

async function show(deps: ApiDependencies, request: FastifyRequest, connectorId: string): Promise<ConnectorView> {
  return inAccount(deps.db, callerOf(request).accountId, async (trx) => {
    const row = await requireConnector(trx, connectorId);
    const permissions = await findPermissionKeys(trx, connectorId);
    return connectorView(deps, row, deps.platforms[row.platform] === undefined ? undefined : platformOf(deps, row), { permissions, publicUrl: publicUrl(deps, request) });
  });
}

/** Where source systems reach the gateway: as configured, else as this request did. */
function publicUrl(deps: ApiDependencies, request: FastifyRequest): string {
  return (deps.settings.publicUrl ?? `${request.protocol}://${request.host}`).replace(/\/+$/, '');
}
