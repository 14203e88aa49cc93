import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import { taskQueue } from '../workflows/ids.ts';
import { HubActivityInterceptor } from './activity-interceptor.ts';
import type { WorkerDependencies } from './create-dependencies.ts';

/** Where a worker works. Hubs that share a Temporal server are kept apart by namespaces: the task queue and the ids are always the same. */
export interface WorkerTarget {
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** The bundle of the workflows, made by `scripts/bundle-workflows.mjs`. */
  readonly workflowBundle: NonNullable<WorkerOptions['workflowBundle']>;
}

/**
 * The three numbers that recovery after a crash is set by are here and in `workflows/proxies.ts` (design §6). Cached workflows are bounded
 * by number because the cache does not watch memory. A shutdown lets activities end their page for half a minute.
 */
const tuning = {
  stickyQueueScheduleToStartTimeout: '3s',
  maxHeartbeatThrottleInterval: '2500ms',
  defaultHeartbeatThrottleInterval: '2500ms',
  maxCachedWorkflows: 200,
  maxConcurrentActivityTaskExecutions: 32,
  maxConcurrentWorkflowTaskExecutions: 20,
  shutdownGraceTime: '30s',
  shutdownForceTime: '45s',
} as const;

/** Makes a worker for all workflows and activities; `run()` starts it. */
export async function createHubWorker(target: WorkerTarget, deps: WorkerDependencies, overrides: Partial<WorkerOptions> = {}): Promise<Worker> {
  return Worker.create({
    ...tuning, ...target, taskQueue,
    activities: createActivities(deps.activities),
    interceptors: { activity: [(context) => ({ inbound: new HubActivityInterceptor({ ...deps.activities, ladder: deps.ladder }, context) })] },
    ...overrides,
  });
}
