import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { randomBytes } from 'node:crypto';
import { createSecretBox } from '../../config/secrets.ts';
import { createDeliverActivities } from '../../activities/deliver.ts';
import { createInboxActivities } from '../../activities/drain-inbox.ts';
import { mergeRecords } from '../../activities/merge.ts';
import { loadApplyContext } from '../../activities/apply-context.ts';
import { loadConnector } from '../../activities/connector-context.ts';
import { stepThroughPages } from '../../activities/step-through-pages.ts';
import type { ActivityDependencies, ActivitySettings } from '../../activities/dependencies.ts';
import { openDatabase, openPool } from '../../db/database.ts';
import { acceptInbound } from '../../db/repositories/inbox-accept.ts';
import { coins } from '../../platforms/coins/index.ts';
import { custom } from '../../platforms/custom/index.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import type { Platform, Window } from '../../platforms/platform.ts';
import { createHash } from 'node:crypto';
import { testTemporal } from './test-temporal.ts';

/** The whole way of a record without workflows: activities called directly, on a real database and real platforms. */
export interface Pipeline {
  readonly deps: ActivityDependencies;
  addConnector(options: { id: string; platform: string; preset: string; settings: object; credentials: Record<string, string>; permissions: Record<string, string> }): Promise<void>;
  /** Accepts one page of a list sync as the gateway does. */
  accept(connectorId: string, body: object): Promise<void>;
  drain(connectorId: string): ReturnType<ReturnType<typeof createInboxActivities>['drainInbox']>;
  deliver(connectorId: string): ReturnType<ReturnType<typeof createDeliverActivities>['deliverPending']>;
  /** Carries out merges for one time box. */
  merge(): ReturnType<typeof mergeRecords>;
  read(connectorId: string, stream: string, window: Window): ReturnType<typeof stepThroughPages>;
  finishFirstImport(connectorId: string): Promise<void>;
  close(): Promise<void>;
}

export const testSettings: ActivitySettings = {
  retryLadderMs: [50, 100, 200], timeBoxMs: 60_000, callTimeoutMs: 5_000, pullMarginMs: 0, pullOverlapMs: 1_000, lookAheadMaxAgeMs: 60_000, listSyncParkAfterMs: 3_600_000,
};

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (facts: object, message: string) => console.error(message, facts) };

/** Opens a pipeline on a migrated database. */
export async function openPipeline(databaseUrl: string, overrides: Partial<ActivityDependencies> = {}): Promise<Pipeline> {
  const pool = openPool({ url: databaseUrl, maxConnections: 12, onError: () => undefined });
  const db = openDatabase(pool);
  const connection = Connection.lazy({ address: testTemporal().address });
  const platforms: Record<string, Platform> = { mailplus, coins, custom };
  const deps: ActivityDependencies = {
    db, databaseUrl, platforms, secrets: createSecretBox([{ id: 'k1', key: randomBytes(32) }]), temporal: new Client({ connection }), log: quiet,
    settings: testSettings, now: () => Date.now(), faultPoint: () => Promise.resolve(), ...overrides,
  };
  await db.insertInto('account').values({ id: 'default', name: 'Default' }).onConflict((c) => c.doNothing()).execute();
  const inEnv = <A, R>(work: (input: A) => Promise<R>, input: A) => new MockActivityEnvironment().run(work, input) as Promise<R>;
  return {
    deps,
    async addConnector(o) {
      const platform = platforms[o.platform];
      if (platform === undefined) throw new Error(`no platform ${o.platform}`);
      await db.insertInto('connector').values({
        id: o.id, account_id: 'default', platform: o.platform, class: platform.description.class, preset: o.preset, name: o.id,
        settings: JSON.stringify(platform.description.settings.parse(o.settings)), credentials: deps.secrets.seal(JSON.stringify(o.credentials), `connector/${o.id}`),
        credential_key: deps.secrets.fingerprint(JSON.stringify(o.credentials)), phase: 'backfilling', is_test: true, activated_at: new Date().toISOString(),
      }).execute();
      for (const [permission, key] of Object.entries(o.permissions)) {
        await db.insertInto('permission_link').values({ account_id: 'default', connector_id: o.id, permission, platform_key: key }).execute();
      }
      if (platform.discoverFields) {
        const fields = await platform.discoverFields(contextFor(o, platform));
        await db.insertInto('connector_field').values({ account_id: 'default', connector_id: o.id, fields: JSON.stringify(fields), discovered_at: new Date().toISOString() }).execute();
      }
    },
    async accept(connectorId, body) {
      const connector = await loadConnector(deps, connectorId);
      const raw = Buffer.from(JSON.stringify(body));
      const syncId = (body as { syncId: string }).syncId;
      const receivedAt = new Date().toISOString();
      const receive = connector.platform.receive;
      if (receive === undefined) throw new Error('not an inbound platform');
      const event = receive({ ...contextFor({ id: connectorId, settings: connector.row.settings, credentials: {} }, connector.platform) }, {
        id: syncId, method: 'POST', path: '/list-syncs', headers: { 'idempotency-key': syncId }, rawBody: raw, body: JSON.parse(raw.toString()), receivedAt,
      });
      await acceptInbound(db, { accountId: 'default', connectorId, kind: event.kind, key: event.key, bodyHash: createHash('sha256').update(raw).digest(), payload: event.payload, rejected: event.rejected, answer: event.answer, receivedAt, fingerprint: (plain) => deps.secrets.fingerprint(plain) });
    },
    drain: (connectorId) => inEnv(createInboxActivities(deps).drainInbox, { connectorId }),
    deliver: (connectorId) => inEnv(createDeliverActivities(deps).deliverPending, { connectorId }),
    merge: () => inEnv((accountId: string) => mergeRecords(deps, accountId, deps.settings.timeBoxMs), 'default'),
    async read(connectorId, streamName, window) {
      const connector = await loadConnector(deps, connectorId);
      const stream = connector.platform.description.streams.find((s) => s.name === streamName);
      if (stream === undefined) throw new Error(`no stream ${streamName}`);
      return stepThroughPages(deps, connector, await loadApplyContext(deps, connector), { stream, window, urgency: 'bulk', cause: { kind: 'test' } }, new AbortController().signal);
    },
    async finishFirstImport(connectorId) {
      await db.insertInto('backfill_run').values({
        account_id: 'default', connector_id: connectorId, data_type: 'contacts', from_at: '2016-01-01T00:00:00Z', to_at: new Date().toISOString(), state: 'done', is_first: true, workflow_id: 'test',
      }).execute();
    },
    async close() {
      await db.destroy();
      await connection.close();
    },
  };

  function contextFor(o: { id: string; settings: object; credentials: Record<string, string> }, platform: Platform): Parameters<Platform['checkConnection']>[0] {
    return {
      connectorId: o.id, settings: platform.description.settings.parse(o.settings), credentials: o.credentials, signal: new AbortController().signal,
      acquire: () => Promise.resolve(), now: () => Date.now(), log: quiet, permissionKeys: {}, fields: [],
    };
  }
}
