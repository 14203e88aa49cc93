import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type NativeConnection, type Worker } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { loggable } from '../activities/failure.ts';
import { taskQueue, workflowIds, workflowTypes } from '../workflows/ids.ts';
import { createHubWorker, type WorkerTarget } from './create-worker.ts';
import type { WorkerDependencies } from './create-dependencies.ts';

const restartAfterMs = 1_000;

/** A worker that is started again should it end by an error. */
export interface RunningWorker {
  /** Lets activities end their page, then ends. */
  stop(): Promise<void>;
}

/** Starts the worker of this process and has it swept what was left behind while none was there. */
export async function runWorker(connection: NativeConnection, namespace: string, client: Client, deps: WorkerDependencies): Promise<RunningWorker> {
  const target: WorkerTarget = { connection, namespace, workflowBundle: await workflowBundle() };
  const { log } = deps.activities;
  let isStopping = false;
  let worker: Worker = await createHubWorker(target, deps);
  const ended = (async () => {
    for (;;) {
      try {
        await worker.run();
        return;
      } catch (error) {
        if (isStopping) return;
        log.error(loggable(error), 'The worker ended by an error and is started again');
      }
      await delay(restartAfterMs);
      worker = await createHubWorker(target, deps);
    }
  })();
  await sweepNow(client).catch((error: unknown) => log.warn(loggable(error), 'The first sweep was not started; the Schedule does it'));
  return {
    stop: async () => {
      isStopping = true;
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
}

/** A sweep that a worker before us left unfinished gives way. */
async function sweepNow(client: Client): Promise<void> {
  await client.workflow.start(workflowTypes.sweep, { workflowId: workflowIds.sweepNow, taskQueue, args: [], workflowIdConflictPolicy: 'TERMINATE_EXISTING' });
}

/** The bundle of the build, or one that is made now. */
async function workflowBundle(): Promise<WorkerTarget['workflowBundle']> {
  const codePath = fileURLToPath(new URL('../workflows/bundle.js', import.meta.url));
  if (existsSync(codePath)) return { codePath };
  return bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('../workflows/index.js', import.meta.url)) });
}
