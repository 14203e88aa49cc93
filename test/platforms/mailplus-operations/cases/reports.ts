import { at, bare, encodedId, later, oddId, page, type WireCase } from '../wire-case.ts';

const mailing = { encryptedId: 'm1', name: 'May', scheduledStartDate: at.iso, type: 'EMAIL', archiveLink: 'https://mail.example/m1', sentCount: '2' };
const readMailing = { ...mailing, scheduledStartDate: at.instant, sentCount: 2 };
const message = { name: 'May', author: 'Ann', fromName: 'Shop', subject: 'Spring', fromEmail: 'shop@example.com' };
const links = [{ id: 4, name: 'Shop', url: 'https://shop.example', type: 'webshop' }];
const contactIdentifier = { externalId: '1', encryptedId: 'hT3k' };
const campaignSubscriptionId = 9;
const window = { fromDate: at.given, toDate: later.given };
const windowText = `fromDate=${at.query}&toDate=${later.query}`;
const byPage = `after=0&pageSize=1000`;

type Rows = readonly [rows: string, iso: Readonly<Record<string, unknown>>, ms: Readonly<Record<string, unknown>>, gives: Readonly<Record<string, unknown>>];
const recipient: Rows = ['recipients', { contactIdentifier }, { contactIdentifier }, { contactIdentifier }];
const open: Rows = ['opens', { contactIdentifier, openDate: at.iso }, { contactIdentifier, openDate: at.ms }, { contactIdentifier, openDate: at.instant }];
const click: Rows = ['clicks', { contactIdentifier, clickDate: at.iso, linkId: 4 }, { contactIdentifier, clickDate: at.s, linkId: '4' }, { contactIdentifier, clickDate: at.instant, linkId: 4 }];
const bounce: Rows = ['bounces', { contactIdentifier, bounceDate: at.local, type: 'HARDBOUNCE' }, { contactIdentifier, bounceDate: at.ms, type: 'HARDBOUNCE' }, { contactIdentifier, bounceDate: at.instant, type: 'HARDBOUNCE' }];
const ofContact = ([rows, iso, ms, gives]: Rows): Rows => {
  const without = (row: Readonly<Record<string, unknown>>) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'contactIdentifier'));
  return [rows, without(iso), without(ms), without(gives)];
};
const ofCampaign = ([rows, iso, ms, gives]: Rows): Rows => [rows, { ...iso, campaignSubscriptionId }, { ...ms, campaignSubscriptionId: '9' }, { ...gives, campaignSubscriptionId }];
const answers = ([rows, iso, ms, gives]: Rows) => [page(rows, [iso], [gives]), bare([ms], [gives])];

const report = (part: string, rows: Rows): WireCase => ({ input: { encryptedMailingId: oddId }, method: 'GET', url: `/mailing/${encodedId}/${part}?${byPage}`, answers: answers(rows) });
const contactReport = (part: string, rows: Rows): WireCase => ({ input: { encryptedMailingId: 'm1', externalId: oddId, after: 5, pageSize: 20 }, method: 'GET', url: `/mailing/m1/${part}/${encodedId}?after=5&pageSize=20`, answers: answers(ofContact(rows)) });
const campaignReport = (part: string, rows: Rows): WireCase => ({ input: { encryptedMailingId: oddId, ...window }, method: 'GET', url: `/campaign-mailing/${encodedId}/${part}?${windowText}&${byPage}`, answers: answers(rows) });
const runReport = (part: string, rows: Rows): WireCase => ({ input: { encryptedMailingId: 'm1', campaignSubscriptionId }, method: 'GET', url: `/campaign-mailing/m1/${part}/9?${byPage}`, answers: answers(ofContact(rows)) });

