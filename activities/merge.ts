import { mergingKindOf } from '../domain/identity/match-keys.ts';
import { recordTypes } from '../domain/model/record-fields.ts';
import { mergePending } from '../db/repositories/merge/merge-records.ts';
import { loadApplyContext } from './apply-context.ts';
import { activitySignal, loadConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withHeartbeat } from './heartbeat.ts';

/** The data types besides contacts of which records are merged. */
const mergedTypes = recordTypes.filter((type) => type !== 'contacts' && mergingKindOf(type, 'email') !== '');

/** A part of an account's merges. Counts and connector ids. */
export interface MergePart {
  readonly merged: number;
  /** Export connectors with newly raised deliveries: to be woken. */
  readonly raisedFor: readonly string[];
  /** The time box ended with requests left. */
  readonly more: boolean;
}

/**
 * Carries out an account's merge requests within an activity, for `forMs` milliseconds at most: each is a transaction of its own, so that it may be
 * broken off and go on anywhere. At least one is carried out each time. Idempotent.
 */
export async function mergeRecords(deps: ActivityDependencies, accountId: string, forMs: number): Promise<MergePart> {
  return withHeartbeat(async () => {
    const any = await deps.db.selectFrom('connector').select('id').where('account_id', '=', accountId).where('phase', '<>', 'removed').limit(1).executeTakeFirst();
    if (any === undefined) return { merged: 0, raisedFor: [], more: false };
    const connector = await loadConnector(deps, any.id);
    const context = await loadApplyContext(deps, connector);
    const others = Object.fromEntries(await Promise.all(mergedTypes.map(async (type) => [type, await loadApplyContext(deps, connector, type)] as const)));
    const signal = activitySignal();
    const endMs = deps.now() + forMs;
    const scope = { ...context, others, now: new Date(deps.now()).toISOString(), faultPoint: deps.faultPoint };
    const { merged, raisedFor, more } = await mergePending(deps.db, scope, () => deps.now() < endMs && !signal.aborted);
    return { merged, raisedFor, more };
  });
}
