import { findCursor, moveCursor } from '../db/repositories/stream-state.ts';
import { pullWindow as nextWindow, type TimeWindow } from '../domain/sync/windows.ts';
import type { StreamDefinition } from '../platforms/platform.ts';
import type { PullInput } from '../workflows/message-types.ts';
import { loadApplyContext, type ApplyContext } from './apply-context.ts';
import { activitySignal, loadConnector, type LoadedConnector } from './connector-context.ts';
import { withHeartbeat } from './heartbeat.ts';
import { dataTypeOf, firstImportOf, pullMarginMs, streamsFor, type OrchestrationDependencies } from './orchestration.ts';
import { stepThroughPages } from './step-through-pages.ts';
import { whyNoReading } from './why-no-reading.ts';

/** What a pull did. Counts only. */
export interface PullResult {
  readonly rows: number;
  readonly mergesRequested: number;
  /** There is more to read: the time box ended. */
  readonly more: boolean;
  /** Why nothing was read; for a person. */
  readonly waiting?: string;
}

/** A window is at most this long, so that a pull after a long absence makes progress in steps that are kept. */
const longestWindowMs = 24 * 3_600_000;
const beginning = '1970-01-01T00:00:00.000Z';

interface PullRun {
  readonly deps: OrchestrationDependencies;
  readonly connector: LoadedConnector;
  readonly context: ApplyContext;
  readonly dataType: ReturnType<typeof dataTypeOf>;
  readonly startedAt: string;
  readonly endsAt: number;
  readonly signal: AbortSignal;
  readonly tally: { rows: number; mergesRequested: number };
}

/** Activities of `pull`. */
export function createPullActivities(deps: OrchestrationDependencies) {
  /**
   * Reads what changed since the cursor in all pulled streams of a data type: the window `[cursor - overlap, start - margin)`. A stream's
   * cursor moves in the transaction of its last page. `upToNow` reads on to this moment and moves no cursor, for a source that says that
   * something changed. Throws HubErrors of the platform.
   */
  async function pullWindow(input: PullInput): Promise<PullResult> {
    return withHeartbeat(async () => {
      const connector = await loadConnector(deps, input.connectorId);
      const tally = { rows: 0, mergesRequested: 0 };
      const waiting = whyNoReading(connector);
      if (waiting !== undefined) return { ...tally, more: false, waiting };
      const run: PullRun = {
        deps, connector, tally, context: await loadApplyContext(deps, connector), dataType: dataTypeOf(input.dataType),
        startedAt: new Date(deps.now()).toISOString(), endsAt: deps.now() + deps.settings.timeBoxMs, signal: activitySignal(),
      };
      let more = false;
      for (const stream of streamsFor(connector, run.dataType, 'pulled')) more = (await pullStream(run, stream, input.upToNow ?? false)) || more;
      return { ...tally, more };
    });
  }
  return { pullWindow };
}

/** True when the time box ended before the stream was read up to now. */
async function pullStream(run: PullRun, stream: StreamDefinition, upToNow: boolean): Promise<boolean> {
  if (stream.kind === 'whole') {
    await readWindow(run, stream, { from: beginning, to: run.startedAt }, false);
    return false;
  }
  for (;;) {
    const window = await windowOf(run, stream, upToNow);
    if (window === null) return false;
    await readWindow(run, stream, window, !upToNow);
    if (upToNow) return false;
    if (run.deps.now() > run.endsAt) return true;
  }
}

async function windowOf({ deps, connector, dataType, startedAt }: PullRun, stream: StreamDefinition, upToNow: boolean): Promise<TimeWindow | null> {
  const cursor = await findCursor(deps.db, connector.row.id, stream.name);
  if (cursor === null) return null;
  const first = firstImportOf(connector, dataType, startedAt);
  const streamStart = 'from' in first ? first.from : beginning;
  const window = nextWindow({ cursor, streamStart, startedAt, overlapMs: deps.settings.pullOverlapMs, marginMs: upToNow ? 0 : pullMarginMs(deps, connector) });
  if (window === null || upToNow) return window;
  const longest = new Date(Date.parse(cursor) + longestWindowMs).toISOString();
  return window.to > longest ? { from: window.from, to: longest } : window;
}

async function readWindow(run: PullRun, stream: StreamDefinition, window: TimeWindow, movesCursor: boolean): Promise<void> {
  const { deps, connector, tally } = run;
  const result = await stepThroughPages(deps, connector, run.context, {
    stream, window, urgency: 'live', cause: { kind: movesCursor ? 'pull' : 'look' },
    progress: async (trx, page) => {
      if (movesCursor && page.nextPageToken === undefined) await moveCursor(trx, connector.row.id, stream.name, window.to);
    },
  }, run.signal);
  tally.rows += result.rows;
  tally.mergesRequested += result.mergesRequested;
  deps.onRaised?.(result.raisedFor);
}
