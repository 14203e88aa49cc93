import { z } from 'zod';
import { inAccount } from '../../db/database.ts';
import { changeMapping } from '../mapping/change-mapping.ts';
import { connectorFieldsSchema, connectorFieldsView, refreshFields } from '../mapping/connector-fields.ts';
import { directionSchema, mappingSchema, mappingView } from '../mapping/mapping-view.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';
import { connectorParams } from './connectors.ts';

const entrySchema = z.strictObject({
  field: z.string().min(1).max(210).describe('As `city`, or `extra.<name>`.'),
  property: z.string().min(1).max(250).nullable().describe('As `freeField1`, or `list1:2` for a switch of a set; null leaves the field out.'),
  direction: directionSchema.default('both'),
});

const changeSchema = z.strictObject({
  set: z.array(entrySchema).max(500).default([]).describe('Each replaces what was said of its field, in its direction.'),
  reset: z.union([z.literal('all'), z.array(z.string()).max(500)]).default([]).describe('Fields that go back to the default; comes before `set`.'),
}).meta({ id: 'ChangeMapping' });

const changedSchema = mappingSchema.extend({ notes: z.array(z.string()).describe('What follows, for a person.') }).meta({ id: 'ChangedMapping' });

/** `changedSchema`. */
export type ChangedMappingView = z.infer<typeof changedSchema>;

/** How the fields of a connector are mapped, and the fields that its account has. */
export function mappingRoutes(app: App, deps: ApiDependencies): void {
  const tags = ['connectors'];
  app.get('/connectors/:connectorId/mapping', {
    config: { access: 'viewer' }, schema: { tags, summary: 'Show how the fields of a connector are mapped', params: connectorParams, response: answers(mappingSchema) },
  }, async (request) => inAccount(deps.db, callerOf(request).accountId, (trx) => mappingView(deps, trx, request.params.connectorId)));
  app.patch('/connectors/:connectorId/mapping', {
    config: { access: 'admin' },
    schema: {
      tags, summary: 'Change how the fields of a connector are mapped', params: connectorParams, body: changeSchema, response: answers(changedSchema),
      description: 'Checked against what the account has: an unknown property, a wrong type or a read-only one is refused with the field (`MAPPING_INVALID`), and nothing is changed then. Stored contacts are brought in line in the background; only what differs is sent.',
    },
  }, async (request) => {
    const { connectorId } = request.params;
    const caller = callerOf(request);
    const notes = await changeMapping(deps, caller, connectorId, request.body);
    return { ...(await inAccount(deps.db, caller.accountId, (trx) => mappingView(deps, trx, connectorId))), notes: [...notes] };
  });
  fieldRoutes(app, deps, tags);
}

function fieldRoutes(app: App, deps: ApiDependencies, tags: string[]): void {
  app.get('/connectors/:connectorId/fields', {
    config: { access: 'viewer' }, schema: { tags, summary: 'Show the fields of a connector\'s account, as they were read last', params: connectorParams, response: answers(connectorFieldsSchema) },
  }, async (request) => inAccount(deps.db, callerOf(request).accountId, (trx) => connectorFieldsView(deps, trx, request.params.connectorId)));
  app.post('/connectors/:connectorId/fields/refresh', {
    config: { access: 'operator' }, schema: { tags, summary: 'Read the fields of a connector\'s account again', params: connectorParams, response: answers(connectorFieldsSchema) },
  }, async (request) => {
    const { connectorId } = request.params;
    const caller = callerOf(request);
    await refreshFields(deps, caller, connectorId);
    return inAccount(deps.db, caller.accountId, (trx) => connectorFieldsView(deps, trx, connectorId));
  });
}
