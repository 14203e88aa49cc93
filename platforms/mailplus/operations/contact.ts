import { z } from 'zod';
import { fixedPageFields, fixedPageSize, inOrder, neededWindow, pageFields, searchQuery, sentId } from './input.ts';
import { operation, paged } from './define.ts';
import { flag, id, neededWhole, nothing, text, whole } from './wire.ts';

/** The most contacts of one `contact.insert-list` (contract §5). */
export const maxBatch = 100;

/** A contact as Mail+ gives it (contract §2), with its stamps as `stamp` reads them. */
export function contactShape<Stamp extends z.ZodType>(stamp: Stamp) {
  return z.object({
    externalId: id,
    encryptedId: id,
    created: stamp,
    lastChanged: stamp,
    testGroup: z.boolean().nullish(),
    temporary: z.boolean().nullish(),
    properties: z.record(z.string(), z.unknown()).nullish(),
  });
}

/** A bounce of the list of bounces, with its stamp as `stamp` reads it. */
export function bounceShape<Stamp extends z.ZodType>(stamp: Stamp) {
  return z.object({ date: stamp, type: z.string(), contact: z.object({ externalId: id, encryptedId: id }), encryptedActId: id });
}

/** What became of one contact of a batch. */
export const contactResult = z.object({ externalId: id, code: z.string().min(1), message: z.string().nullish() });

/** A property of the account. */
export const property = z.object({
  name: z.string().min(1),
  description: z.string().nullish(),
  type: z.string().min(1),
  entries: z.array(z.object({ bit: z.union([z.number(), z.string()]), description: z.string().nullish(), rank: whole })).nullish(),
});

const sentContact = z.looseObject({
  externalId: sentId,
  testGroup: z.boolean().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  channels: z.array(z.object({ name: z.enum(['EMAIL', 'SMS']), value: z.boolean() })).optional(),
});
const mode = { update: z.boolean().optional(), purge: z.boolean().optional() };
const externalId = sentId;
const fixed = (rows: string) => ({ kind: 'fixed', rows, pageSize: fixedPageSize }) as const;
const byId = z.strictObject({ externalId });
const historyInput = z.strictObject({ externalId, ...fixedPageFields });
const received = { opened: flag, clicked: flag, bounce: text };

/** Contacts: properties, writing, reading, searching, blocking, histories (contract §3.1 to §3.8). */
export const contactOperations = {
  'contact.properties': operation({
    name: 'contact.properties', method: 'GET', path: '/contact/properties/list', list: true,
    about: 'the properties of contacts that the account shows, with the bits of its sets', input: () => z.strictObject({}), answer: () => z.array(property),
  }),
  'contact.insert': operation({
    name: 'contact.insert', method: 'POST', path: '/contact', about: 'store one contact; with update a known one is changed',
    input: () => z.strictObject({ body: z.looseObject({ ...mode, contact: sentContact }) }), answer: () => nothing,
  }),
  'contact.update': operation({
    name: 'contact.update', method: 'PUT', path: '/contact/{externalId}', about: 'change a contact that is known',
    input: () => z.strictObject({ externalId, body: z.looseObject({ ...mode, contact: sentContact }) }), answer: () => nothing,
  }),
  'contact.get': operation({
    name: 'contact.get', method: 'GET', path: '/contact/{externalId}', about: 'one contact by its external id', input: () => byId, answer: ({ instant }) => contactShape(instant),
  }),
  'contact.insert-list': operation({
    name: 'contact.insert-list', method: 'POST', path: '/contact/list', about: 'store up to 100 contacts, with an outcome for each',
    input: () => z.strictObject({ body: z.looseObject({ ...mode, contacts: z.array(sentContact).min(1, 'is empty').max(maxBatch, `has more than ${maxBatch} contacts: send them in several calls`) }) }),
    answer: () => z.array(contactResult),
  }),
  'contact.search': paged({
    name: 'contact.search', method: 'GET', path: '/contact/search', paging: { kind: 'offset', rows: 'contacts' }, about: 'contacts by the values of properties',
    input: () => z.strictObject({ MPSearchQuery: searchQuery, ...pageFields }), row: ({ instant }) => contactShape(instant),
  }),
  'contact.updates': paged({
    name: 'contact.updates', method: 'GET', path: '/contact/updates/list', paging: { kind: 'offset', rows: 'contacts' }, about: 'contacts that changed in a window, unsubscribes among them',
    input: (wire) => inOrder(z.strictObject({ ...neededWindow(wire), ...pageFields })), row: ({ instant }) => contactShape(instant),
  }),
  'contact.bounces': paged({
    name: 'contact.bounces', method: 'GET', path: '/contact/bounces/list', paging: { kind: 'offset', rows: 'bounces' }, about: 'bounces in a window, also those outside mailings',
    input: (wire) => inOrder(z.strictObject({ ...neededWindow(wire), ...pageFields })), row: ({ instant }) => bounceShape(instant),
  }),
  'contact.inactivate': operation({
    name: 'contact.inactivate', method: 'PUT', path: '/contact/inactivate/{externalId}', evidence: 'clients',
    about: 'block a contact: it is mailed no more, and its address goes on the blacklist', input: () => byId, answer: () => nothing,
  }),
  'contact.anonymize': operation({
    name: 'contact.anonymize', method: 'PUT', path: '/contact/anonymize/{externalId}', about: 'remove a contact\'s personal data for good', input: () => byId, answer: () => nothing,
  }),
  'contact.mailings': paged({
    name: 'contact.mailings', method: 'GET', path: '/contact/{externalId}/mailings', paging: fixed('mailingHistories'), about: 'mailings that a contact received', input: () => historyInput,
    row: ({ instant }) => z.object({ mailing: z.object({ encryptedId: id, name: text, type: text, scheduledStartDate: instant, archiveLink: text, sentCount: whole }), sentDate: instant, ...received }),
  }),
  'contact.campaign-mailings': paged({
    name: 'contact.campaign-mailings', method: 'GET', path: '/contact/{externalId}/campaign-mailings', paging: fixed('campaignMailingHistories'), about: 'mailings of campaigns that a contact received', input: () => historyInput,
    row: ({ instant }) => z.object({ campaignMailing: z.object({ encryptedId: id, name: text, type: text }), campaignSubscriptionId: whole, sentDate: instant, ...received }),
  }),
  'contact.forms': paged({
    name: 'contact.forms', method: 'GET', path: '/contact/{externalId}/forms', paging: { kind: 'offset', rows: 'formHistories' }, about: 'forms that a contact filled in',
    input: () => z.strictObject({ externalId, ...pageFields }),
    row: ({ instant }) => z.object({ form: z.object({ id: neededWhole, name: text, formSubType: text, formState: text }), formResultId: neededWhole, submitDate: instant, completed: flag }),
  }),
};
