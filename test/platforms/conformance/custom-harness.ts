import { custom } from '../../../platforms/custom/index.ts';
import type { InboundSource, PlatformHarness, Stand, WireSource } from './harness.ts';
import type { Person } from './person.ts';

const secret = 'conformance-word-71e8';
const idOf = (number: number): string => `C-${number}`;

function contactOf({ number, firstName, lastName, email, mobile, changedAt }: Person): Readonly<Record<string, unknown>> {
  return {
    externalId: idOf(number), sourceTime: changedAt, email, mobile, name: { title: 'Ms', firstName, lastName }, address: { city: 'Leeds', country: 'GB' },
    consents: [{ permission: 'Consent to Receive Email Marketing', granted: true, at: '2025-11-01T10:00:00+00:00' }], favouriteColour: 'teal',
  };
}

/** There is nothing to call: the system sends. */
function start(): Promise<Stand> {
  return Promise.resolve({
    baseUrl: 'http://127.0.0.1:9', credentials: { webhookSecret: secret }, state: () => ({}), effects: () => ({}), held: () => undefined, expected: () => [], close: () => Promise.resolve(),
  });
}

const neverRead = (): never => {
  throw new Error('a custom system is not read');
};

const wire: WireSource = {
  stream: { name: 'none', dataType: 'contacts', primaryKey: 'externalId', cursorField: 'sourceTime', sorted: false, pageSize: 1, kind: 'window', pulled: false, backfilled: false },
  readsPage: () => false, row: neverRead, withNulls: neverRead, withWrongType: neverRead, page: neverRead, stuckPage: neverRead, endlessPage: neverRead,
};

const inbound: InboundSource = {
  rows: (people, page = 1, more = []) => ({
    path: '/contacts', headers: { 'content-type': 'application/json', 'idempotency-key': `S-1/${page}` }, body: { records: [...people.map(contactOf), ...more] },
  }),
  wrongRow: { externalId: 'C-60', email: 'quillonne60@wexfordt.example', name: { firstName: ['Quillonne60'] } },
  namelessRow: { externalId: 'C-61', email: '', mobile: ' ', name: { lastName: 'Wexfordt61' } },
};

/** A custom system in the conformance suite. */
export const customHarness: PlatformHarness = {
  platform: custom,
  neverCalled: true,
  settings: { class: 'sales-channel' },
  start,
  secrets: [secret],
  wrongCredentials: {},
  permissionKeys: { 'Consent to Receive Email Marketing': 'consent:Consent to Receive Email Marketing' },
  idOf,
  unknownIds: [],
  refusedChanges: {},
  changeOfUnknown: 'stored',
  tellsOfMerges: false,
  actions: () => [],
  wire,
  inbound,
};
