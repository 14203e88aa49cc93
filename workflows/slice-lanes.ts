import { CancellationScope, ChildWorkflowFailure, isCancellation, sleep, startChild, TerminatedFailure, type ChildWorkflowHandle } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { backfillSlice } from './backfill-slice.ts';
import { startOptions, workflowIds } from './ids.ts';
import type { SliceResult } from './message-types.ts';
import { attributePairs } from './search-attributes.ts';

/** Slices read at the same time: three pages in flight keep PostgreSQL busy (design §11). */
const lanes = 3;
/** The slice of a workflow that was just terminated is about to end. */
const againAfter = '2s';

/** The slices under way, so that a signal can be passed on to them. */
export interface SliceWatch {
  readonly children: Set<ChildWorkflowHandle<typeof backfillSlice>>;
}

/** The slices of one run. */
export interface SliceWork {
  readonly connectorId: string;
  readonly accountId: string;
  readonly platform: string;
  readonly run: { readonly runId: number; readonly dataType: string };
  /** Where the open slices begin, newest first. */
  readonly open: readonly string[];
}

/** Reads the open slices of a run, newest first, a few at a time. Returns the rows read. When one fails the others are cancelled. */
export async function readSlices(work: SliceWork, watch: SliceWatch, onProgress: (done: number, rows: number) => void): Promise<number> {
  const queue = [...work.open];
  let done = 0;
  let rows = 0;
  onProgress(done, rows);
  const lane = async (): Promise<void> => {
    for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
      const result = await readSlice(work, from, watch);
      done += 1;
      rows += result.rows;
      onProgress(done, rows);
      if (result.state === 'stopped') queue.length = 0;
    }
  };
  const scope = new CancellationScope();
  const started = Array.from({ length: Math.min(lanes, queue.length) }, () => scope.run(lane));
  try {
    await Promise.all(started);
  } catch (error) {
    scope.cancel();
    await Promise.allSettled(started);
    throw error;
  }
  return rows;
}

/** One slice as a child. A child that was terminated by hand is started again. */
async function readSlice(work: SliceWork, from: string, watch: SliceWatch): Promise<SliceResult> {
  for (;;) {
    try {
      return await runChild(work, from, watch);
    } catch (error) {
      const wasTerminated = error instanceof ChildWorkflowFailure && error.cause instanceof TerminatedFailure;
      if (isCancellation(error) || !(wasTerminated || error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep(againAfter);
    }
  }
}

async function runChild({ connectorId, accountId, platform, run }: SliceWork, from: string, watch: SliceWatch): Promise<SliceResult> {
  const { dataType, runId } = run;
  const child = await startChild(backfillSlice, {
    workflowId: workflowIds.backfillSlice(connectorId, dataType, from), ...startOptions, args: [{ connectorId, dataType, runId, from }],
    typedSearchAttributes: attributePairs({ accountId, connectorId, platform, dataType, syncState: 'running' }),
  });
  watch.children.add(child);
  try {
    return await child.result();
  } finally {
    watch.children.delete(child);
  }
}
