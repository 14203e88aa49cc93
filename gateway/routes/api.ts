import type { GatewayDependencies } from '../dependencies.ts';
import type { App } from '../http/app.ts';
import type { ConnectorCommands } from '../temporal/commands.ts';
import { connectorRoutes } from './connectors.ts';

/** What the routes of the API are built from. */
export type ApiDependencies = GatewayDependencies & { readonly commands: ConnectorCommands };

/** All routes of the REST API; the command line tool is a client of it. */
export async function apiRoutes(app: App, deps: ApiDependencies): Promise<void> {
  connectorRoutes(app, deps);
}
