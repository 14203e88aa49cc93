import { HubError } from '../domain/errors.ts';
import { loadApplyContext, type ApplyContext } from './apply-context.ts';
import { loadConnector, type LoadedConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';

/**
 * Reads and applies; once more, with the connector as it is now, when its mapping was changed meanwhile: what was read by the old one was
 * not stored.
 */
export async function withCurrentMapping<Result>(
  deps: ActivityDependencies, connector: LoadedConnector, context: ApplyContext, work: (connector: LoadedConnector, context: ApplyContext) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(connector, context);
  } catch (error) {
    if (!(error instanceof HubError && error.code === 'MAPPING_CHANGED')) throw error;
    const present = await loadConnector(deps, connector.row.id);
    return work(present, await loadApplyContext(deps, present));
  }
}
