import { firstImportsDone, type NewSlice } from '../db/repositories/backfill-runs.ts';
import { findCursor } from '../db/repositories/stream-state.ts';
import { HubError } from '../domain/errors.ts';
import type { DataType } from '../domain/presets/data-types.ts';
import { backfillFrom, type FirstImport } from '../domain/presets/lookback.ts';
import { cutIntoSlices } from '../domain/sync/slices.ts';
import type { BackfillRequest } from '../workflows/message-types.ts';
import type { LoadedConnector } from './connector-context.ts';
import { dataTypeOf, firstImportOf, importedTypes, pullMarginMs, streamsFor, type OrchestrationDependencies } from './orchestration.ts';

/** A backfill of one data type that may be started. ISO instants. */
export interface PlannedRun {
  readonly dataType: DataType;
  readonly from: string;
  readonly to: string;
  /** Counts as the first import: it covers the whole lookback, and none was completed before. */
  readonly isFirst: boolean;
  readonly slices: readonly NewSlice[];
}

/** Nothing of a state is older than this. */
const beginning = '1970-01-01T00:00:00.000Z';
const averageMonthMs = 30.44 * 86_400_000;
/**
 * Each slice costs some twenty events of history and a tenth of a second: few enough for that, enough to see progress and to read three at
 * a time. A slice that is long is no harm: it goes on behind its last page.
 */
const mostSlices = 6;

/**
 * Decides what a backfill reads. All imported types when none is named, in the order of first imports.
 * Throws NOT_IMPORTED and REQUEST_INVALID with what is allowed.
 */
export async function planRuns(deps: OrchestrationDependencies, connector: LoadedConnector, request: BackfillRequest): Promise<readonly PlannedRun[]> {
  if (connector.platform.description.announcesFirstImport === true) throw new HubError('REQUEST_INVALID', `«${connector.row.id}» sends by itself and cannot be read: let the system send again what is missing.`, { connectorId: connector.row.id });
  const done = await firstImportsDone(deps.db, connector.row.id);
  const asked = request.dataType === undefined ? undefined : dataTypeOf(request.dataType);
  const runs: PlannedRun[] = [];
  for (const dataType of asked === undefined ? importedTypes(connector) : [asked]) {
    const run = await planRun(deps, connector, dataType, { from: request.from, isDone: done.has(dataType) });
    if ('run' in run) runs.push(run.run);
    else if (asked !== undefined) throw new HubError(run.code, `${run.reason} ${allowed(connector)}`, { connectorId: connector.row.id });
  }
  if (runs.length === 0) throw new HubError('NOT_IMPORTED', allowed(connector), { connectorId: connector.row.id });
  return runs;
}

function allowed(connector: LoadedConnector): string {
  const types = importedTypes(connector);
  return types.length === 0 ? `«${connector.row.id}» imports nothing.` : `«${connector.row.id}» imports: ${types.join(', ')}.`;
}

type Decision = { readonly run: PlannedRun } | { readonly code: 'NOT_IMPORTED' | 'REQUEST_INVALID'; readonly reason: string };

async function planRun(
  deps: OrchestrationDependencies, connector: LoadedConnector, dataType: DataType, { from, isDone }: { readonly from: string | undefined; readonly isDone: boolean },
): Promise<Decision> {
  const now = deps.now();
  const first = firstImportOf(connector, dataType, new Date(now).toISOString());
  const start = backfillFrom(first, dataType, from === undefined ? undefined : new Date(from).toISOString());
  if (!start.ok) return emptyFirst(first, dataType, isDone || from !== undefined) ?? { code: start.code, reason: start.reason };
  const begin = start.from ?? beginning;
  const isFirst = !isDone && (first.kind !== 'date' || begin <= first.from);
  const recent = new Date(now - pullMarginMs(deps, connector)).toISOString();
  const to = isFirst ? ((await newestCursor(deps, connector, dataType)) ?? recent) : recent;
  if (from !== undefined && begin >= to) return { code: 'REQUEST_INVALID', reason: `«from» has to be before ${to}.` };
  return { run: { dataType, from: begin, to, isFirst, slices: slicesOf(connector, dataType, begin, to) } };
}

/** A type that has nothing older than the connector, or that comes with the activities, is complete at once. */
function emptyFirst(first: FirstImport, dataType: DataType, isAsked: boolean): Decision | undefined {
  if (isAsked || (first.kind !== 'from-activation' && first.kind !== 'distilled')) return undefined;
  const at = first.kind === 'from-activation' ? first.from : beginning;
  return { run: { dataType, from: at, to: at, isFirst: true, slices: [] } };
}

/** The first import covers everything before the point from which pulls read. */
async function newestCursor(deps: OrchestrationDependencies, connector: LoadedConnector, dataType: DataType): Promise<string | undefined> {
  const streams = streamsFor(connector, dataType, 'pulled');
  const cursors = await Promise.all(streams.map((stream) => findCursor(deps.db, connector.row.id, stream.name)));
  return cursors.filter((cursor) => cursor !== null).sort().at(-1);
}

function slicesOf(connector: LoadedConnector, dataType: DataType, from: string, to: string): readonly NewSlice[] {
  const months = Math.ceil((Date.parse(to) - Date.parse(from)) / averageMonthMs);
  const stretches = cutIntoSlices(from, to, Math.max(1, Math.min(mostSlices, months)));
  return streamsFor(connector, dataType, 'backfilled').flatMap((stream) => {
    const own = stream.kind === 'whole' ? [{ from, to }] : stretches;
    return own.map((stretch) => ({ stream: stream.name, ...stretch }));
  });
}
