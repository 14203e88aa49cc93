import { z } from 'zod';
import { createToken } from '../../config/access-token.ts';
import { createSecretBox } from '../../config/secrets.ts';
import { openDatabase, openPool, type Db } from '../../db/database.ts';
import { ensureAccount } from '../../db/repositories/accounts.ts';
import { insertToken, type TokenRole } from '../../db/repositories/tokens.ts';
import { dataTypes, type DataType } from '../../domain/presets/data-types.ts';
import { defaultGatewaySettings, type GatewayDependencies, type GatewaySettings } from '../../gateway/dependencies.ts';
import type { App } from '../../gateway/http/app.ts';
import { buildGateway, type GatewayParts } from '../../gateway/server.ts';
import type { ConnectorCommands } from '../../gateway/temporal/commands.ts';
import { coins } from '../../platforms/coins/index.ts';
import { custom } from '../../platforms/custom/index.ts';
import type { Direction, Platform, PlatformField } from '../../platforms/platform.ts';
import { createTestDatabase } from './test-database.ts';

/** A gateway on a database of its own, with recorded commands in the place of Temporal's. */
export interface GatewayFixture {
  readonly app: App;
  readonly db: Db;
  readonly databaseUrl: string;
  readonly deps: GatewayDependencies;
  /** Each command as `name connectorId`, in order. */
  readonly commanded: string[];
  /** Each wake as `workflow connectorId`. */
  readonly woken: string[];
  /** Each log line as JSON. */
  readonly logged: string[];
  readonly platforms: FakePlatforms;
  /** A new token; `accountId` is made when it is new. */
  token(role: TokenRole, options?: { readonly accountId?: string; readonly connectorId?: string }): Promise<string>;
  /** Headers with a bearer token. */
  bearer(token: string): { authorization: string };
  stop(): Promise<void>;
}

/** What the fake platforms answer; tests change it. */
export interface FakePlatforms {
  mailplusFields: readonly PlatformField[];
  /** Thrown by both platforms' connection check. */
  failure: Error | undefined;
}

const everyType = (direction: Direction): Record<DataType, Direction> => Object.fromEntries(dataTypes.map((type) => [type, direction])) as Record<DataType, Direction>;

/** Entries of permissions as a marketing platform discovers them. */
export function permissionFields(...names: readonly string[]): readonly PlatformField[] {
  const entries = names.map((description, index) => ({ key: `permissions:${index + 1}`, description }));
  return [{ name: 'permissions', description: 'Permissions', type: 'permissions', entries }];
}

function fakeMarketing(state: FakePlatforms): Platform {
  return {
    description: {
      id: 'mailplus', title: 'Mail+', class: 'marketing-automation', presets: ['marketing-automation'], directions: everyType({ import: true, export: true }), streams: [],
      settings: z.strictObject({
        baseUrl: z.url().default('https://mailplus.example'), timeZone: z.string().default('Europe/Amsterdam'), optInStrategy: z.enum(['both', 'only-subscriptions', 'none']).default('both'),
      }),
      credentials: z.strictObject({ consumerKey: z.string().min(1), consumerSecret: z.string().min(1) }),
      credentialNames: ['consumerKey', 'consumerSecret'],
      callsPerSecond: 100, deliveryBatchSize: 100, targets: 'primary-link', createsContacts: true, reflectsContacts: true, pullCreatesRecords: true,
    },
    checkConnection: async () => {
      if (state.failure !== undefined) throw state.failure;
      return { notes: [] };
    },
    discoverFields: async () => state.mailplusFields,
  };
}

function fakePlatforms(state: FakePlatforms): Record<string, Platform> {
  const checkConnection: Platform['checkConnection'] = async () => {
    if (state.failure !== undefined) throw state.failure;
    return { notes: ['Only a list sync creates contacts.'] };
  };
  return { coins: { ...coins, checkConnection }, mailplus: fakeMarketing(state), custom };
}

function recordedCommands(commanded: string[]): ConnectorCommands {
  const record = (name: string) => async (connectorId: string) => {
    commanded.push(`${name} ${connectorId}`);
    return { message: `${name} done` };
  };
  return {
    start: async (connectorId) => void commanded.push(`start ${connectorId}`),
    pause: record('pause'), resume: record('resume'), remove: record('remove'),
    startBackfill: record('startBackfill'), retryFailed: record('retryFailed'), skipFailed: record('skipFailed'),
    rematch: async (accountId) => void commanded.push(`rematch ${accountId}`),
    remap: async (connectorId) => void commanded.push(`remap ${connectorId}`),
  };
}

/** Starts a gateway for tests. `parts` replaces what would talk to Temporal, `deps` anything else. */
export async function startGateway(options: { readonly settings?: Partial<GatewaySettings>; readonly parts?: GatewayParts; readonly deps?: Partial<GatewayDependencies> } = {}): Promise<GatewayFixture> {
  const database = await createTestDatabase();
  const db = openDatabase(openPool({ url: database.url, maxConnections: 5, onError: () => undefined }));
  const [commanded, woken, logged]: [string[], string[], string[]] = [[], [], []];
  const platforms: FakePlatforms = { mailplusFields: permissionFields('Newsletter', ' consent to receive EMAIL marketing '), failure: undefined };
  const log = (level: string) => (facts: object, message: string) => void logged.push(JSON.stringify({ level, ...facts, message }));
  const deps: GatewayDependencies = {
    db,
    platforms: fakePlatforms(platforms),
    secrets: createSecretBox([{ id: 'k1', key: Buffer.alloc(32, 7) }]),
    temporal: {} as GatewayDependencies['temporal'],
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    settings: { ...defaultGatewaySettings, rateLimitPerMinute: 100_000, temporalAddress: '127.0.0.1:7233', temporalNamespace: 'default', temporalUiUrl: 'http://127.0.0.1:8233', ...options.settings },
    now: Date.now,
    faultPoint: async () => undefined,
    ...options.deps,
  };
  const waker = { wake: (target: string, connectorId: string) => void woken.push(`${target} ${connectorId}`), close: async () => undefined };
  const app = await buildGateway(deps, { commands: recordedCommands(commanded), waker, ...options.parts });
  await app.ready();
  return {
    app, db, databaseUrl: database.url, deps, commanded, woken, logged, platforms,
    token: (role, { accountId = 'main', connectorId } = {}) => newToken(db, role, accountId, connectorId),
    bearer: (token) => ({ authorization: `Bearer ${token}` }),
    stop: async () => {
      await app.close();
      await db.destroy();
      await database.drop();
    },
  };
}

async function newToken(db: Db, role: TokenRole, accountId: string, connectorId: string | undefined): Promise<string> {
  await ensureAccount(db, accountId, accountId);
  const { token, hash } = createToken();
  await insertToken(db, { accountId, connectorId: connectorId ?? null, name: `${role} of ${accountId}`, role, hash });
  return token;
}

/** One prospect card as Coins sends it, with fictional data. */
export function prospectCard(id: string, more: object = {}): object {
  return { prospectId: id, title: 'Ms', forename: 'Anna', surname: 'Hill', email: `${id.toLowerCase()}@people.example`, mobile: '+447700900123', consents: [], lastModified: '2026-11-20T09:12:00Z', ...more };
}

/** One page of a list sync. */
export function listSyncPage(syncId: string, page: number, pageCount: number, prospects: readonly object[]): object {
  return { syncId, cid: '210', list: { id: 'L-55', name: 'Oakwood launch', description: '' }, campaign: { id: 'C-9', name: 'Spring 2027', startDate: '2027-03-01', endDate: '2027-04-30' }, page, pageCount, prospects };
}
