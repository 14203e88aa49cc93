import { mailplus } from '../../../platforms/mailplus/index.ts';
import type { Fields } from '../../../domain/model/fields.ts';
import type { PlatformAction, StreamDefinition } from '../../../platforms/platform.ts';
import { encryptedIdOf, uuidOf } from '../../../sandbox/mailplus/state/encrypted-id.ts';
import { writeMailplusId } from '../../../sandbox/mailplus/state/mpid.ts';
import { startMailplusSandbox, type ContactDump, type MailplusSandbox } from '../../../sandbox/mailplus/index.ts';
import type { HostileRequest } from '../../support/hostile-source.ts';
import type { PlatformHarness, Slot, Stand, WireSource } from './harness.ts';
import { mailplusContext } from '../mailplus-context.ts';
import { person, type Person } from './person.ts';

const credentials = { key: 'conformance-key', secret: 'conformance-secret-5d1e' };
const wrongCredentials = { key: 'conformance-key', secret: 'wrong-secret-77aa' };
const idOf = (number: number): string => `crm-${number}`;
const bits = [1, 2, 4];

const numbers = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** What the mailing of the suite did with the people. */
const mailing = { sent: numbers(1, 30), opened: numbers(1, 14), clicked: numbers(2, 14), bounced: numbers(15, 29) };
/** Who filled in the form of the suite. */
const viewers = numbers(1, 6);
const typeOf = { sent: 'email.sent', opened: 'email.opened', clicked: 'email.clicked', bounced: 'email.bounced' } as const;

function propertiesOf({ email, firstName, lastName, mobile }: Person): Readonly<Record<string, string>> {
  return {
    email, firstName, lastName, mobileNumber: mobile, infix: 'van', gender: 'F', birthday: '1984-02-29', city: 'Utrecht', postalCode: '3511 AB',
    taal: 'nl', firstPurchaseDate: '2024-05-01T10:00:00+02:00', lastPurchaseDate: '2025-05-01T10:00:00+02:00',
  };
}

function seed({ state }: MailplusSandbox, people: readonly Person[]): void {
  const contact = (externalId: string, one: Person, lastChanged: string) => ({ externalId, properties: propertiesOf(one), permissions: [2], created: '2025-06-01T00:00:00.000Z', lastChanged });
  state.seedContacts(people.map((one) => contact(idOf(one.number), one, one.changedAt)));
  state.seedContacts([contact('crm-gone', person(91), person(91).changedAt), contact('crm-before', person(92), '2025-12-31T23:00:00.000Z'), contact('crm-after', person(93), '2026-02-01T00:00:00.000Z')]);
  state.starts.addCampaign({ name: 'Cart', repeat: 'always' });
  state.starts.addAutomation({ name: 'Welcome' });
  for (const name of ['Viewing', 'Brochure']) state.forms.addForm({ name, fields: [{ name: 'remarks' }, { name: 'address', type: 'email', property: 'email' }] });
  for (const number of viewers) {
    state.forms.submitForm(1 + (number % 2), { contact: { externalId: idOf(number) }, answers: { remarks: ['Saturday'], address: [people[number - 1]?.email ?? ''] }, at: '2026-01-10T10:00:00.000Z' });
  }
  state.anonymise({ contact: { externalId: 'crm-gone' } });
  const at = '2026-01-10T10:00:00.000Z';
  const share = (numbers: readonly number[]) => ({ externalIds: numbers.map(idOf), at });
  state.sendMailing({
    name: 'Spring launch', sentAt: at, changedAt: at, recipients: { externalIds: mailing.sent.map(idOf) },
    opened: share(mailing.opened), clicked: share(mailing.clicked), bounced: { ...share(mailing.bounced), type: 'SOFT' },
  });
}

function heldOf({ properties, permissions }: ContactDump): Fields {
  const plain = Object.entries(properties).flatMap(([name, value]) => (typeof value === 'object' ? [] : [[name, value] as const]));
  return Object.fromEntries([...plain, ...bits.map((bit) => [`permissions:${bit}`, permissions.includes(bit)] as const)]);
}

