import type { Selectable } from 'kysely';
import { findRun, noteSlicePage, openStreams } from '../db/repositories/backfill-runs.ts';
import type { SliceTable } from '../db/tables/flow.ts';
import { HubError } from '../domain/errors.ts';
import { PageGuard } from '../domain/sync/paging.ts';
import type { SliceInput } from '../workflows/message-types.ts';
import { loadApplyContext, type ApplyContext } from './apply-context.ts';
import { activitySignal, loadConnector, type LoadedConnector } from './connector-context.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { OrchestrationDependencies } from './orchestration.ts';
import { readAndApplyPage } from './read-stream.ts';

/** What one activity did for a slice. Counts only. */
export interface SliceProgress {
  /** `more`: the time box ended; `paused`: the connector is; `stopped`: the backfill was ended. */
  readonly state: 'done' | 'more' | 'paused' | 'stopped';
  readonly rows: number;
  readonly mergesRequested: number;
}

interface SliceRun {
  readonly deps: OrchestrationDependencies;
  readonly connector: LoadedConnector;
  readonly context: ApplyContext;
  readonly runId: number;
  readonly signal: AbortSignal;
  readonly endsAt: number;
  readonly tally: { rows: number; mergesRequested: number };
}

/** Activities of `backfillSlice`. */
export function createSliceActivities(deps: OrchestrationDependencies) {
  /**
   * Reads one slice, stream after stream, until its end or the end of the time box. Goes on behind the last page that was committed, also
   * after a crash: the page token is stored in the page's own transaction. Throws HubErrors of the platform.
   */
  async function readSlice(input: SliceInput): Promise<SliceProgress> {
    return withHeartbeat(async () => {
      const connector = await loadConnector(deps, input.connectorId);
      const tally = { rows: 0, mergesRequested: 0 };
      const run = await findRun(deps.db, input.runId);
      if (run?.state !== 'running' || connector.row.phase === 'removed') return { state: 'stopped', ...tally };
      if (connector.row.paused) return { state: 'paused', ...tally };
      const context = await loadApplyContext(deps, connector);
      const slice: SliceRun = { deps, connector, context, runId: run.id, signal: activitySignal(), endsAt: deps.now() + deps.settings.timeBoxMs, tally };
      for (const row of await openStreams(deps.db, run.id, input.from)) {
        if (!(await readStream(slice, row))) return { state: 'more', ...tally };
      }
      return { state: 'done', ...tally };
    });
  }
  return { readSlice };
}

/** True at the end of the stream, false at the end of the time box. */
async function readStream(slice: SliceRun, row: Selectable<SliceTable>): Promise<boolean> {
  const { deps, connector, tally } = slice;
  const stream = connector.platform.description.streams.find((candidate) => candidate.name === row.stream);
  if (stream === undefined) throw new HubError('CONFIGURATION_INVALID', `${connector.platform.description.title} has no stream «${row.stream}» any more.`, { connectorId: connector.row.id });
  let pageToken = row.page_token ?? undefined;
  const guard = new PageGuard(pageToken);
  for (;;) {
    slice.signal.throwIfAborted();
    const page = await readAndApplyPage(deps, connector, slice.context, {
      stream, window: { from: row.from_at, to: row.to_at }, pageToken, urgency: 'bulk', cause: { kind: 'backfill', run: slice.runId },
      progress: (trx, read) => noteSlicePage(trx, { runId: slice.runId, stream: row.stream, from: row.from_at }, read),
    }, slice.signal);
    tally.rows += page.rows;
    tally.mergesRequested += page.mergesRequested;
    deps.onRaised?.(page.raisedFor);
    const step = guard.after(page.nextPageToken);
    if (step.kind === 'end') return true;
    if (step.kind === 'loop') throw new HubError('PAGING_LOOP', undefined, { connectorId: connector.row.id, operation: stream.name });
    pageToken = step.token;
    if (deps.now() > slice.endsAt) return false;
  }
}
