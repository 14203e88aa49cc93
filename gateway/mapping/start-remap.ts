import type { GatewayDependencies } from '../dependencies.ts';
import type { ConnectorCommands } from '../temporal/commands.ts';

/** What is needed to have stored records brought in line with a mapping. */
export type RemapDependencies = GatewayDependencies & { readonly commands: Pick<ConnectorCommands, 'remap'> };

/** Starts the workflow for what was stored; false when Temporal is away: the sweep starts it then. */
export async function startRemap(deps: RemapDependencies, connectorId: string): Promise<boolean> {
  try {
    await deps.commands.remap(connectorId);
    return true;
  } catch (error) {
    deps.log.warn({ connectorId, error: error instanceof Error ? error.name : 'unknown' }, 'The workflow that brings records in line with a mapping was not started; the sweep starts it');
    return false;
  }
}
