import { at, bare, encodedId, later, oddId, page, type WireCase } from '../wire-case.ts';

const contact = { externalId: '1', created: at.ms, encryptedId: 'hT3k', testGroup: false, lastChanged: at.s, temporary: false, properties: { email: 'ann@example.com' }, channels: [{ name: 'EMAIL', value: true }], unheardOf: 1 };
const readContact = { externalId: '1', encryptedId: 'hT3k', created: at.instant, lastChanged: at.instant, testGroup: false, temporary: false, properties: { email: 'ann@example.com' } };
const sentContact = { externalId: oddId, testGroup: false, properties: { email: 'ann@example.com', permissions: [{ bit: 4, enabled: true }] }, channels: [{ name: 'EMAIL', value: true }], notYetKnown: 'kept' };
const isoContact = { ...contact, created: at.iso, lastChanged: at.local };
const history = { sentDate: at.iso, opened: true, clicked: 'false', bounce: 'SOFTBOUNCE' };
const readHistory = { sentDate: at.instant, opened: true, clicked: false, bounce: 'SOFTBOUNCE' };
const form = { id: 7, name: 'Contact us', formSubType: 'normal', formState: 'final' };
const historyPage = (rows: string, row: object, gives: object) => [
  { base: 'unversioned', body: { paging: { next: 'https://x.example/?after=50', after: '50' }, [rows]: [row] }, gives: { rows: [gives], more: true, statedNext: 50 } } as const,
  { base: 'both', body: { [rows]: [] }, gives: { rows: [], more: false } } as const,
];

/** Contacts and subscribing. */
export const contactCases: Readonly<Record<string, WireCase>> = {
  'contact.properties': {
    input: {}, method: 'GET', url: '/contact/properties/list',
    answers: [{
      base: 'both', body: [{ name: 'email', description: 'E-mail', type: 'email' }, { name: 'permissions', description: 'Permissions', type: 'set', entries: [{ bit: 1, description: 'Newsletter', rank: '1' }] }],
      gives: [{ name: 'email', description: 'E-mail', type: 'email' }, { name: 'permissions', description: 'Permissions', type: 'set', entries: [{ bit: 1, description: 'Newsletter', rank: 1 }] }],
    }],
  },
  'contact.insert': { input: { body: { update: true, purge: false, contact: sentContact } }, method: 'POST', url: '/contact', body: { update: true, purge: false, contact: sentContact } },
  'contact.update': { input: { externalId: oddId, body: { purge: false, contact: sentContact } }, method: 'PUT', url: `/contact/${encodedId}`, body: { purge: false, contact: sentContact } },
  'contact.get': {
    input: { externalId: oddId }, method: 'GET', url: `/contact/${encodedId}`,
    answers: [{ base: '1.1.0', body: contact, gives: readContact }, { base: 'unversioned', body: isoContact, gives: readContact }, { base: 'both', body: { externalId: 17, properties: null }, gives: { externalId: '17', properties: null } }],
  },
  'contact.insert-list': {
    input: { body: { update: true, contacts: [sentContact, { externalId: 2 }] } }, method: 'POST', url: '/contact/list', body: { update: true, contacts: [sentContact, { externalId: '2' }] },
    answers: [{ base: 'both', body: [{ externalId: '1', code: 'OK' }, { externalId: 2, code: 'CONTACT_OPTOUT', message: 'no' }], gives: [{ externalId: '1', code: 'OK' }, { externalId: '2', code: 'CONTACT_OPTOUT', message: 'no' }] }],
  },
  'contact.search': {
    input: { MPSearchQuery: { email: 'ann+1@example.com', code: 7 }, pageSize: 1 }, method: 'GET', url: '/contact/search?MPSearchQuery=email%3Dann%2B1%40example.com%26code%3D7&after=0&pageSize=1',
    answers: [page('contacts', [isoContact], [readContact]), { base: '1.1.0', body: [], gives: { rows: [], more: false } }],
  },
  'contact.updates': {
    input: { fromDate: at.given, toDate: later.given }, method: 'GET', url: `/contact/updates/list?fromDate=${at.query}&toDate=${later.query}&after=0&pageSize=1000`,
    answers: [page('contacts', [isoContact], [readContact]), bare([contact], [readContact])],
  },
  'contact.bounces': {
    input: { fromDate: at.local, toDate: later.given, after: 20, pageSize: 10_000 }, method: 'GET', url: `/contact/bounces/list?fromDate=${at.query}&toDate=${later.query}&after=20&pageSize=10000`,
    answers: [
      page('bounces', [{ date: at.iso, type: 'HARDBOUNCE', contact: isoContact, encryptedActId: 'm1' }], [{ date: at.instant, type: 'HARDBOUNCE', contact: { externalId: '1', encryptedId: 'hT3k' }, encryptedActId: 'm1' }]),
      bare([{ date: at.s, type: 'SOFTBOUNCE', contact: { encryptedId: 'hT3k' } }], [{ date: at.instant, type: 'SOFTBOUNCE', contact: { encryptedId: 'hT3k' } }]),
    ],
  },
  'contact.inactivate': { input: { externalId: oddId }, method: 'PUT', url: `/contact/inactivate/${encodedId}` },
  'contact.anonymize': { input: { externalId: oddId }, method: 'PUT', url: `/contact/anonymize/${encodedId}` },
  'contact.mailings': {
    input: { externalId: oddId }, method: 'GET', url: `/contact/${encodedId}/mailings?after=0`,
    answers: historyPage('mailingHistories', { mailing: { encryptedId: 'm1', name: 'May', type: 'EMAIL', scheduledStartDate: at.iso, sentCount: 2 }, ...history },
      { mailing: { encryptedId: 'm1', name: 'May', type: 'EMAIL', scheduledStartDate: at.instant, sentCount: 2 }, ...readHistory }),
  },
  'contact.campaign-mailings': {
    input: { externalId: oddId, after: 50 }, method: 'GET', url: `/contact/${encodedId}/campaign-mailings?after=50`,
    answers: [{
      base: 'both', body: { campaignMailingHistories: [{ campaignMailing: { encryptedId: 'm2', name: 'Welcome', type: 'SMS' }, campaignSubscriptionId: '9', ...history }] },
      gives: { rows: [{ campaignMailing: { encryptedId: 'm2', name: 'Welcome', type: 'SMS' }, campaignSubscriptionId: 9, ...readHistory }], more: false },
    }],
  },
  'contact.forms': {
    input: { externalId: oddId, pageSize: 20 }, method: 'GET', url: `/contact/${encodedId}/forms?after=0&pageSize=20`,
    answers: [page('formHistories', [{ form, formResultId: 3, submitDate: at.ms, completed: true }], [{ form, formResultId: 3, submitDate: at.instant, completed: true }])],
  },
  'subscription.subscribe': {
    input: { body: { properties: { email: 'ann@example.com', firstName: 'Ann', permissions: [{ bit: 1, enabled: true }] } } }, method: 'POST', url: '/subscription/subscribe',
    body: { properties: { email: 'ann@example.com', firstName: 'Ann', permissions: [{ bit: 1, enabled: true }] } },
  },
};