function findContact({ state }: MailplusSandbox, id: string): ContactDump | undefined {
  return [...state.contacts()].find(({ externalIds, inactive }) => Object.values(externalIds).includes(id) && inactive !== 'anonymised');
}

function stateOf({ state }: MailplusSandbox): unknown {
  const contacts = [...state.contacts()].map(({ externalIds, properties, permissions, inactive }) => ({ externalIds, properties, permissions, inactive }));
  const lists = state.lists().map(({ name, externalTemporaryListId, members }) => ({ name, externalTemporaryListId, members: members.map(({ encryptedId }) => encryptedId) }));
  const audiences = state.groups.audiences().map(({ externalId, members }) => ({ externalId, members: members.map(({ encryptedId }) => encryptedId) }));
  return { contacts, lists, audiences, starts: state.starts.started().map(({ kind, target }) => ({ kind, target })) };
}

function effectsOf({ state }: MailplusSandbox): unknown {
  const { totals, listsCreated, listsDeleted } = state.effects();
  const { identicalUpserts: _identical, refusedUpserts: _refused, listMembersRepeated: _repeated, audienceMembersRepeated: _again, ...changes } = totals;
  return { ...changes, listsCreated, listsDeleted, starts: state.starts.counts().total };
}

async function start(people: readonly Person[]): Promise<Stand> {
  const sandbox = await startMailplusSandbox({ credentials: [{ ...credentials, externalIdField: 'externalId' }] });
  seed(sandbox, people);
  await mailplus.act(mailplusContext(sandbox.url, { credentials }), { id: 9, kind: 'audience.replace', target: 'audience:A-1', cause: 'S-0', payload: { ...audience, isMade: false } });
  return {
    baseUrl: sandbox.url,
    credentials,
    state: () => structuredClone(stateOf(sandbox)),
    effects: () => structuredClone(effectsOf(sandbox)),
    held: (id) => {
      const found = findContact(sandbox, id);
      return found && heldOf(found);
    },
    expected: ({ name }) => {
      if (name === 'contacts') return people.map(({ number }) => idOf(number));
      if (name === 'form-results') return viewers.map((number) => `form.submitted ${idOf(number)}`);
      const kind = name === 'bounces' ? 'bounced' : (name as keyof typeof mailing);
      return mailing[kind].map((number) => `${typeOf[kind]} ${idOf(number)}`);
    },
    close: () => sandbox.close(),
  };
}

/** An audience that the account has at the start, as the hub would have made it. */
const audience = { listId: 'A-1', name: 'Spring guests', isMade: true, isRenamed: false, add: [] as string[], remove: [], isWhole: false };

function actions(people: readonly Person[]): readonly PlatformAction[] {
  const memberExternalIds = [...people.map(({ number }) => idOf(number)), 'crm-never'];
  return [
    { id: 1, kind: 'list.replace', target: 'L-1', cause: 'S-1', payload: { listId: 'L-1', syncId: 'S-1', name: 'Spring launch', memberExternalIds } },
    { id: 2, kind: 'list.remove', target: 'L-1', cause: 'removed', payload: { listId: 'L-1' } },
    { id: 3, kind: 'campaign.trigger', target: 'record/1', cause: 'cart', payload: { trigger: encryptedIdOf('campaignTrigger', 1) }, contact: { externalId: idOf(1) } },
    { id: 4, kind: 'campaign.stop', target: 'record/1', cause: 'bought', payload: { campaign: encryptedIdOf('campaign', 1) }, contact: { externalId: idOf(1) } },
    { id: 5, kind: 'automation.start', target: 'record/1', cause: 'new', payload: { trigger: uuidOf('automationTrigger', 1) }, contact: { externalId: idOf(1) } },
    { id: 6, kind: 'automation.stop', target: 'record/1', cause: 'left', payload: { automation: uuidOf('automation', 1) }, contact: { externalId: idOf(1) } },
    { id: 7, kind: 'form.submit', target: 'record/1', cause: 'asked', payload: { form: '1', answers: { remarks: ['Saturday'] } }, contact: { externalId: idOf(1) } },
    { id: 8, kind: 'conversion.post', target: 'cart', cause: 'cart-1', payload: { mailplusId: writeMailplusId({ kind: 'mailing', mailing: 1, who: 1, linkId: 1 }), type: 'CREATE_SHOPPINGCART', interactionDate: '2026-01-10T11:00:00+01:00' } },
    { id: 10, kind: 'audience.replace', target: 'audience:A-1', cause: 'S-1', payload: { ...audience, add: memberExternalIds } },
    { id: 11, kind: 'audience.remove', target: 'audience:A-1', cause: 'removed', payload: { listId: 'A-1', isMade: true } },
    { id: 12, kind: 'contact.inactivate', target: '1', cause: 'block/1/1', payload: { externalId: memberExternalIds[0], address: null, newId: 'hub-1' } },
    { id: 13, kind: 'contact.anonymise', target: '1', cause: 'erase/2/1', payload: { externalId: memberExternalIds[0], address: null, newId: 'hub-1' } },
  ];
}

