import { z } from 'zod';
import { operation, paged } from './define.ts';
import { inOrder, optionalWindow, pageFields, sentId } from './input.ts';
import { mailingLink, mailingMessage, reportRows } from './report-shapes.ts';
import { id, list, maybe, text, whole, type Wire } from './wire.ts';

const encryptedMailingId = sentId;
const path = '/campaign-mailing/{encryptedMailingId}';
const page = (wire: Wire) => inOrder(z.strictObject({ encryptedMailingId, ...optionalWindow(wire), ...pageFields }));
const contactPage = (wire: Wire) => inOrder(z.strictObject({ encryptedMailingId, campaignSubscriptionId: sentId, ...optionalWindow(wire), ...pageFields }));
const rows = <Name extends string>(name: Name) => ({ kind: 'offset', rows: name }) as const;
const campaignSubscriptionId = whole;

/** Mailings of campaigns and their reports (contract §3.18). One contact's run is known by its campaign subscription. */
export const campaignMailingOperations = {
  'campaign-mailing.get': operation({
    name: 'campaign-mailing.get', method: 'GET', path, about: 'a mailing of a campaign with its message and links', input: () => z.strictObject({ encryptedMailingId }),
    answer: () => z.object({ encryptedId: id, name: text, type: text, message: maybe(mailingMessage), links: list(mailingLink) }),
  }),
  'campaign-mailing.recipients': paged({
    name: 'campaign-mailing.recipients', method: 'GET', path: `${path}/recipients`, paging: rows('recipients'), about: 'who received a mailing of a campaign, and when', input: page,
    row: (wire) => reportRows(wire).recipient.extend({ sendDate: wire.instant, campaignSubscriptionId }),
  }),
  'campaign-mailing.opens': paged({
    name: 'campaign-mailing.opens', method: 'GET', path: `${path}/opens`, paging: rows('opens'), about: 'who loaded the images of a mailing of a campaign', input: page,
    row: (wire) => reportRows(wire).open.extend({ campaignSubscriptionId }),
  }),
  'campaign-mailing.clicks': paged({
    name: 'campaign-mailing.clicks', method: 'GET', path: `${path}/clicks`, paging: rows('clicks'), about: 'who clicked which link of a mailing of a campaign', input: page,
    row: (wire) => reportRows(wire).click.extend({ campaignSubscriptionId }),
  }),
  'campaign-mailing.bounces': paged({
    name: 'campaign-mailing.bounces', method: 'GET', path: `${path}/bounces`, paging: rows('bounces'), about: 'where a mailing of a campaign bounced', input: page,
    row: (wire) => reportRows(wire).bounce.extend({ campaignSubscriptionId }),
  }),
  'campaign-mailing.contact-opens': paged({
    name: 'campaign-mailing.contact-opens', method: 'GET', path: `${path}/opens/{campaignSubscriptionId}`, paging: rows('opens'), about: 'when one run of a campaign was opened', input: contactPage,
    row: ({ instant }) => z.object({ openDate: instant }),
  }),
  'campaign-mailing.contact-clicks': paged({
    name: 'campaign-mailing.contact-clicks', method: 'GET', path: `${path}/clicks/{campaignSubscriptionId}`, paging: rows('clicks'), about: 'what was clicked in one run of a campaign', input: contactPage,
    row: ({ instant }) => z.object({ clickDate: instant, linkId: whole }),
  }),
};
