import { createHash } from 'node:crypto';
import { z } from 'zod';
import { acceptInbound } from '../../db/repositories/inbox-accept.ts';
import type { RecordType } from '../../domain/model/record-fields.ts';
import { toRecordFields } from '../../domain/model/record-fields.ts';
import type { SourceRow } from '../../domain/model/source-record.ts';
import { dataTypes, type DataType } from '../../domain/presets/data-types.ts';
import type { DeliveryItem, DeliveryOutcome, Direction, InboxContent, Platform, PlatformDescription } from '../../platforms/platform.ts';
import { openPipeline, type Pipeline } from './pipeline.ts';
import { createTestDatabase } from './test-database.ts';

/** One call that brought things to a system. */
export interface Brought {
  readonly connectorId: string;
  readonly dataType: DataType;
  readonly item: DeliveryItem;
}

/** Systems that push records of any type and take what they are sent. */
export interface ThingsWorld {
  readonly pipeline: Pipeline;
  readonly brought: Brought[];
  /** What a system answers for an item; stored unless told. */
  answer: (brought: Brought) => DeliveryOutcome;
  add(id: string, preset: string): Promise<void>;
  /** Accepts rows of one type, as a push would, and applies them. */
  push(connectorId: string, dataType: RecordType, rows: readonly PushedThing[]): Promise<Awaited<ReturnType<Pipeline['drain']>>>;
  /** The same for whatever a push may hold. */
  pushContent(connectorId: string, content: Partial<InboxContent>): Promise<Awaited<ReturnType<Pipeline['drain']>>>;
  close(): Promise<void>;
}

/** A record as a test writes it. */
export interface PushedThing {
  readonly id: string;
  readonly at: string;
  readonly createdAt?: string;
  readonly data?: object;
  readonly deleted?: true;
}

const both = Object.fromEntries(dataTypes.map((type) => [type, { import: true, export: true }])) as Record<DataType, Direction>;

const description: PlatformDescription = {
  id: 'thing', title: 'Thing', class: 'sales-channel', presets: ['e-commerce-with-marketing-automation', 'marketplace', 'fulfilment', 'marketing-automation', 'crm', 'e-commerce-with-e-fulfilment'], directions: both, streams: [],
  settings: z.looseObject({ baseUrl: z.string().default(''), timeZone: z.string().default('UTC'), optInStrategy: z.enum(['both', 'only-subscriptions', 'none']).default('both') }),
  credentials: z.object({}), credentialNames: [], callsPerSecond: 10_000, deliveryBatchSize: 10, targets: 'primary-link', createsContacts: true, reflectsContacts: false,
  givenIdPrefix: 'hub-', announcesFirstImport: true, pullCreatesRecords: true,
};

/** Opens a world on a database of its own; `close` it in `afterAll`. `own` stands in for parts of its systems, `others` are platforms besides theirs. */
export async function openThingsWorld(own: Partial<Platform> = {}, others: Readonly<Record<string, Platform>> = {}): Promise<ThingsWorld> {
  const database = await createTestDatabase();
  const brought: Brought[] = [];
  const platform: Platform = {
    description,
    checkConnection: () => Promise.resolve({ notes: [] }),
    readInbox: (_context, _kind, payload) => ({ rows: [], mayCreate: true, isLive: true, ...(payload as Partial<InboxContent>) }),
    project: (_context, _dataType, record) => ({ fields: { ...record.canonical, ...(record.deleted === true && { removed: true }), ...(Object.keys(record.linked ?? {}).length > 0 && { links: JSON.stringify(record.linked) }) }, withheld: [] }),
    deliver: (context, dataType, items) => {
      const all = items.map((item) => ({ connectorId: context.connectorId, dataType, item }));
      brought.push(...all);
      return Promise.resolve(all.map((one) => world.answer(one)));
    },
    ...own,
  };
  const pipeline = await openPipeline(database.url, { platforms: { thing: platform, ...others } });
  let count = 0;
  const world: ThingsWorld = {
    pipeline, brought, answer: () => ({ kind: 'stored' }),
    async add(id, preset) {
      await pipeline.deps.db.insertInto('connector').values({
        id, account_id: 'default', platform: 'thing', class: 'sales-channel', preset, name: id, settings: JSON.stringify(description.settings.parse({})),
        credentials: pipeline.deps.secrets.seal('{}', `connector/${id}`), credential_key: id, phase: 'live', is_test: true, activated_at: '2026-01-01T00:00:00Z',
      }).execute();
    },
    push: (connectorId, dataType, rows) => world.pushContent(connectorId, { rows: rows.map((row) => rowOf(dataType, row)) }),
    async pushContent(connectorId, payload) {
      count += 1;
      await acceptInbound(pipeline.deps.db, {
        accountId: 'default', connectorId, kind: 'records', key: `push-${count}`, bodyHash: createHash('sha256').update(String(count)).digest(), payload, rejected: [],
        answer: { status: 202, body: {} }, receivedAt: new Date().toISOString(),
      });
      return pipeline.drain(connectorId);
    },
    async close() {
      await pipeline.close();
      await database.drop();
    },
  };
  return world;
}

/** The row that a platform would make of it. */
export function rowOf(dataType: RecordType, { id, at, createdAt, data = {}, deleted }: PushedThing): SourceRow {
  const canonical = toRecordFields(dataType, data);
  return {
    dataType, externalId: id, sourceTime: at, payload: data, canonical, held: canonical, heldKeyOf: Object.fromEntries(Object.keys(canonical).map((name) => [name, name])), consents: [],
    ...(deleted === true && { deleted }), ...(createdAt !== undefined && { createdTime: createdAt }),
  };
}
