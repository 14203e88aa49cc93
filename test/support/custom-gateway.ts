import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createInboxActivities, type DrainResult } from '../../activities/drain-inbox.ts';
import { startGateway, type GatewayFixture } from './gateway-fixture.ts';
import { testSettings } from './pipeline.ts';
import { testTemporal } from './test-temporal.ts';

/** What the gateway answered. */
export interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Custom systems that send to a gateway, and what becomes of it; on a database of its own. */
export interface CustomGateway {
  readonly gateway: GatewayFixture;
  /** Adds a custom connector; its token is used from then on. */
  add(id: string, preset: string, settings: Readonly<Record<string, unknown>>): Promise<void>;
  send(connectorId: string, method: 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  /** Applies what waits in the inbox. */
  drain(connectorId: string): Promise<DrainResult>;
  /** The records of a data type as `[canonical, deleted]`, oldest first. */
  records(dataType: string): Promise<readonly (readonly [Readonly<Record<string, unknown>>, boolean])[]>;
  close(): Promise<void>;
}

/** Opens it; `close` it in `afterAll`. */
export async function openCustomGateway(): Promise<CustomGateway> {
  const gateway = await startGateway();
  const admin = await gateway.token('admin');
  const tokens = new Map<string, string>();
  const connection = Connection.lazy({ address: testTemporal().address });
  const { drainInbox } = createInboxActivities({ ...gateway.deps, databaseUrl: gateway.databaseUrl, temporal: new Client({ connection }), settings: testSettings });
  return {
    gateway,
    async add(id, preset, settings) {
      const payload = { platform: 'custom', id, preset, settings, credentials: {}, override: true, acceptLateFulfilment: true };
      const answer = await gateway.app.inject({ method: 'POST', url: '/api/v1/connectors', headers: gateway.bearer(admin), payload });
      if (answer.statusCode !== 201) throw new Error(`the connector was not added: ${answer.body}`);
      tokens.set(id, String(answer.json().sourceToken));
    },
    async send(connectorId, method, path, body, headers = {}) {
      const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) };
      const type = typeof body === 'string' ? 'application/x-ndjson' : 'application/json';
      const sent = { ...gateway.bearer(tokens.get(connectorId) ?? ''), ...(body !== undefined && { 'content-type': type }), ...headers };
      const answer = await gateway.app.inject({ method, url: `/inbound/custom/${connectorId}${path}`, headers: sent, ...payload });
      return { status: answer.statusCode, body: answer.json() };
    },
    drain: (connectorId) => new MockActivityEnvironment().run(drainInbox, { connectorId }),
    records: async (dataType) => {
      const rows = await gateway.db.selectFrom('record').select(['canonical', 'deleted']).where('data_type', '=', dataType).where('merged_into', 'is', null).orderBy('id').execute();
      return rows.map(({ canonical, deleted }) => [canonical, deleted] as const);
    },
    async close() {
      await gateway.stop();
      await connection.close();
    },
  };
}