function row(one: Person): Readonly<Record<string, unknown>> {
  return {
    externalId: idOf(one.number), encryptedId: `Xy${one.number}`, created: '2025-06-01T00:00:00.000Z', lastChanged: one.changedAt, testGroup: false, temporary: false,
    properties: { ...propertiesOf(one), permissions: bits.map((bit) => ({ bit, enabled: bit === 2, description: 'a permission' })) },
  };
}

function withNulls(full: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { email, ...others } = full['properties'] as Record<string, unknown>;
  const properties = { email, ...Object.fromEntries(Object.keys(others).map((name) => [name, null])) };
  return { ...full, encryptedId: null, created: null, testGroup: null, temporary: null, properties };
}

function asked({ url }: HostileRequest): { readonly after: number; readonly pageSize: number } {
  return { after: Number(url.searchParams.get('after') ?? 0), pageSize: Number(url.searchParams.get('pageSize') ?? 1_000) };
}

function pageFrom(request: HostileRequest, rows: readonly Slot[], after: number, goesOn: boolean): unknown {
  const { pageSize } = asked(request);
  const end = after + pageSize;
  const next = `${request.url.pathname}?pageSize=${pageSize}&after=${end}`;
  return { paging: goesOn ? { next, after: end } : {}, contacts: rows.slice(after, end).filter((slot) => slot !== null) };
}

const [contacts] = mailplus.description.streams as readonly [StreamDefinition];

const wire: WireSource = {
  stream: contacts,
  readsPage: ({ method, url }) => method === 'GET' && url.pathname.endsWith('/contact/updates/list'),
  row,
  withNulls,
  withWrongType: (full) => ({ ...full, properties: 'none' }),
  page: (request, rows) => {
    const { after, pageSize } = asked(request);
    return pageFrom(request, rows, after, after + pageSize < rows.length);
  },
  stuckPage: (request, rows) => pageFrom(request, rows, 0, true),
  endlessPage: (request, rows) => pageFrom(request, rows, asked(request).after, true),
};

/** Mail+ in the conformance suite. */
export const mailplusHarness: PlatformHarness = {
  platform: mailplus,
  start,
  secrets: [credentials.secret, wrongCredentials.secret],
  wrongCredentials,
  permissionKeys: { 'Consent to Receive Email Marketing': 'permissions:2' },
  settingsFor: ({ name }) => (name === 'bounced' ? { bounceFeed: 'interactions' } : {}),
  idOf,
  unknownIds: ['crm-gone', 'crm-never'],
  refusedChanges: { email: 'quillonne1@' },
  changeOfUnknown: 'stored',
  tellsOfMerges: false,
  actions,
  // A 403 is the licence there, and a 404 without a word may be the audience (contract §3.10): `mailplus-audiences.test.ts`.
  ownAnswers: ['audience.replace', 'audience.remove'],
  wire,
};
