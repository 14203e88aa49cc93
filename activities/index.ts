import { createActivateActivities } from './activate.ts';
import { createBackfillActivities } from './backfill.ts';
import { createCommandActivities } from './commands.ts';
import { createDeliverActivities } from './deliver.ts';
import { createInboxActivities } from './drain-inbox.ts';
import { createIntroductionActivities } from './introduction.ts';
import { createMergeForActivities } from './merge-for-connector.ts';
import type { OrchestrationDependencies } from './orchestration.ts';
import { createPullActivities } from './pull.ts';
import { createRemapActivities } from './remap.ts';
import { createRematchActivities } from './rematch.ts';
import { createReportActivities } from './reports.ts';
import { createSliceActivities } from './read-slice.ts';
import { createSourceChangedActivities } from './source-changed.ts';
import { createSweepActivities } from './sweep.ts';

/** All activities of the hub, by the names under which workflows call them. Never renamed: histories keep the names. */
export function createActivities(deps: OrchestrationDependencies) {
  return {
    ...createActivateActivities(deps),
    ...createIntroductionActivities(deps),
    ...createCommandActivities(deps),
    ...createSourceChangedActivities(deps),
    ...createBackfillActivities(deps),
    ...createSliceActivities(deps),
    ...createPullActivities(deps),
    ...createReportActivities(deps),
    ...createInboxActivities(deps),
    ...createDeliverActivities(deps),
    ...createMergeForActivities(deps),
    ...createRematchActivities(deps),
    ...createRemapActivities(deps),
    ...createSweepActivities(deps),
  };
}

/** The activities as workflows see them. */
export type Activities = ReturnType<typeof createActivities>;