const interaction = { id: 5, externalContactId: '1', encryptedMailingId: 'm1', trendReportId: 2 };
const interactions = (kind: string, more: object = {}): WireCase => ({
  input: { fromChangeDate: at.given, toChangeDate: later.given, trendReportIds: [1, 2] }, method: 'GET',
  url: `/mailing-interaction/${kind}?fromChangeDate=${at.query}&toChangeDate=${later.query}&trendReportIds=1%2C2&${byPage}`,
  answers: answers(['interactions', { ...interaction, date: at.iso, changeDate: at.local, ...more }, { ...interaction, date: at.ms, changeDate: at.s, ...more }, { ...interaction, date: at.instant, changeDate: at.instant, ...more }]),
});
const stats = { sentCount: 100, acceptedCount: '97', openCount: 50, openRenderedCount: 40, clickCount: 9, hardbounceCount: 1, softbounceCount: 2, notRetainedAfterBounceCount: 1, conversionClickCount: 3, unsubscribeCount: 1, conversionValue: '459000' };

/** Mailings, mailings of campaigns, interactions and trend reports. */
export const reportCases: Readonly<Record<string, WireCase>> = {
  'mailing.list': { input: window, method: 'GET', url: `/mailing?${windowText}`, answers: [{ base: 'unversioned', body: [mailing], gives: [readMailing] }, { base: '1.1.0', body: [{ ...mailing, scheduledStartDate: at.ms }], gives: [readMailing] }] },
  'mailing.get': {
    input: { encryptedMailingId: oddId }, method: 'GET', url: `/mailing/${encodedId}`,
    answers: [
      { base: 'both', body: { ...mailing, sender: 'Shop', targetGroup: 'All', message, links }, gives: { ...readMailing, sender: 'Shop', targetGroup: 'All', message, links } },
      { base: 'both', body: { encryptedId: 'm1', message: null, links: null }, gives: { encryptedId: 'm1', links: [] } },
    ],
  },
  'mailing.statistics': { input: { encryptedMailingId: oddId }, method: 'GET', url: `/mailing/${encodedId}/statistics`, answers: [{ base: 'both', body: stats, gives: { ...stats, acceptedCount: 97, conversionValue: 459_000 } }] },
  'mailing.recipients': report('recipients', recipient),
  'mailing.opens': report('opens', open),
  'mailing.clicks': report('clicks', click),
  'mailing.bounces': report('bounces', bounce),
  'mailing.contact-opens': contactReport('opens', open),
  'mailing.contact-clicks': contactReport('clicks', click),
  'campaign-mailing.get': { input: { encryptedMailingId: oddId }, method: 'GET', url: `/campaign-mailing/${encodedId}`, answers: [{ base: 'both', body: { encryptedId: 'm2', name: 'Welcome', type: 'SMS', message, links }, gives: { encryptedId: 'm2', name: 'Welcome', type: 'SMS', message, links } }] },
  'campaign-mailing.recipients': campaignReport('recipients', ofCampaign(['recipients', { contactIdentifier, sendDate: at.iso }, { contactIdentifier, sendDate: at.ms }, { contactIdentifier, sendDate: at.instant }])),
  'campaign-mailing.opens': campaignReport('opens', ofCampaign(open)),
  'campaign-mailing.clicks': campaignReport('clicks', ofCampaign(click)),
  'campaign-mailing.bounces': campaignReport('bounces', ofCampaign(bounce)),
  'campaign-mailing.contact-opens': runReport('opens', open),
  'campaign-mailing.contact-clicks': runReport('clicks', click),
  'mailing-interaction.sent': interactions('sent', { name: 'May', onlineVersionLink: 'https://mail.example/m1', subject: 'Spring' }),
  'mailing-interaction.opened': interactions('opened'),
  'mailing-interaction.clicked': interactions('clicked'),
  'mailing-interaction.bounced': interactions('bounced', { bounceType: 'HARD' }),
  'trend-report.list': {
    input: { enabled: true }, method: 'GET', url: `/trend-report?enabled=true&${byPage}`,
    answers: answers(['trendReports', { id: 2, name: 'News', enabled: true, createDate: at.iso, mailingCount: 3 }, { id: '2', name: 'News', enabled: 'true', createDate: at.ms, mailingCount: '3' }, { id: 2, name: 'News', enabled: true, createDate: at.instant, mailingCount: 3 }]),
  },
};
