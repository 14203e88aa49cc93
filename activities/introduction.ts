import { loadConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** What a workflow has to know of its connector before it begins. */
export interface Introduction {
  readonly accountId: string;
  readonly platform: string;
  readonly isRemoved: boolean;
}

/** Activities that every workflow of a connector begins with. */
export function createIntroductionActivities(deps: ActivityDependencies) {
  /** Looks a connector up. Throws CONNECTOR_UNKNOWN. */
  async function introduce({ connectorId }: { readonly connectorId: string }): Promise<Introduction> {
    const { row } = await loadConnector(deps, connectorId);
    return { accountId: row.account_id, platform: row.platform, isRemoved: row.phase === 'removed' };
  }
  return { introduce };
}
