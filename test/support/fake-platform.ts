import { z } from 'zod';
import type { CanonicalActivity } from '../../domain/model/activity.ts';
import type { SourceRow } from '../../domain/model/source-record.ts';
import { dataTypes, type DataType } from '../../domain/presets/data-types.ts';
import type { DeliveryItem, Direction, Platform, StreamDefinition, Window } from '../../platforms/platform.ts';

/** What a fake platform holds, was asked, and answers; tests change it while it runs. */
export interface FakePlatform {
  readonly platform: Platform;
  /** Contacts by their change time; connectors whose id begins with `sink` see none of them. */
  contacts: { readonly id: string; readonly email: string; readonly changedAt: string }[];
  readonly activities: CanonicalActivity[];
  /** Each call as `operation detail`. */
  readonly calls: string[];
  readonly windows: { readonly stream: string; readonly window: Window; readonly pageToken: string | undefined }[];
  readonly delivered: DeliveryItem[];
  readonly acted: { readonly kind: string; readonly target: string }[];
  /** Called before each operation; what it throws is what the platform answers. */
  before: (operation: string, detail: string, signal: AbortSignal) => void | Promise<void>;
  pageSize: number;
}

const direction = (types: readonly DataType[]): Record<DataType, Direction> =>
  Object.fromEntries(dataTypes.map((type) => [type, { import: types.includes(type), export: types.includes(type) }])) as Record<DataType, Direction>;

const stream = (name: string, dataType: DataType): StreamDefinition =>
  ({ name, dataType, primaryKey: 'id', cursorField: 'changedAt', sorted: true, pageSize: 100, kind: 'window', pulled: true, backfilled: true });

/** A marketing platform in memory: contacts and activities in, contacts out. */
export function createFakePlatform(): FakePlatform {
  const fake: FakePlatform = {
    contacts: [], activities: [], calls: [], windows: [], delivered: [], acted: [], pageSize: 100, before: () => undefined,
    platform: {
      description: {
        id: 'fake', title: 'Fake', class: 'marketing-automation', presets: ['marketing-automation'], directions: direction(['contacts', 'activities']),
        streams: [stream('contacts', 'contacts'), stream('clicks', 'activities')],
        settings: z.looseObject({ baseUrl: z.string().default('http://fake.example'), timeZone: z.string().default('UTC'), optInStrategy: z.enum(['both', 'only-subscriptions', 'none']).default('both') }),
        credentials: z.object({ key: z.string() }), credentialNames: ['key'], callsPerSecond: 10_000, deliveryBatchSize: 10,
        targets: 'primary-link', createsContacts: true, reflectsContacts: true, pullCreatesRecords: true,
      },
      checkConnection: async (context) => {
        await fake.before('checkConnection', '', context.signal);
        return { notes: [] };
      },
      readPage: async (context, { name }, window, pageToken) => {
        fake.calls.push(`readPage ${name}`);
        fake.windows.push({ stream: name, window, pageToken });
        await fake.before('readPage', `${name} ${window.from} ${pageToken ?? ''}`, context.signal);
        return page(context.connectorId.startsWith('sink') ? { ...fake, contacts: [] } : fake, name, window, pageToken, new Date(context.now()).toISOString());
      },
      readRecords: async (context, _dataType, ids) => {
        fake.calls.push(`readRecords ${ids.join(',')}`);
        await fake.before('readRecords', ids.join(','), context.signal);
        return { rows: fake.contacts.filter((contact) => ids.includes(contact.id)).map(rowOf), activities: [], rejected: [], readAt: new Date(context.now()).toISOString() };
      },
      project: (_context, _dataType, record) => ({ fields: { email: record.canonical['email'] ?? null, firstName: record.canonical['firstName'] ?? null }, withheld: [] }),
      deliver: async (context, _dataType, items) => {
        fake.calls.push(`deliver ${items.length}`);
        await fake.before('deliver', items.map((item) => item.externalId).join(','), context.signal);
        fake.delivered.push(...items);
        return items.map(() => ({ kind: 'stored' as const }));
      },
    },
  };
  return fake;
}

function page(fake: FakePlatform, name: string, window: Window, pageToken: string | undefined, readAt: string): Awaited<ReturnType<NonNullable<Platform['readPage']>>> {
  const start = Number(pageToken ?? 0);
  const inside = (at: string) => at >= window.from && at < window.to;
  const contacts = name === 'contacts' ? fake.contacts.filter((contact) => inside(contact.changedAt)) : [];
  const activities = name === 'clicks' ? fake.activities.filter((activity) => inside(activity.at)) : [];
  const end = start + fake.pageSize;
  return {
    rows: contacts.slice(start, end).map(rowOf), activities: activities.slice(start, end), rejected: [], readAt,
    ...(end < Math.max(contacts.length, activities.length) ? { nextPageToken: String(end) } : {}),
  };
}

function rowOf(contact: FakePlatform['contacts'][number]): SourceRow {
  return {
    dataType: 'contacts', externalId: contact.id, sourceTime: contact.changedAt, payload: { id: contact.id }, canonical: { email: contact.email, firstName: contact.id },
    held: { email: contact.email, firstName: contact.id }, heldKeyOf: { email: 'email', firstName: 'firstName' }, consents: [],
  };
}

/** Contacts of a fake platform, changed one minute apart from `since` on (ISO). */
export function fakeContacts(count: number, since: string, prefix = 'c'): FakePlatform['contacts'] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${prefix}${index}`, email: `${prefix}${index}@people.example`, changedAt: new Date(Date.parse(since) + index * 60_000).toISOString(),
  }));
}
