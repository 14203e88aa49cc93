import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BackfillRequest, CommandAnswer, FailedSelection, LifecycleStatus, SourceChanged } from './message-types.ts';

/** A hint that there is something to do; carries nothing, may be lost, the sweep finds what it left behind. */
export const wakeSignal = defineSignal('wake');

/**
 * Ends whatever a workflow waits for (an attempt's wait on the retry ladder, an operator, the end of a pause): the attempt is
 * stopped and a new one looks up in PostgreSQL what to do. Carries nothing; sent by the commands of a connector.
 */
export const endWaitSignal = defineSignal('endWait');

/** A source system says that things changed. Stored to the inbox by the first activity. */
export const sourceChangedSignal = defineSignal<[SourceChanged]>('sourceChanged');

/** Operator commands exist as signals too, because tctl has no updates. A signal that is refused is written to the audit. */
export const pauseSignal = defineSignal('pause');
export const resumeSignal = defineSignal('resume');
export const startBackfillSignal = defineSignal<[BackfillRequest]>('startBackfill');
export const retryFailedSignal = defineSignal<[FailedSelection]>('retryFailed');
export const skipFailedSignal = defineSignal<[FailedSelection]>('skipFailed');
export const removeSignal = defineSignal('remove');

export const pauseUpdate = defineUpdate<CommandAnswer, [who?: string]>('pause');
export const resumeUpdate = defineUpdate<CommandAnswer, [who?: string]>('resume');
export const startBackfillUpdate = defineUpdate<CommandAnswer, [BackfillRequest]>('startBackfill');
export const retryFailedUpdate = defineUpdate<CommandAnswer, [FailedSelection]>('retryFailed');
export const skipFailedUpdate = defineUpdate<CommandAnswer, [FailedSelection]>('skipFailed');
export const removeUpdate = defineUpdate<CommandAnswer, [who?: string]>('remove');

export const statusQuery = defineQuery<LifecycleStatus>('status');
