import { inAccount } from '../db/database.ts';
import { accountsWithCases, resolveOutdated } from '../db/repositories/bounces/cases.ts';
import { raiseBounceTasks } from '../db/repositories/bounces/tasks.ts';
import { repeatOnConflict } from '../db/repositories/repeat-on-conflict.ts';
import { loadApplyContext } from './apply-context.ts';
import { loadConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { Waker } from './wake.ts';

/**
 * Looks after open cases of bounces where no page does: those whose contact went or was merged are resolved, and a contact that came to a
 * CRM only after its mail bounced gets its task there. Returns how many cases were resolved and connectors got tasks. Idempotent.
 */
export async function sweepBounces(deps: ActivityDependencies & { readonly waker: Pick<Waker, 'wake'> }): Promise<number> {
  let settled = 0;
  for (const { accountId, connectorId } of await accountsWithCases(deps.db)) {
    const { taskExports = [] } = await loadApplyContext(deps, await loadConnector(deps, connectorId));
    const { resolved, raisedFor } = await repeatOnConflict(() => inAccount(deps.db, accountId, async (trx) => ({
      resolved: await resolveOutdated(trx, 'all'), raisedFor: await raiseBounceTasks(trx, { accountId, taskExports }, 'all'),
    })));
    for (const id of raisedFor) deps.waker.wake('deliver', id);
    settled += resolved + raisedFor.length;
  }
  return settled;
}
