import { stepThroughPages } from './step-through-pages.ts';
import { loadApplyContext } from './apply-context.ts';
import type { LoadedConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';

/**
 * Before a permission is written, and before contacts are created, changes at the destination up to now are read and applied
 * (design §4.6). Does not move the pull's cursor. True when a look was taken, so that what was planned before is planned again. At most once per `lookAheadMaxAgeMs`; the first time from the pull's cursor.
 */
export function createLookAhead(deps: ActivityDependencies, connector: LoadedConnector, signal: AbortSignal): () => Promise<boolean> {
  let doneAt = 0;
  return async () => {
    if (deps.now() - doneAt < deps.settings.lookAheadMaxAgeMs) return false;
    const stream = connector.platform.description.streams.find((s) => s.dataType === 'contacts' && s.pulled && s.kind === 'window');
    if (stream === undefined || connector.platform.readPage === undefined) return false;
    const state = await deps.db.selectFrom('stream_state').select(['cursor', 'look_ahead_at']).where('connector_id', '=', connector.row.id).where('stream', '=', stream.name).executeTakeFirst();
    if (state?.cursor === undefined || state.cursor === null) return false;
    const startedAt = new Date(deps.now()).toISOString();
    const from = new Date(Date.parse(laterOf(state.cursor, state.look_ahead_at)) - deps.settings.pullOverlapMs).toISOString();
    const context = await loadApplyContext(deps, connector);
    const { raisedFor } = await stepThroughPages(deps, connector, context, { stream, window: { from, to: startedAt }, urgency: 'live', cause: { kind: 'look-ahead' } }, signal);
    deps.onRaised?.(raisedFor);
    await deps.db.updateTable('stream_state').set({ look_ahead_at: startedAt }).where('connector_id', '=', connector.row.id).where('stream', '=', stream.name).execute();
    doneAt = deps.now();
    return true;
  };
}

const laterOf = (a: string, b: string | null) => (b !== null && b > a ? b : a);
