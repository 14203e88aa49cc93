import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createDeliverActivities } from '../../activities/deliver.ts';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { createInboxActivities } from '../../activities/drain-inbox.ts';
import { createMergeActivities } from '../../activities/merge.ts';
import { loadConfig } from '../../config/environment.ts';
import { loadSecretKeys } from '../../config/secret-keys.ts';
import { createSecretBox } from '../../config/secrets.ts';
import { openDatabase, openPool } from '../../db/database.ts';
import { defaultGatewaySettings } from '../../gateway/dependencies.ts';
import { prepareLocalAccess } from '../../gateway/local-access.ts';
import { buildGateway } from '../../gateway/server.ts';
import { coins } from '../../platforms/coins/index.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';

/** Interim: gateway and activities in one process, woken directly instead of by Temporal. */
const config = loadConfig();
if (config.databaseUrl === undefined) throw new Error('DATABASE_URL is needed.');
const db = openDatabase(openPool({ url: config.databaseUrl, maxConnections: 16, onError: () => undefined }));
const nothing = () => undefined;
const log = { debug: nothing, info: nothing, warn: console.error, error: (facts: object, message: string) => console.error(message, facts) };
const platforms = { coins, mailplus };
const secrets = createSecretBox(await loadSecretKeys(config.secretKeys, config.homeDirectory));
const temporal = new Client({ connection: Connection.lazy({ address: '127.0.0.1:9' }) });
const loops = new Map<string, { again: boolean }>();

function wake(target: string, connectorId: string): void {
  const key = `${target}/${connectorId}`;
  const running = loops.get(key);
  if (running !== undefined) {
    running.again = true;
    return;
  }
  const state = { again: false };
  loops.set(key, state);
  void work(target, connectorId, state).catch((error: unknown) => console.error(key, error)).finally(() => loops.delete(key));
}

async function work(target: string, connectorId: string, state: { again: boolean }): Promise<void> {
  do {
    state.again = false;
    const input = { connectorId };
    if (target === 'sync') {
      await new MockActivityEnvironment().run(createInboxActivities(deps).drainInbox, input);
      await new MockActivityEnvironment().run(createMergeActivities(deps).mergeRecords, { accountId: 'main' });
    }
    if (target === 'deliver') await new MockActivityEnvironment().run(createDeliverActivities(deps).deliverPending, input);
  } while (state.again);
}

const deps: ActivityDependencies = {
  db, databaseUrl: config.databaseUrl, platforms, secrets, temporal, log, now: Date.now, faultPoint: () => Promise.resolve(),
  settings: { retryLadderMs: [1_000], timeBoxMs: 300_000, callTimeoutMs: 7_500, pullMarginMs: 0, pullOverlapMs: 0, lookAheadMaxAgeMs: 60_000, listSyncParkAfterMs: 3_600_000 },
  onRaised: (ids) => {
    for (const id of ids) wake('deliver', id);
  },
};
const done = (connectorId: string) => ({ connectorId, message: 'done' }) as never;
const setPaused = async (connectorId: string, paused: boolean) => {
  await db.updateTable('connector').set({ paused }).where('id', '=', connectorId).execute();
  if (!paused) wake('deliver', connectorId);
  return done(connectorId);
};
const app = await buildGateway({
  db, platforms, secrets, temporal, log, now: Date.now, faultPoint: () => Promise.resolve(),
  settings: { ...defaultGatewaySettings, rateLimitPerMinute: 1_000_000, temporalAddress: '', temporalNamespace: 'default' },
}, {
  waker: { wake, close: async () => undefined },
  commands: {
    start: async (id) => {
      await db.insertInto('backfill_run').values({ account_id: 'main', connector_id: id, data_type: 'contacts', from_at: '2016-01-01T00:00:00Z', to_at: new Date().toISOString(), state: 'done', is_first: true, workflow_id: 'x' }).execute();
      await db.updateTable('connector').set({ phase: 'live' }).where('id', '=', id).execute();
    },
    pause: async (id) => setPaused(id, true), resume: async (id) => setPaused(id, false),
    remove: async (id) => done(id), startBackfill: async (id) => done(id), retryFailed: async (id) => done(id), skipFailed: async (id) => done(id),
  },
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });
await prepareLocalAccess(db, config.homeDirectory, url);
process.stdout.write(`${JSON.stringify({ url })}\n`);
process.once('SIGTERM', () => void app.close().then(() => db.destroy()).then(() => process.exit(0)));
