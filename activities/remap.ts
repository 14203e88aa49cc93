import { inAccount } from '../db/database.ts';
import { writeAudit } from '../db/repositories/audit.ts';
import { endRun, findMappingRun, type MappingRun } from '../db/repositories/mapping/mapping-runs.ts';
import { remapStep, type RemapScope } from '../db/repositories/mapping/remap-records.ts';
import { loadApplyContext } from './apply-context.ts';
import { activitySignal, loadConnector, type LoadedConnector } from './connector-context.ts';
import { withHeartbeat } from './heartbeat.ts';
import { mergeAnew, type MergedAnew } from './default-source.ts';
import type { OrchestrationDependencies } from './orchestration.ts';

/** How far stored records are in line with what has changed about a connector. Counts only. */
export interface RemapProgress {
  /** What has changed: its mapping, unless it is said that another connector has the first word on products and stock. */
  readonly of?: 'default-source';
  readonly more: boolean;
  readonly looked: number;
  readonly total: number;
  /** What says something else than before. */
  readonly derived: number;
  readonly raised: number;
}

/** Activities of `remap`. */
export function createRemapActivities(deps: OrchestrationDependencies) {
  /**
   * Brings stored records in line with a connector's mapping, and then with whose word on products and stock counts first since it came or went, for one time
   * box, and wakes the deliveries concerned. Idempotent; may be killed anywhere: each step is stored with its progress. Throws CONNECTOR_UNKNOWN.
   */
  async function remapContacts({ connectorId }: { readonly connectorId: string }): Promise<RemapProgress> {
    return withHeartbeat(async () => {
      const signal = activitySignal();
      const endsAt = deps.now() + deps.settings.timeBoxMs;
      const goesOn = () => deps.now() <= endsAt && !signal.aborted;
      const mapped = await followMapping(deps, connectorId, goesOn);
      const merged = mapped.more ? undefined : await mergeAnew(deps, connectorId, goesOn);
      signal.throwIfAborted();
      return merged === undefined ? mapped : mergedProgress(merged);
    });
  }
  return { remapContacts };
}

async function followMapping(deps: OrchestrationDependencies, connectorId: string, goesOn: () => boolean): Promise<RemapProgress> {
  for (;;) {
    const connector = await loadConnector(deps, connectorId);
    const run = await findMappingRun(deps.db, connectorId);
    if (run?.state !== 'running' || connector.row.phase === 'removed') return progressOf(run, false);
    if (!goesOn()) return progressOf(run, true);
    await work(deps, connector, run, goesOn);
  }
}

const mergedProgress = ({ more, looked, total, changed, raised }: MergedAnew): RemapProgress => ({ of: 'default-source', more, looked, total, derived: changed, raised });

const progressOf = (run: MappingRun | undefined, more: boolean): RemapProgress =>
  ({ more, looked: run?.looked ?? 0, total: run?.total ?? 0, derived: run?.derived ?? 0, raised: run?.raised ?? 0 });

/** Steps until the end of the run, until it begins anew, or until `goesOn` says no. */
async function work(deps: OrchestrationDependencies, connector: LoadedConnector, first: MappingRun, goesOn: () => boolean): Promise<void> {
  // Loaded with a mapping of before or after the run's own: the run says which one it is for.
  if (connector.row.mapping_generation !== first.generation) return;
  const { exports } = await loadApplyContext(deps, connector);
  const common = { accountId: connector.row.account_id, exports, derive: deriveOf(connector, first), faultPoint: deps.faultPoint };
  let run: MappingRun | undefined = first;
  while (run?.generation === first.generation && goesOn()) {
    const step = await remapStep(deps.db, { ...common, run, now: new Date(deps.now()).toISOString() });
    for (const id of step.raisedFor) deps.waker.wake('deliver', id);
    if (step.state === 'overtaken') return;
    if (step.state === 'end') return end(deps, connector, run);
    run = await findMappingRun(deps.db, connector.row.id);
  }
}

async function end(deps: OrchestrationDependencies, { row }: LoadedConnector, run: MappingRun): Promise<void> {
  const { looked, derived, raised } = run;
  await inAccount(deps.db, row.account_id, async (trx) => {
    if (await endRun(trx, run)) await writeAudit(trx, { accountId: row.account_id, who: 'hub', what: 'mapping.applied', connectorId: row.id, details: { looked, derived, raised } });
  });
}

/** Reads a stored payload by the mapping of before and by that of now. */
function deriveOf({ platform, settings, fields, mapping }: LoadedConnector, { before }: MappingRun): RemapScope['derive'] {
  if (before === null || mapping === undefined || platform.mapping === undefined) return null;
  const { derive } = platform.mapping;
  return (payload) => {
    const [then, now] = [derive({ settings, fields, mapping: before }, payload), derive({ settings, fields, mapping }, payload)];
    return then === undefined || now === undefined ? undefined : { before: then, after: now };
  };
}
