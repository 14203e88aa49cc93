import { CancellationScope, isCancellation, makeContinueAsNewFunc, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { OpenedBackfill } from '../activities/backfill.ts';
import { checkBackfillInput } from './check-input.ts';
import { progressLine } from './details.ts';
import { showAttributes } from './introduce.ts';
import type { BackfillInput } from './message-types.ts';
import { endWaitSignal } from './messages.ts';
import { brief } from './proxies.ts';
import { orRefuse, refusalOf, refuse } from './refusal.ts';
import { readSlices, type SliceWatch } from './slice-lanes.ts';

/** What a backfill came to. */
export interface BackfillResult {
  readonly connectorId: string;
  readonly runs: readonly { readonly dataType: string; readonly rows: number }[];
}

const fixOfInput = '`hub backfill --how` prints the exact lines.';

/**
 * Reads the past of a connector: one data type after the other in the order of first imports, each in slices, newest first, a few at a
 * time. Started by the hub (`backfill/<connectorId>/<dataType>`) or by hand under any id, with plain JSON. Wrong input and a second start
 * fail at once with a sentence. Cancelling it stops it, and is recorded; terminating it means that the sweep starts it again.
 */
export async function backfill(input: BackfillInput): Promise<BackfillResult> {
  const checked = checkBackfillInput(input);
  if (!checked.ok) throw refuse({ code: checked.code, message: checked.message, fix: fixOfInput });
  const watch: SliceWatch = { children: new Set() };
  setHandler(endWaitSignal, async () => {
    await Promise.allSettled([...watch.children].map((child) => child.signal(endWaitSignal)));
  });
  const { connectorId } = checked.value;
  const opened = await orRefuse(() => brief.openBackfill.executeWithOptions({ summary: connectorId }, [checked.value]));
  showAttributes({ accountId: opened.accountId, connectorId, platform: opened.platform, dataType: checked.value.dataType ?? 'all', syncState: 'running' });
  const done: { dataType: string; rows: number }[] = [];
  for (const run of opened.runs) {
    done.push({ dataType: run.dataType, rows: await carryOut(connectorId, opened, run, watch) });
    if (run !== opened.runs.at(-1) && workflowInfo().continueAsNewSuggested) await makeContinueAsNewFunc<typeof backfill>()({ connectorId, resume: true });
  }
  setCurrentDetails(`**Backfill of ${connectorId}**: done.\n\n${done.map((run) => `- ${run.dataType}: ${run.rows} rows`).join('\n') || '- nothing was left to do'}`);
  return { connectorId, runs: done };
}

type Run = OpenedBackfill['runs'][number];

/** One data type. Whatever ends it, PostgreSQL knows. */
async function carryOut(connectorId: string, opened: OpenedBackfill, run: Run, watch: SliceWatch): Promise<number> {
  try {
    const slices = await brief.runSlices.executeWithOptions({ summary: run.dataType }, [{ runId: run.runId }]);
    const startedMs = Date.now();
    const rows = await readSlices({ connectorId, accountId: opened.accountId, platform: opened.platform, run, open: slices.open }, watch, (doneHere, rowsHere) => {
      const progress = { done: slices.done + doneHere, total: slices.total, rows: slices.rows + rowsHere, doneBefore: slices.done, rowsBefore: slices.rows };
      setCurrentDetails(`**Backfill of ${run.dataType} of ${connectorId}**, from ${run.from.slice(0, 10)}: ${progressLine({ ...progress, elapsedMs: Date.now() - startedMs, nowMs: Date.now() })}`);
    });
    await brief.closeRun.executeWithOptions({ summary: run.dataType }, [{ connectorId, runId: run.runId, state: 'done' }]);
    return slices.rows + rows;
  } catch (error) {
    await CancellationScope.nonCancellable(() => closeAll(connectorId, opened.runs, error));
    throw error;
  }
}

async function closeAll(connectorId: string, runs: readonly Run[], error: unknown): Promise<void> {
  const end = isCancellation(error) ? { state: 'cancelled' as const, reason: 'its workflow was cancelled' } : { state: 'failed' as const, reason: refusalOf(error)?.message ?? 'the workflow failed' };
  for (const run of runs) await brief.closeRun.executeWithOptions({ summary: run.dataType }, [{ connectorId, runId: run.runId, ...end }]);
}
