import { endRematch, findAccount, type Account } from '../db/repositories/accounts.ts';
import { releaseAllSharedEmails } from '../db/repositories/deliver/shared-email.ts';
import { rematchAccount, type RematchStep } from '../db/repositories/merge/rematch-account.ts';
import type { RematchScope } from '../db/repositories/merge/rematch-look.ts';
import { loadApplyContext } from './apply-context.ts';
import { activitySignal, loadConnector } from './connector-context.ts';
import { withHeartbeat } from './heartbeat.ts';
import { mergeRecords } from './merge.ts';
import type { OrchestrationDependencies } from './orchestration.ts';

/** Where to go on with matching contacts anew: behind the record `after`, 0 for the beginning. */
export interface RematchInput {
  readonly accountId: string;
  readonly after: number;
}

/** A part of a pass of matching contacts anew. Ids and counts. */
export interface RematchPart {
  /** The mark of the change that it carries out; null when there is nothing to do. */
  readonly since: string | null;
  /** Where the next part begins; null when the pass is done. */
  readonly after: number | null;
  readonly looked: number;
  readonly changed: number;
  readonly merged: number;
  /** After so many milliseconds no page is under way any more that was matched in the old manner. */
  readonly settledAfterMs: number;
}

const longestSlackMs = 60_000;
/** Behind every record: what is left of a pass is merges. */
const behindAll = Number.MAX_SAFE_INTEGER;

/** Activities of `rematch`. */
export function createRematchActivities(deps: OrchestrationDependencies) {
  /**
   * Matches contacts of an account as its settings say, for one time box, merges for another one those that are one now, and wakes the deliveries
   * concerned. Idempotent; may be killed anywhere: what is matched already is only read.
   */
  async function rematchContacts({ accountId, after }: RematchInput): Promise<RematchPart> {
    const account = await findAccount(deps.db, accountId);
    const settledAfterMs = deps.settings.timeBoxMs + Math.min(longestSlackMs, deps.settings.timeBoxMs);
    if (account === undefined || account.rematchingSince === null) return { since: null, after: null, looked: 0, changed: 0, merged: 0, settledAfterMs };
    const done = await withHeartbeat(async () => stepThrough(deps, await scopeOf(deps, account), after));
    const { merged, raisedFor, more } = await mergeRecords(deps, accountId, deps.settings.timeBoxMs);
    for (const id of new Set([...done.raisedFor, ...raisedFor])) deps.waker.wake('deliver', id);
    activitySignal().throwIfAborted();
    return { since: account.rematchingSince, after: done.after ?? (more ? behindAll : null), looked: done.looked, changed: done.changed, merged, settledAfterMs };
  }

  /** The account's contacts are matched as its settings say: takes the mark away, and has another look at who waits for an address. Idempotent. */
  async function endRematching({ accountId, since }: { readonly accountId: string; readonly since: string }): Promise<void> {
    await endRematch(deps.db, accountId, since);
    for (const id of await releaseAllSharedEmails(deps.db, accountId)) deps.waker.wake('deliver', id);
  }
  return { rematchContacts, endRematching };
}

/** An account without connectors has nobody to tell. */
async function scopeOf(deps: OrchestrationDependencies, { id, settings }: Account): Promise<RematchScope> {
  const common = { accountId: id, matching: settings.matching, now: new Date(deps.now()).toISOString(), faultPoint: deps.faultPoint };
  const any = await deps.db.selectFrom('connector').select('id').where('account_id', '=', id).where('phase', '<>', 'removed').limit(1).executeTakeFirst();
  if (any === undefined) return { ...common, reflecting: new Set(), exports: [] };
  const { reflecting, exports } = await loadApplyContext(deps, await loadConnector(deps, any.id));
  return { ...common, reflecting, exports };
}

async function stepThrough(deps: OrchestrationDependencies, scope: RematchScope, after: number): Promise<RematchStep> {
  const signal = activitySignal();
  const endMs = deps.now() + deps.settings.timeBoxMs;
  const done = await rematchAccount(deps.db, scope, after, () => deps.now() < endMs && !signal.aborted);
  signal.throwIfAborted();
  return done;
}
