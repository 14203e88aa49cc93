import { custom } from '../../../platforms/custom/index.ts';
import { startCustomReceiver } from './custom-receiver.ts';
import type { InboundSource, PlatformHarness, WireSource } from './harness.ts';
import type { Person } from './person.ts';

const secret = 'conformance-word-71e8';
const wrongSecret = 'conformance-word-90aa';
const permission = 'Consent to Receive Email Marketing';
const idOf = (number: number): string => `C-${number}`;

function contactOf({ number, firstName, lastName, email, mobile, changedAt }: Person): Readonly<Record<string, unknown>> {
  return {
    externalId: idOf(number), sourceTime: changedAt, email, mobile, name: { title: 'Ms', firstName, lastName }, address: { city: 'Leeds', country: 'GB' },
    consents: [{ permission: 'Consent to Receive Email Marketing', granted: true, at: '2025-11-01T10:00:00+00:00' }], favouriteColour: 'teal',
  };
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
  needsNoBaseUrl: true,
  holdsNothingBack: true,
  settings: { class: 'sales-channel' },
  settingsAt: (baseUrl) => ({ webhookUrl: `${baseUrl}/hub` }),
  start: (people) => startCustomReceiver(secret, people.map((one) => ({ externalId: idOf(one.number), held: { email: one.email, mobile: one.mobile, firstName: one.firstName, lastName: one.lastName, [`consent:${permission}`]: true, deleted: null } }))),
  secrets: [secret, wrongSecret],
  wrongCredentials: { webhookSecret: wrongSecret },
  permissionKeys: { [permission]: `consent:${permission}` },
  idOf,
  unknownIds: ['C-never'],
  refusedChanges: { country: 'QX' },
  changeOfUnknown: 'stored',
  tellsOfMerges: false,
  actions: ([first]) => [{
    id: 1, kind: 'activity.create', target: idOf(first?.number ?? 1), cause: 'mailplus-1/A-1@C-1',
    payload: { externalId: 'mailplus-1/A-1', type: 'email.sent', at: '2026-01-20T10:00:00.000Z', description: 'E-mail «Spring launch» sent' },
  }, {
    id: 2, kind: 'list.replace', target: 'L-1', cause: 'list.replace/coins-1/L-1/S-1', payload: { listId: 'coins-1.L-1', syncId: 'S-1', name: 'Spring launch', memberExternalIds: [idOf(1), idOf(2)] },
  }, { id: 3, kind: 'list.remove', target: 'L-1', cause: 'list.remove/coins-1/L-1/7', payload: { listId: 'coins-1.L-1' } }, {
    id: 4, kind: 'contact.anonymise', target: '12', cause: 'erase/1/1', payload: { externalId: idOf(4), address: null, newId: 'hub-1' },
  }],
  wire,
  inbound,
};
