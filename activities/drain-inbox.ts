import type { Selectable } from 'kysely';
import { HubError } from '../domain/errors.ts';
import type { RecordType } from '../domain/model/record-fields.ts';
import type { Trx } from '../db/database.ts';
import { mergingKeyOf } from '../domain/identity/match-keys.ts';
import type { ApplyResult } from '../db/repositories/apply/types.ts';
import type { InboxTable } from '../db/tables/flow.ts';
import { applyContent, type DrainContext } from './apply-content.ts';
import { loadApplyContext, type ApplyContext } from './apply-context.ts';
import { carryOutSubscription } from './carry-out-subscription.ts';
import { activitySignal, loadConnector, type LoadedConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withHeartbeat } from './heartbeat.ts';
import { InFlight } from './in-flight.ts';
import { KeysUnderWay } from './keys-under-way.ts';
import { listDestinations } from './list-destinations.ts';
import { readChanged } from './read-changed.ts';

type InboxRow = Selectable<InboxTable>;

/** What a drain did. Counts only. */
export interface DrainResult {
  readonly applied: number;
  readonly failed: number;
  /** More was waiting when the time box ended. */
  readonly more: boolean;
  readonly raisedFor: readonly string[];
  readonly mergesRequested: number;
  /** Data types that a source system asked to have pulled now. */
  readonly pullNow: readonly string[];
}

const pagesInFlight = 3;
const failuresBeforeSettingAside = 3;
const inboxKinds = { sourceChanged: 'source-changed', listSync: 'list-sync', listRemoved: 'list-removed', subscription: 'subscription' } as const;

/** Activities of `continuousSync`. */
export function createInboxActivities(deps: ActivityDependencies) {
  /**
   * Applies what waits in the inbox of one connector, by the state of its rows, until nothing is left or the time box ends.
   * Pages of list syncs go a few at a time, everything else in order. Idempotent: a row is applied in the transaction that marks it.
   */
  async function drainInbox(input: { connectorId: string }): Promise<DrainResult> {
    return withHeartbeat(async () => {
      const connector = await loadConnector(deps, input.connectorId);
      const idle = { applied: 0, failed: 0, more: false, raisedFor: [], mergesRequested: 0, pullNow: [] };
      if (connector.row.paused || connector.row.phase === 'removed') return idle;
      return drain(deps, connector, await loadApplyContext(deps, connector));
    });
  }
  return { drainInbox };
}

interface Tally { applied: number; failed: number; raisedFor: Set<string>; mergesRequested: number; pullNow: Set<string> }

async function drain(deps: ActivityDependencies, connector: LoadedConnector, context: ApplyContext): Promise<DrainResult> {
  const tally: Tally = { applied: 0, failed: 0, raisedFor: new Set(), mergesRequested: 0, pullNow: new Set() };
  const signal = activitySignal();
  const endsAt = deps.now() + deps.settings.timeBoxMs;
  const underWay = new InFlight<number>();
  const keys = new KeysUnderWay(({ canonical }) => mergingKeyOf('contacts', canonical, context.matching));
  const contexts = new Map<RecordType, Promise<ApplyContext>>([['contacts', Promise.resolve(context)]]);
  const contextFor = (dataType: RecordType): Promise<ApplyContext> => {
    const known = contexts.get(dataType) ?? loadApplyContext(deps, connector, dataType);
    contexts.set(dataType, known);
    return known;
  };
  const shared: DrainContext = { ...context, keys, contextFor, listExports: await listDestinations(deps, connector.row), markApplied };
  const begin = async (row: InboxRow): Promise<void> => {
    await applyRow(deps, connector, shared, row, tally, signal);
    deps.onRaised?.(tally.raisedFor);
  };
  for (;;) {
    if (signal.aborted || deps.now() > endsAt) await underWay.idle();
    signal.throwIfAborted();
    if (deps.now() > endsAt) return report(tally, true);
    const running = underWay.keys;
    const row = await nextRow(deps, connector.row.id, running);
    if (row === undefined && running.length === 0) return report(tally, false);
    if (row?.kind !== inboxKinds.listSync) await underWay.idle();
    if (row === undefined) continue;
    underWay.add(row.id, begin(row));
    await underWay.room(row.kind === inboxKinds.listSync ? pagesInFlight : 1);
  }
}

const report = (tally: Tally, more: boolean): DrainResult =>
  ({ applied: tally.applied, failed: tally.failed, more, raisedFor: [...tally.raisedFor], mergesRequested: tally.mergesRequested, pullNow: [...tally.pullNow] });

/** The first row that waits and is not under way. */
async function nextRow(deps: ActivityDependencies, connectorId: string, underWay: readonly number[]): Promise<InboxRow | undefined> {
  let query = deps.db.selectFrom('inbox').selectAll().where('connector_id', '=', connectorId).where('state', '=', 'new').orderBy('id').limit(1);
  if (underWay.length > 0) query = query.where('id', 'not in', underWay);
  return query.executeTakeFirst();
}

async function applyRow(deps: ActivityDependencies, connector: LoadedConnector, context: DrainContext, row: InboxRow, tally: Tally, signal: AbortSignal): Promise<void> {
  try {
    const { failed } = await applyKind(deps, connector, context, row, tally, signal);
    tally[failed ? 'failed' : 'applied'] += 1;
  } catch (error) {
    if (!isRowToBlame(error) || signal.aborted) throw error;
    if (row.failures + 1 < failuresBeforeSettingAside) {
      await deps.db.updateTable('inbox').set({ failures: row.failures + 1 }).where('id', '=', row.id).execute();
      throw error;
    }
    deps.log.error({ connectorId: connector.row.id, inboxId: row.id, error: error instanceof Error ? error.name : 'unknown' }, 'An inbox row cannot be applied and was set aside');
    await deps.db.updateTable('inbox').set({ state: 'failed', reason: 'It could not be applied; see the log of this time.' }).where('id', '=', row.id).execute();
    tally.failed += 1;
  }
}

/** A mistake of ours or data that the database refuses: this row is to blame. A platform or a database that is away is not. */
function isRowToBlame(error: unknown): boolean {
  if (error instanceof HubError) return error.recovery === 'bug' || error.recovery === 'rejected';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(22|23)/.test(code) || error instanceof TypeError || error instanceof RangeError;
}

async function applyKind(
  deps: ActivityDependencies, connector: LoadedConnector, context: DrainContext, row: InboxRow, tally: Tally, signal: AbortSignal,
): Promise<{ readonly failed: boolean }> {
  const done = (trx: Trx): Promise<void> => markApplied(trx, row.id);
  if (row.kind === inboxKinds.subscription) return count(tally, await carryOutSubscription(deps, connector, context, row, signal, done));
  if (row.kind !== inboxKinds.sourceChanged) return count(tally, await applyContent(deps, connector, context, row, signal));
  const result = await readChanged(deps, connector, context, row, signal, done);
  for (const dataType of result.pullNow) tally.pullNow.add(dataType);
  return count(tally, result);
}

function count(tally: Tally, { raisedFor, mergesRequested, failed = false }: Pick<ApplyResult, 'raisedFor' | 'mergesRequested'> & { readonly failed?: boolean }): { readonly failed: boolean } {
  for (const id of raisedFor) tally.raisedFor.add(id);
  tally.mergesRequested += mergesRequested;
  return { failed };
}

async function markApplied(trx: Trx, id: number): Promise<void> {
  await trx.updateTable('inbox').set({ state: 'applied', payload: null, applied_at: new Date().toISOString() }).where('id', '=', id).execute();
}
