import { z } from 'zod';
import { inAccount } from '../../db/database.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import { connectorStatuses, connectorStatusSchema } from '../status/status-view.ts';
import { nextPulls } from '../temporal/next-pulls.ts';
import type { ApiDependencies } from './api.ts';

/** How every connector is, with what waits and why. */
export function statusRoutes(app: App, deps: ApiDependencies): void {
  app.get('/status', {
    config: { access: 'viewer' },
    schema: {
      tags: ['status'], summary: 'The status of all connectors', description: 'Counts whole tables: for people, every few seconds at most.',
      response: answers(z.object({ at: z.string(), connectors: z.array(connectorStatusSchema) })),
    },
  }, async (request) => {
    const pulls = await nextPulls(deps.temporal);
    const connectors = await inAccount(deps.db, callerOf(request).accountId, (trx) => connectorStatuses(deps, trx, pulls));
    return { at: new Date(deps.now()).toISOString(), connectors };
  });
}
