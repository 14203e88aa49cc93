import { z } from 'zod';
import { inAccount } from '../../db/database.ts';
import { readChanges, type StoredChange } from '../../db/repositories/feed/read-changes.ts';
import { HubError } from '../../domain/errors.ts';
import { dataTypes } from '../../domain/presets/data-types.ts';
import { formatCursor, parseCursor } from '../changes/cursor.ts';
import { requireConnector } from '../connectors/load-connector.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';
import { connectorParams } from './connectors.ts';

const entrySchema = z.object({
  id: z.string().describe('Unique at the connector: an entry that comes twice has the same one.'),
  at: z.string().describe('When the hub published it.'),
  dataType: z.enum([...dataTypes, 'lists']),
  kind: z.enum(['upserted', 'deleted', 'happened']).describe('A state, or (`happened`) a fact such as an activity.'),
  externalId: z.string().describe('The thing\'s id at the system; one that begins with `hub-` was given by the hub.'),
  changes: z.array(z.string()).describe('Names of what differs from what the system was told before.'),
  data: z.unknown().describe('The thing in the hub\'s canonical shape.'),
}).meta({ id: 'Change' });

const pageSchema = z.object({
  entries: z.array(entrySchema),
  next: z.string().nullable().describe('Send it as `after` for what comes behind; null while there was never anything.'),
  more: z.boolean().describe('There is more already.'),
});

const querySchema = z.object({
  after: z.string().min(1).max(200).optional().describe('`next` of an earlier answer; the beginning of what is kept when absent.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('How many entries.'),
});

/** `pageSchema`. */
export type ChangesView = z.infer<typeof pageSchema>;

const description = 'In the order in which the changes were stored. An entry is shown as soon as no older transaction is under way any more, so nothing is ever skipped, however late it was '
  + 'stored. Entries are kept for some days (the setting `changeFeedDays`); a cursor from before them is refused with 410 `CHANGES_EXPIRED`.';

/** What the hub has for a system that reads it by itself. */
export function changeRoutes(app: App, deps: ApiDependencies): void {
  app.get('/connectors/:connectorId/changes', {
    config: { access: 'own-data' },
    schema: { tags: ['changes'], summary: 'Read what the hub has for a system', description, params: connectorParams, querystring: querySchema, response: answers(pageSchema) },
  }, async (request) => {
    const { connectorId } = request.params;
    const { after, limit } = request.query;
    const position = after === undefined ? undefined : parseCursor(after);
    return inAccount(deps.db, callerOf(request).accountId, async (trx) => {
      await requireConnector(trx, connectorId);
      const page = await readChanges(trx, connectorId, position, limit);
      if (page.kind === 'expired') throw new HubError('CHANGES_EXPIRED', undefined, { connectorId, field: 'after' });
      const last = page.entries.at(-1);
      return { entries: page.entries.map(view), next: last === undefined ? after ?? null : formatCursor(last), more: page.more };
    });
  });
}

const view = ({ key, at, dataType, kind, externalId, changes, data }: StoredChange): z.infer<typeof entrySchema> =>
  ({ id: key, at, dataType, kind, externalId, changes: [...changes], data });
