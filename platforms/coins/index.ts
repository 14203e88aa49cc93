import type { Direction, Platform, PlatformDescription } from '../platform.ts';
import { act, actionKinds } from './act.ts';
import { checkConnection, discoverFields } from './check.ts';
import { deliver } from './deliver.ts';
import { readInbox } from './inbox.ts';
import { projectContact } from './payload.ts';
import { receive } from './receive.ts';
import { readRecords } from './records.ts';
import { coinsCredentials, coinsSettings } from './settings.ts';
import { prospectStream, readPage } from './streams.ts';

const notOffered: Direction = { import: false, export: false };

const description: PlatformDescription = {
  id: 'coins',
  title: 'Coins',
  class: 'crm',
  presets: ['crm'],
  directions: {
    contacts: { import: true, export: true, note: 'contacts are created only by a list sync that Coins starts' },
    activities: { import: false, export: true, note: 'Coins sends list syncs only' },
    organisations: { import: false, export: false, note: 'its interface knows prospects only' },
    orders: notOffered,
    products: notOffered,
    stock: notOffered,
    shipments: notOffered,
    checkouts: notOffered,
  },
  streams: [prospectStream],
  settings: coinsSettings,
  credentials: coinsCredentials,
  credentialNames: ['apiToken'],
  callsPerSecond: 100,
  deliveryBatchSize: 20,
  targets: 'all-links',
  createsContacts: false,
  reflectsContacts: false,
  pullCreatesRecords: false,
};

/**
 * Coins (Access COINS ERP+, house sales). The contract with it is assumed: `schema.ts` and `docs/coins.md`.
 * Coins sends list syncs; profile edits, permissions and activities go back to every linked prospect.
 */
export const coins: Platform = {
  description,
  checkConnection,
  discoverFields,
  readPage,
  readRecords,
  receive,
  readInbox,
  project: (context, _dataType, record) => projectContact(context.samePlatform, record, context.settings['emailIsUserName'] === true),
  deliver: (context, _dataType, items) => deliver(context, items),
  actionKinds,
  act,
};
