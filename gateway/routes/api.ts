import type { Waker } from '../../activities/wake.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import type { App } from '../http/app.ts';
import type { ConnectorCommands } from '../temporal/commands.ts';
import { accessRoutes } from './access.ts';
import { accountRoutes } from './account.ts';
import { actionRoutes } from './actions.ts';
import { bounceRoutes } from './bounces.ts';
import { changeRoutes } from './changes.ts';
import { commandRoutes } from './commands.ts';
import { connectorRoutes } from './connectors.ts';
import { contactSearchRoutes } from './contact-search.ts';
import { erasureRoutes } from './erasure.ts';
import { failedRoutes } from './failed.ts';
import { importRoutes } from './import.ts';
import { mappingRoutes } from './mapping.ts';
import { operationRoutes } from './operations.ts';
import { ownFailureRoutes } from './own-failures.ts';
import { recordRoutes } from './records.ts';
import { reportRoutes } from './reports.ts';
import { setUpRoutes } from './set-up.ts';
import { statusRoutes } from './status.ts';

/** What the routes of the API are built from. */
export type ApiDependencies = GatewayDependencies & { readonly commands: ConnectorCommands; readonly waker: Pick<Waker, 'wake'> };

/** All routes of the REST API; the command line tool is a client of it. No body at all is an empty one. */
export async function apiRoutes(app: App, deps: ApiDependencies): Promise<void> {
  app.addHook('preValidation', async (request) => {
    if (request.method !== 'GET') request.body ??= {};
  });
  setUpRoutes(app, deps);
  connectorRoutes(app, deps);
  importRoutes(app, deps);
  mappingRoutes(app, deps);
  commandRoutes(app, deps);
  failedRoutes(app, deps);
  changeRoutes(app, deps);
  ownFailureRoutes(app, deps);
  statusRoutes(app, deps);
  bounceRoutes(app, deps);
  reportRoutes(app, deps);
  operationRoutes(app, deps);
  contactSearchRoutes(app, deps);
  actionRoutes(app, deps);
  recordRoutes(app, deps);
  erasureRoutes(app, deps);
  accountRoutes(app, deps);
  accessRoutes(app, deps);
}
