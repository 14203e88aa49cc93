import { z } from 'zod';
import { operation, paged } from './define.ts';
import { inOrder, neededWindow, pageFields, sentId } from './input.ts';
import { mailingLink, mailingMessage, reportRows } from './report-shapes.ts';
import { id, list, maybe, text, whole, type Wire } from './wire.ts';

const encryptedMailingId = sentId;
const byId = z.strictObject({ encryptedMailingId });
const page = z.strictObject({ encryptedMailingId, ...pageFields });
const contactPage = z.strictObject({ encryptedMailingId, externalId: sentId, ...pageFields });
const path = '/mailing/{encryptedMailingId}';
const rows = <Name extends string>(name: Name) => ({ kind: 'offset', rows: name }) as const;
const shape = ({ instant }: Wire) => ({ encryptedId: id, name: text, scheduledStartDate: instant, type: text, archiveLink: text, sentCount: whole });

const statistics = z.object({
  sentCount: whole, acceptedCount: whole, openCount: whole, openRenderedCount: whole, clickCount: whole, hardbounceCount: whole, softbounceCount: whole,
  notRetainedAfterBounceCount: whole, conversionClickCount: whole, unsubscribeCount: whole, toWebshopCount: whole, shoppingcartCreatedCount: whole,
  shoppingcartConvertedCount: whole, conversionValue: whole,
});

/** Mailings and their reports (contract §3.17). Amounts are in cents. */
export const mailingOperations = {
  'mailing.list': operation({
    name: 'mailing.list', method: 'GET', path: '/mailing', list: true, about: 'mailings of a window',
    input: (wire) => inOrder(z.strictObject(neededWindow(wire))), answer: (wire) => z.array(z.object(shape(wire))),
  }),
  'mailing.get': operation({
    name: 'mailing.get', method: 'GET', path, about: 'a mailing with its sender, message and links', input: () => byId,
    answer: (wire) => z.object({ ...shape(wire), sender: text, targetGroup: text, message: maybe(mailingMessage), links: list(mailingLink) }),
  }),
  'mailing.statistics': operation({
    name: 'mailing.statistics', method: 'GET', path: `${path}/statistics`, about: 'the numbers of a mailing', input: () => byId, answer: () => statistics,
  }),
  'mailing.recipients': paged({
    name: 'mailing.recipients', method: 'GET', path: `${path}/recipients`, paging: rows('recipients'), about: 'who received a mailing', input: () => page, row: (wire) => reportRows(wire).recipient,
  }),
  'mailing.opens': paged({
    name: 'mailing.opens', method: 'GET', path: `${path}/opens`, paging: rows('opens'), about: 'who opened a mailing, and when', input: () => page, row: (wire) => reportRows(wire).open,
  }),
  'mailing.clicks': paged({
    name: 'mailing.clicks', method: 'GET', path: `${path}/clicks`, paging: rows('clicks'), about: 'who clicked which link of a mailing', input: () => page, row: (wire) => reportRows(wire).click,
  }),
  'mailing.bounces': paged({
    name: 'mailing.bounces', method: 'GET', path: `${path}/bounces`, paging: rows('bounces'), about: 'where a mailing bounced', input: () => page, row: (wire) => reportRows(wire).bounce,
  }),
  'mailing.contact-opens': paged({
    name: 'mailing.contact-opens', method: 'GET', path: `${path}/opens/{externalId}`, paging: rows('opens'), about: 'when one contact opened a mailing', input: () => contactPage,
    row: ({ instant }) => z.object({ openDate: instant }),
  }),
  'mailing.contact-clicks': paged({
    name: 'mailing.contact-clicks', method: 'GET', path: `${path}/clicks/{externalId}`, paging: rows('clicks'), about: 'what one contact clicked in a mailing', input: () => contactPage,
    row: ({ instant }) => z.object({ clickDate: instant, linkId: whole }),
  }),
};
