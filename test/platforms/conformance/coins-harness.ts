import { coins } from '../../../platforms/coins/index.ts';
import type { Fields, Scalar } from '../../../domain/model/fields.ts';
import type { StreamDefinition } from '../../../platforms/platform.ts';
import { startCoinsSandbox, type CoinsSandbox, type Prospect } from '../../../sandbox/coins/index.ts';
import type { HostileRequest } from '../../support/hostile-source.ts';
import type { InboundSource, PlatformHarness, Slot, Stand, WireSource } from './harness.ts';
import { person, type Person } from './person.ts';

const token = 'conformance-token-93c2';
const wrongCredentials = { apiToken: 'wrong-token-40bf' };
const idOf = (number: number): string => `P${number}`;

function cardOf({ number, firstName, lastName, email, mobile, changedAt }: Person): Prospect {
  return {
    prospectId: idOf(number), title: 'Ms', forename: firstName, surname: lastName, email, mobile, telephone: '',
    address: { line1: '1 High Street', line2: '', town: 'Leeds', county: '', postcode: 'LS1 1AA', country: 'GB' },
    developmentCode: 'OAKW', plot: null, source: 'WEB', levelOfInterest: 'HOT', status: 'ACTIVE', salesAdviser: 'JS',
    consents: [
      { code: 'EMAIL_MKT', description: 'Consent to Receive Email Marketing', value: true, date: '2025-11-01T10:00:00+00:00' },
      { code: 'SMS_MKT', description: 'Consent to Receive SMS Marketing', value: false, date: null },
    ],
    lastModified: changedAt,
  };
}

function heldOf(card: Readonly<Record<string, unknown>>): Fields {
  const { title, forename, surname, email, mobile, telephone, address, consents } = card as unknown as Prospect;
  const entries: (readonly [string, Scalar])[] = Object.entries({ title, forename, surname, email, mobile, telephone });
  for (const [part, value] of Object.entries(address)) entries.push([`address.${part}`, value]);
  for (const { code, value } of consents) entries.push([`consent:${code}`, value]);
  return Object.fromEntries(entries);
}

function stateOf({ state }: CoinsSandbox): unknown {
  const { prospects, activities, tasks, merged } = state.dump();
  return { prospects, activities, tasks, merged };
}

function effectsOf({ state }: CoinsSandbox): unknown {
  const { counts, flips } = state.journal;
  return {
    activities: counts.activitiesStored, doubled: counts.activitiesDoubled, tasks: counts.tasksStored, flips: flips.length,
    restated: counts.permissionsRestated, patches: counts.prospectPatches - counts.prospectPatchesUnchanged,
  };
}

async function start(people: readonly Person[]): Promise<Stand> {
  const outside = [{ ...cardOf(person(93)), lastModified: '2026-02-01T00:00:00.000Z' }, { ...cardOf(person(92)), lastModified: '2025-12-31T23:00:00.000Z' }];
  const sandbox = await startCoinsSandbox({ token, prospects: [...people.map(cardOf), ...outside] });
  return {
    baseUrl: sandbox.url,
    credentials: { apiToken: token },
    state: () => structuredClone(stateOf(sandbox)),
    effects: () => structuredClone(effectsOf(sandbox)),
    held: (id) => {
      const card = sandbox.state.cards.find(id);
      return card && heldOf(card);
    },
    expected: () => people.map(({ number }) => idOf(number)),
    merge: (from, into) => sandbox.state.merge(from, into),
    close: () => sandbox.close(),
  };
}

function asked({ url }: HostileRequest): { readonly page: number; readonly pageSize: number; readonly sinceMs: number } {
  const { searchParams: query } = url;
  return { page: Number(query.get('page') ?? 1), pageSize: Number(query.get('pageSize') ?? 100), sinceMs: Date.parse(query.get('modifiedSince') ?? '1970-01-01') };
}

/** Rows without a readable stamp are listed with all that is old, so that their reader has to cope. */
function isListed(slot: Slot, sinceMs: number): boolean {
  const stampMs = Date.parse(String(slot?.['lastModified']));
  return Number.isNaN(stampMs) ? sinceMs < Date.parse('2026-06-01') : stampMs >= sinceMs;
}

const nothingKnown = (full: Readonly<Record<string, unknown>>) => Object.fromEntries(Object.keys(full).map((name) => [name, null]));
const [prospects] = coins.description.streams as readonly [StreamDefinition];

const wire: WireSource = {
  stream: prospects,
  readsPage: ({ method, url }) => method === 'GET' && url.pathname.endsWith('/api/v1/prospects'),
  row: cardOf,
  withNulls: (full) => ({ ...nothingKnown(full), prospectId: full['prospectId'], lastModified: full['lastModified'] }),
  withWrongType: (full) => ({ ...full, consents: 'none' }),
  page: (request, rows) => {
    const { page, pageSize, sinceMs } = asked(request);
    const listed = rows.filter((slot) => isListed(slot, sinceMs));
    const slots = listed.slice((page - 1) * pageSize, page * pageSize);
    return { prospects: slots.filter((slot) => slot !== null), page, pageCount: Math.ceil(listed.length / pageSize) };
  },
  stuckPage: (request, rows) => {
    const { page, pageSize } = asked(request);
    return { prospects: rows.slice(0, pageSize), page, pageCount: page + 1 };
  },
  endlessPage: (request, rows) => {
    const { page, pageSize } = asked(request);
    return { prospects: rows.slice((page - 1) * pageSize, page * pageSize), page, pageCount: page + 1 };
  },
};

const inbound: InboundSource = {
  rows: (people, page = 1, more = []) => ({
    path: '/list-syncs',
    headers: { 'idempotency-key': 'S-1' },
    body: { syncId: 'S-1', list: { id: 'L-1', name: 'Spring launch', description: '' }, page, pageCount: 3, prospects: [...people.map(cardOf), ...more] },
  }),
  wrongRow: { ...cardOf(person(60)), consents: 'none' },
  namelessRow: { ...cardOf(person(61)), email: '', mobile: '', telephone: ' ' },
};

/** Coins in the conformance suite. */
export const coinsHarness: PlatformHarness = {
  platform: coins,
  start,
  secrets: [token, wrongCredentials.apiToken],
  wrongCredentials,
  permissionKeys: { 'Consent to Receive Email Marketing': 'consent:EMAIL_MKT', 'Consent to Receive SMS Marketing': 'consent:SMS_MKT' },
  idOf,
  unknownIds: ['P-never'],
  refusedChanges: { 'address.country': 'Quillonneland' },
  changeOfUnknown: 'refused',
  tellsOfMerges: true,
  actions: ([first]) => [{
    id: 1, kind: 'activity.create', target: idOf(first?.number ?? 1), cause: 'A-1',
    payload: { externalId: 'A-1', type: 'email.sent', at: '2026-01-20T10:00:00.000Z', description: 'E-mail «Spring launch» sent' },
  }, {
    id: 2, kind: 'task.create', target: idOf(first?.number ?? 1), cause: 'bounce-case/1',
    payload: { externalId: 'A-1/task', assignee: 'JS', subject: 'E-mail bounced', description: 'Correct the address.' },
  }],
  wire,
  inbound,
};
