import { HubError } from '../domain/errors.ts';
import type { ApplyContext } from './apply-context.ts';
import type { LoadedConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { readAndApplyPage, type ReadStep } from './read-stream.ts';

/** Pages after which a window is taken to be endless. */
const pageCeiling = 100_000;

/**
 * Reads all pages of a window and applies each in a transaction of its own. Guards against repeated tokens.
 * Returns what was read and who has new work.
 */
export async function stepThroughPages(
  deps: ActivityDependencies, connector: LoadedConnector, context: ApplyContext, step: Omit<ReadStep, 'pageToken' | 'progress'> & Partial<Pick<ReadStep, 'progress'>>, signal: AbortSignal,
): Promise<{ readonly rows: number; readonly raisedFor: readonly string[]; readonly mergesRequested: number }> {
  const raisedFor = new Set<string>();
  const seen = new Set<string>();
  let rows = 0;
  let mergesRequested = 0;
  let pageToken: string | undefined;
  for (let page = 0; page < pageCeiling; page += 1) {
    signal.throwIfAborted();
    const result = await readAndApplyPage(deps, connector, context, { ...step, pageToken, progress: step.progress ?? (() => Promise.resolve()) }, signal);
    rows += result.rows;
    mergesRequested += result.mergesRequested;
    for (const id of result.raisedFor) raisedFor.add(id);
    pageToken = result.nextPageToken;
    if (pageToken === undefined) return { rows, raisedFor: [...raisedFor], mergesRequested };
    if (seen.has(pageToken)) break;
    seen.add(pageToken);
  }
  throw new HubError('PAGING_LOOP', undefined, { connectorId: connector.row.id, operation: step.stream.name });
}
