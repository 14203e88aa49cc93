import { inAccount } from '../db/database.ts';
import { writeAudit } from '../db/repositories/audit.ts';
import { bringIntoForce } from '../db/repositories/default-source/follow.ts';
import { mergeAnewStep } from '../db/repositories/default-source/merge-anew.ts';
import { endRun, findRunFor, runningRuns, type DefaultSourceRun } from '../db/repositories/default-source/runs.ts';
import { typesWithDefaultSource } from '../domain/presets/default-source.ts';
import { loadApplyContext } from './apply-context.ts';
import { loadConnector } from './connector-context.ts';
import type { OrchestrationDependencies } from './orchestration.ts';
import { startRemap } from './start-remap.ts';

/**
 * Brings into force whose word on products and stock counts first, after connectors of the account came or went, and starts the workflow that merges
 * stored records anew where it is another's than before. Idempotent.
 */
export async function followDefaultSource(deps: OrchestrationDependencies, accountId: string): Promise<void> {
  for (const dataType of typesWithDefaultSource) await inAccount(deps.db, accountId, (trx) => bringIntoForce(trx, accountId, dataType));
  for (const run of await runningRuns(deps.db)) if (run.accountId === accountId) await startRemap(deps.temporal, run.connectorId);
}

/** How far records are that are merged anew for the sake of a connector; counts only. */
export type MergedAnew = Pick<DefaultSourceRun, 'looked' | 'total' | 'changed' | 'raised'> & { readonly more: boolean };

/**
 * Merges stored records anew for the sake of a connector, until it is done or `goesOn` says no, and wakes the deliveries concerned. Undefined when there is
 * nothing to do. May be killed anywhere: each step is stored with its progress.
 */
export async function mergeAnew(deps: OrchestrationDependencies, connectorId: string, goesOn: () => boolean): Promise<MergedAnew | undefined> {
  const runs = new Map<string, DefaultSourceRun>();
  for (let run = await findRunFor(deps.db, connectorId); run !== undefined; run = await findRunFor(deps.db, connectorId)) {
    runs.set(run.dataType, run);
    if (!goesOn()) return sumOf(runs.values(), true);
    runs.set(run.dataType, await workOn(deps, run, goesOn));
  }
  return runs.size === 0 ? undefined : sumOf(runs.values(), false);
}

function sumOf(runs: Iterable<DefaultSourceRun>, more: boolean): MergedAnew {
  const sum = { looked: 0, total: 0, changed: 0, raised: 0 };
  for (const run of runs) for (const name of ['looked', 'total', 'changed', 'raised'] as const) sum[name] += run[name];
  return { ...sum, more };
}

/** Steps until the end of the run, until it begins anew, or until `goesOn` says no. Returns how far it was before the last one. */
async function workOn(deps: OrchestrationDependencies, first: DefaultSourceRun, goesOn: () => boolean): Promise<DefaultSourceRun> {
  const { exports } = await loadApplyContext(deps, await loadConnector(deps, first.connectorId), first.dataType);
  let run = first;
  while (goesOn()) {
    const { state, raisedFor } = await mergeAnewStep(deps.db, { run, exports, now: new Date(deps.now()).toISOString(), faultPoint: deps.faultPoint });
    for (const id of raisedFor) deps.waker.wake('deliver', id);
    if (state === 'overtaken') return run;
    if (state === 'end') {
      await end(deps, run);
      return run;
    }
    const next = await findRunFor(deps.db, first.connectorId);
    if (next?.dataType !== run.dataType || next.generation !== run.generation) return run;
    run = next;
  }
  return run;
}

async function end(deps: OrchestrationDependencies, run: DefaultSourceRun): Promise<void> {
  const { accountId, connectorId, dataType, looked, changed, raised } = run;
  await inAccount(deps.db, accountId, async (trx) => {
    if (await endRun(trx, run)) await writeAudit(trx, { accountId, who: 'hub', what: 'defaultSource.applied', connectorId, details: { dataType, looked, changed, raised } });
  });
}
