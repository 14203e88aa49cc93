import type { Direction, PlatformDescription, StreamDefinition } from '../platform.ts';
import { batchSize } from './deliver.ts';
import { shopBatchSize } from './shop-calls.ts';
import { mailplusCredentialsSchema, mailplusSettingsSchema } from './settings.ts';

/** Rows a page; Mail+'s own default (contract §1.4). */
const pageSize = 1_000;

const stream = (name: string, more: Pick<StreamDefinition, 'dataType' | 'primaryKey' | 'cursorField' | 'backfilled'>): StreamDefinition => ({
  name, pageSize, sorted: false, kind: 'window', pulled: true, ...more,
});

const interactions = { dataType: 'activities', primaryKey: 'id', cursorField: 'changeDate', backfilled: true } as const;

/** Everything that is read from Mail+, by windows of time. */
export const mailplusStreams: readonly StreamDefinition[] = [
  stream('contacts', { dataType: 'contacts', primaryKey: 'externalId', cursorField: 'lastChanged', backfilled: true }),
  stream('sent', interactions),
  stream('opened', interactions),
  stream('clicked', interactions),
  stream('bounced', interactions),
  stream('form-results', { dataType: 'activities', primaryKey: 'formResultId', cursorField: 'submittedAt', backfilled: true }),
  stream('bounces', { dataType: 'activities', primaryKey: 'contact', cursorField: 'date', backfilled: true }),
];

const notOffered: Direction = { import: false, export: false };
const exported: Direction = { import: false, export: true, note: 'only with Spotler eCommerce' };

/** Spotler Mail+ as data. */
export const mailplusDescription: PlatformDescription = {
  id: 'mailplus',
  title: 'Spotler Mail+',
  class: 'marketing-automation',
  presets: ['marketing-automation'],
  directions: {
    orders: exported, products: exported, checkouts: exported,
    stock: notOffered, shipments: notOffered, organisations: notOffered,
    contacts: { import: true, export: true },
    activities: { import: true, export: false, note: 'Mail+ takes no activities from outside' },
  },
  streams: mailplusStreams,
  settings: mailplusSettingsSchema,
  credentials: mailplusCredentialsSchema,
  credentialNames: ['key', 'secret'],
  callsPerSecond: 200,
  deliveryBatchSize: batchSize,
  givenIdPrefix: { products: 'hub-', orders: 'hub-' },
  deliveryBatchSizes: { products: shopBatchSize, orders: shopBatchSize },
  targets: 'primary-link',
  createsContacts: true,
  reflectsContacts: true,
  pullCreatesRecords: true,
};
