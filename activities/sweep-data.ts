import { inAccount } from '../db/database.ts';
import { releaseActivities } from '../db/repositories/apply/release-activities.ts';
import { adoptForeignFeeds, cutChangeFeeds } from '../db/repositories/feed/cut.ts';
import { isGateOpen, openGate } from '../db/repositories/gates.ts';
import { parkStaleListSyncs } from '../db/repositories/lists.ts';
import { createPartitions } from '../db/repositories/partitions.ts';
import { accountsToMerge, gatedDeliveries, receivingConnectors, releasableActivities } from '../db/repositories/sweep.ts';
import { isImported } from '../domain/presets/gates.ts';
import type { PresetId } from '../domain/presets/presets.ts';
import { dataTypeOf } from './orchestration.ts';
import { loadApplyContext } from './apply-context.ts';
import { loadConnector } from './connector-context.ts';
import { mergeRecords } from './merge.ts';
import type { OrchestrationDependencies } from './orchestration.ts';
import { sweepAwaited } from './sweep-awaited.ts';
import { sweepBounces } from './sweep-bounces.ts';
import { sweepUnlicensed } from './unlicensed.ts';

const activitiesAtOnce = 10_000;
const changesAtOnce = 100_000;

/** What a sweep put right in the database. */
export interface DataSweep {
  readonly listsParked: number;
  readonly activitiesReleased: number;
  readonly deliveriesFreed: number;
  readonly merged: number;
  /** Cases of bounces that were resolved, and connectors that got tasks for others. */
  readonly bouncesSettled: number;
  /** Entries of change feeds that are not kept any more. */
  readonly changesCut: number;
  readonly partitions: number;
}

/** Puts right what nobody else comes back to. Idempotent. */
export async function sweepData(deps: OrchestrationDependencies): Promise<DataSweep> {
  const now = deps.now();
  return {
    listsParked: await parkStale(deps),
    activitiesReleased: await releaseWaiting(deps),
    deliveriesFreed: (await freeGated(deps)) + (await sweepAwaited(deps)) + (await sweepUnlicensed(deps)),
    merged: await mergeLeft(deps),
    bouncesSettled: await sweepBounces(deps),
    changesCut: await cutFeeds(deps),
    partitions: (await createPartitions(deps.databaseUrl, new Date(now).toISOString())).length,
  };
}

async function cutFeeds(deps: OrchestrationDependencies): Promise<number> {
  const adopted = await adoptForeignFeeds(deps.db);
  if (adopted > 0) deps.log.warn({ feeds: adopted }, 'The database was restored: readers of change feeds have to begin again');
  return cutChangeFeeds(deps.db, new Date(deps.now()).toISOString(), changesAtOnce);
}

/** A connector's own setting counts, up to the hub's longest time. */
async function parkStale(deps: OrchestrationDependencies): Promise<number> {
  let parked = 0;
  for (const connectorId of await receivingConnectors(deps.db)) {
    const minutes = (await loadConnector(deps, connectorId)).settings['listSyncParkAfterMinutes'];
    const afterMs = Math.min(deps.settings.listSyncParkAfterMs, typeof minutes === 'number' ? minutes * 60_000 : Infinity);
    parked += await parkStaleListSyncs(deps.db, new Date(deps.now() - afterMs).toISOString(), connectorId);
  }
  return parked;
}

async function releaseWaiting(deps: OrchestrationDependencies): Promise<number> {
  let released = 0;
  for (const [connectorId, contacts] of await releasableActivities(deps.db, activitiesAtOnce)) {
    const context = await loadApplyContext(deps, await loadConnector(deps, connectorId));
    await inAccount(deps.db, context.accountId, (trx) => releaseActivities(trx, context, contacts));
    for (const id of context.activityExports) deps.waker.wake('deliver', id);
    released += contacts.length;
  }
  return released;
}

async function freeGated(deps: OrchestrationDependencies): Promise<number> {
  let freed = 0;
  for (const { connectorId, dataType } of await gatedDeliveries(deps.db)) {
    const { row, platform } = await loadConnector(deps, connectorId);
    const imports = isImported(row.preset as PresetId, dataTypeOf(dataType), platform.description).allowed;
    if (await isGateOpen(deps.db, connectorId, dataType, imports)) freed += await openGate(deps.db, connectorId, dataType);
  }
  return freed;
}

/** For no longer than from one sweep to the next, all accounts together: that one goes on. */
async function mergeLeft(deps: OrchestrationDependencies): Promise<number> {
  const endMs = deps.now() + Math.min(deps.settings.timeBoxMs, deps.intervals.sweepMs);
  let merged = 0;
  for (const accountId of await accountsToMerge(deps.db)) {
    const part = await mergeRecords(deps, accountId, endMs - deps.now());
    for (const id of part.raisedFor) deps.waker.wake('deliver', id);
    merged += part.merged;
  }
  return merged;
}
