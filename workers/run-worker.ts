import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type NativeConnection, type Worker } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import type { Log } from '../activities/dependencies.ts';
import { loggable } from '../activities/failure.ts';
import { formatIdentity, ownIdentity, type WorkerIdentity } from './identity.ts';
import { releaseOrphans } from './release-orphans.ts';
import { sweepNow } from './sweep-now.ts';
import { createHubWorker, type WorkerTarget } from './create-worker.ts';
import type { WorkerDependencies } from './create-dependencies.ts';

const restartAfterMs = 1_000;

/** A worker that is started again should it end by an error. */
export interface RunningWorker {
  /** Lets activities end their page, then ends. */
  stop(): Promise<void>;
}

/** Starts the worker of this process and has it look after what was left behind while none was there. Throws when it cannot be made at all. */
export async function runWorker(connection: NativeConnection, namespace: string, client: Client, deps: WorkerDependencies): Promise<RunningWorker> {
  const target: WorkerTarget = { connection, namespace, workflowBundle: await workflowBundle() };
  const own = ownIdentity();
  const keeper = new WorkerKeeper(() => createHubWorker(target, deps, { identity: formatIdentity(own) }), deps.activities.log);
  await keeper.start();
  await lookAfter(client, own, deps.activities.log);
  return keeper;
}

/** Keeps one worker running. */
class WorkerKeeper implements RunningWorker {
  readonly #create: () => Promise<Worker>;
  readonly #log: Log;
  #worker: Worker | undefined;
  #isStopping = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(create: () => Promise<Worker>, log: Log) {
    this.#create = create;
    this.#log = log;
  }

  async start(): Promise<void> {
    this.#worker = await this.#create();
    this.#ended = this.#keep(this.#worker);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#worker?.getState() === 'RUNNING') this.#worker.shutdown();
    await this.#ended;
  }

  async #keep(first: Worker): Promise<void> {
    for (let worker: Worker | undefined = first; !this.#isStopping; worker = undefined) {
      try {
        this.#worker = worker ?? (await this.#create());
        await this.#worker.run();
        return;
      } catch (error) {
        this.#log.error(loggable(error), 'The worker ended by an error and is started again');
        await delay(restartAfterMs);
      }
    }
  }
}

async function lookAfter(client: Client, own: WorkerIdentity, log: Log): Promise<void> {
  try {
    const released = await releaseOrphans(client, own);
    if (released > 0) log.info({ released }, 'Work of a killed worker was given back');
  } catch (error) {
    log.warn(loggable(error), 'Work of a killed worker comes back by itself a little later, when its heartbeat is missed');
  }
  await sweepNow(client, log);
}

/** The bundle of the build, or one that is made now. */
async function workflowBundle(): Promise<WorkerTarget['workflowBundle']> {
  const codePath = fileURLToPath(new URL('../workflows/bundle.js', import.meta.url));
  if (existsSync(codePath)) return { codePath };
  return bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('../workflows/index.js', import.meta.url)) });
}
