import { randomBytes } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, type Worker, type WorkerOptions } from '@temporalio/worker';
import { createSecretBox } from '../../config/secrets.ts';
import type { Db } from '../../db/database.ts';
import { workflowIds, workflowTypes } from '../../workflows/ids.ts';
import { wakeSignal } from '../../workflows/messages.ts';
import { createDependencies, type DependencyOptions, type WorkerDependencies } from '../../workers/create-dependencies.ts';
import { createHubWorker } from '../../workers/create-worker.ts';
import { createFakePlatform, type FakePlatform } from './fake-platform.ts';
import { createTestDatabase } from './test-database.ts';
import { createTestNamespace, type TestNamespace } from './test-namespace.ts';
import { waitFor } from './wait-for.ts';
import { testWorkflowBundle } from './workflow-bundle.ts';

/** What a test says of a connector; the rest is usual. */
export interface ConnectorFacts {
  readonly settings?: object;
  /** Connectors with the same key share a login. */
  readonly credentialKey?: string;
  readonly phase?: 'onboarding' | 'live';
  /** Instead of the fake one. */
  readonly platform?: string;
  readonly preset?: string;
  readonly credentials?: Readonly<Record<string, string>>;
}

/** A hub without a gateway: a worker on a database and a namespace of its own, with a fake platform. */
export interface TestHub {
  readonly db: Db;
  readonly client: Client;
  readonly temporal: TestNamespace;
  readonly fake: FakePlatform;
  readonly deps: WorkerDependencies['activities'];
  /** Lines of the hub's log as JSON. */
  readonly logged: string[];
  /** Stores a connector as the gateway does, without starting anything. */
  addConnector(id: string, more?: ConnectorFacts): Promise<void>;
  /** Stores a connector that has its first imports behind it, and wakes its lifecycle. Its cursors are an hour old. */
  startLive(id: string, more?: ConnectorFacts): Promise<void>;
  /** Stores a connector and wakes its lifecycle. */
  start(id: string, more?: ConnectorFacts): Promise<void>;
  lifecycle(id: string): WorkflowHandle;
  /** Pulls a data type now, as soon as its Schedule is there. */
  pull(id: string, dataType: string): Promise<void>;
  phaseOf(id: string): Promise<string>;
  /** Stops the worker, as a shutdown does; `startWorker` starts another. */
  stopWorker(): Promise<void>;
  startWorker(overrides?: Partial<WorkerOptions>): Promise<void>;
  close(): Promise<void>;
}

/** Settings of a hub for tests: a short ladder and short boxes. */
export const hubTestSettings = { retryLadderMs: [200, 300, 400], timeBoxMs: 10_000, pullMarginMs: 0, pullOverlapMs: 1_000, lookAheadMaxAgeMs: 60_000 };

/** Starts a hub for tests. `options` replace what its activities work with. */
export async function startTestHub(options: Partial<DependencyOptions> = {}): Promise<TestHub> {
  quietRuntime();
  const [database, temporal] = await Promise.all([createTestDatabase(), createTestNamespace()]);
  const fake = createFakePlatform();
  const logged: string[] = [];
  const log = (level: string) => (facts: object, message: string) => void logged.push(JSON.stringify({ level, ...facts, message }));
  const secrets = createSecretBox([{ id: 'k1', key: randomBytes(32) }]);
  const deps = createDependencies({
    databaseUrl: database.url, temporal: temporal.client, secrets, platforms: { fake: fake.platform }, log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    intervals: { pullMs: 3_600_000, sweepMs: 3_600_000 }, ...options, settings: { ...hubTestSettings, ...options.settings },
  });
  const { db } = deps.activities;
  await db.insertInto('account').values({ id: 'main', name: 'Main' }).execute();
  const connection = await NativeConnection.connect({ address: temporal.address });
  let worker: Worker | undefined;
  let running: Promise<void> = Promise.resolve();
  const wakeLifecycle = async (id: string): Promise<void> => {
    await temporal.client.workflow.signalWithStart(workflowTypes.connectorLifecycle, { workflowId: workflowIds.connector(id), taskQueue: 'hub', args: [{ connectorId: id }], signal: wakeSignal });
  };
  const hub: TestHub = {
    db, client: temporal.client, temporal, fake, deps: deps.activities, logged,
    addConnector: async (id, more = {}) => {
      await db.insertInto('connector').values({
        id, account_id: 'main', platform: more.platform ?? 'fake', class: 'marketing-automation', preset: more.preset ?? 'marketing-automation', name: id, is_test: true, phase: more.phase ?? 'onboarding',
        settings: JSON.stringify({ baseUrl: 'http://fake.example', timeZone: 'UTC', optInStrategy: 'both', ...more.settings }), activated_at: new Date().toISOString(),
        credentials: secrets.seal(JSON.stringify(more.credentials ?? { key: 'k' }), `connector/${id}`), credential_key: more.credentialKey ?? `key of ${id}`,
      }).execute();
    },
    startLive: async (id, more) => {
      await hub.addConnector(id, { ...more, phase: 'live' });
      const cursor = new Date(Date.now() - 3_600_000).toISOString();
      const own = { account_id: 'main', connector_id: id };
      await db.insertInto('stream_state').values(['contacts', 'clicks'].map((stream) => ({ ...own, stream, cursor }))).execute();
      await db.insertInto('backfill_run').values(['contacts', 'activities'].map((data_type) => ({ ...own, data_type, from_at: '2016-01-01T00:00:00Z', to_at: cursor, state: 'done' as const, is_first: true, workflow_id: 'earlier' }))).execute();
      await wakeLifecycle(id);
    },
    start: async (id, more) => {
      await hub.addConnector(id, more);
      await wakeLifecycle(id);
    },
    lifecycle: (id) => temporal.client.workflow.getHandle(workflowIds.connector(id)),
    pull: async (id, dataType) => {
      await waitFor(async () => {
        await temporal.client.schedule.getHandle(workflowIds.pullSchedule(id, dataType)).trigger();
        return true;
      }, { message: `the Schedule of ${id}` });
    },
    phaseOf: async (id) => (await db.selectFrom('connector').select('phase').where('id', '=', id).executeTakeFirstOrThrow()).phase,
    startWorker: async (overrides) => {
      worker = await createHubWorker({ connection, namespace: temporal.namespace, workflowBundle: await testWorkflowBundle() }, deps, { shutdownGraceTime: '1s', shutdownForceTime: '5s', ...overrides });
      running = worker.run();
    },
    stopWorker: async () => {
      worker?.shutdown();
      worker = undefined;
      await running;
    },
    close: async () => {
      await hub.stopWorker();
      await connection.close();
      await deps.close();
      await temporal.close();
      await database.drop();
    },
  };
  await hub.startWorker();
  return hub;
}

let isQuiet = false;

/** One runtime a process; its log shows only what is wrong. */
function quietRuntime(): void {
  if (isQuiet) return;
  isQuiet = true;
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [], telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } } });
}
