import { HubError } from '../../domain/errors.ts';
import type { MailingDetails, ReportedMailing, ReportRow, TrendReport } from '../../domain/reports/report.ts';
import type { PlatformContext, Window } from '../platform.ts';
import type { ReportRequest, ReportsMailings } from '../reports-mailings.ts';
import { callOperation } from './call-operation.ts';
import { decodeInstant } from './dates.ts';
import { publicUrl } from './mailings.ts';
import { maxPageSize } from './operations/input.ts';
import { operations } from './operations/index.ts';
import { pagesAs, type WalkedRows } from './pages.ts';
import { mailplusSettings } from './settings.ts';

interface WireReportRow {
  readonly contactIdentifier: { readonly externalId: string | undefined; readonly encryptedId: string | undefined };
  readonly sendDate?: string | undefined;
  readonly openDate?: string | undefined;
  readonly clickDate?: string | undefined;
  readonly bounceDate?: string | undefined;
  readonly linkId?: number | undefined;
  readonly type?: string | undefined;
  readonly campaignSubscriptionId?: number | undefined;
}

/** The reports of Mail+ (contract §3.17, §3.18, §3.20). Lists come in the largest pages that there are: rows are small, and calls are what costs. */
export const reports: ReportsMailings['reports'] = {
  settings: (settings) => {
    const { reports: word, reportsIntervalMinutes, reportsFollowDays, reportsFrom, timeZone } = mailplusSettings(settings);
    const from = decodeInstant(reportsFrom, timeZone);
    return { isOn: word === 'on', intervalMs: reportsIntervalMinutes * 60_000, followMs: reportsFollowDays * 86_400_000, from };
  },
  mailings: async (context, window) => licensed(() => listMailings(context, window)),
  campaignMailings: async (context) => licensed(() => listCampaignMailings(context)),
  details: async (context, mailing) => licensed(() => readDetails(context, mailing)),
  statistics: async (context, encryptedMailingId) => licensed(async () => {
    const counts = await callOperation(context, operations['mailing.statistics'], { encryptedMailingId });
    return Object.fromEntries(Object.entries(counts).filter((entry): entry is [string, number] => entry[1] !== undefined));
  }),
  pages: (context, request) => licensedPages(pagesOf(context, request), ({ rows, unreadable, next }) => ({ rows, unreadable: unreadable.length, ...(next === undefined ? {} : { next }) })),
  trendReports: (context) => licensedPages(pagesAs(context, operations['trend-report.list'], { pageSize: maxPageSize }, trendReport), ({ rows }) => rows),
};

async function listMailings(context: PlatformContext, { from, to }: Window): Promise<readonly ReportedMailing[]> {
  const mailings = await callOperation(context, operations['mailing.list'], { fromDate: from, toDate: to });
  return mailings.flatMap(({ encryptedId, name, type, scheduledStartDate, sentCount, archiveLink }) => {
    const url = publicUrl(archiveLink);
    return encryptedId === undefined ? [] : [{
      externalId: encryptedId, kind: 'mailing' as const, name: name ?? '', channel: channelOf(type), ...(scheduledStartDate === undefined ? {} : { scheduledAt: scheduledStartDate }),
      ...(sentCount === undefined ? {} : { sentCount }), ...(url === undefined ? {} : { url }),
    }];
  });
}

/** There is no list of them: they are found by their campaigns, one call each. */
async function listCampaignMailings(context: PlatformContext): Promise<readonly ReportedMailing[]> {
  const found: ReportedMailing[] = [];
  for (const { encryptedId, name, active } of await callOperation(context, operations['campaign.list'], {})) {
    context.signal.throwIfAborted();
    const campaign = { externalId: encryptedId, name: name ?? '', active: active === true };
    for (const mailing of await callOperation(context, operations['campaign.mailings'], { encryptedCampaignId: encryptedId })) {
      if (mailing.encryptedId !== undefined) found.push({ externalId: mailing.encryptedId, kind: 'campaign', name: mailing.name ?? '', channel: channelOf(mailing.type), campaign });
    }
  }
  return found;
}

async function readDetails(context: PlatformContext, { externalId, kind }: ReportRequest['mailing']): Promise<MailingDetails> {
  const input = { encryptedMailingId: externalId };
  const details = kind === 'mailing' ? await callOperation(context, operations['mailing.get'], input) : { targetGroup: undefined, ...await callOperation(context, operations['campaign-mailing.get'], input) };
  const { message, links, targetGroup } = details;
  return {
    ...(message?.subject === undefined ? {} : { subject: message.subject }), ...(targetGroup === undefined ? {} : { targetGroup }),
    links: links.flatMap(({ id, name, url }) => (id === undefined ? [] : [{ id, name: name ?? '', url: url ?? '' }])),
  };
}

function pagesOf(context: PlatformContext, { mailing, list, after, window }: ReportRequest): AsyncGenerator<WalkedRows<ReportRow>, void, undefined> {
  const page = { encryptedMailingId: mailing.externalId, after, pageSize: maxPageSize };
  if (mailing.kind === 'mailing') return pagesAs(context, operations[`mailing.${list}`], page, reportRow);
  const dates = { ...(window?.from === undefined ? {} : { fromDate: window.from }), ...(window === undefined ? {} : { toDate: window.to }) };
  return pagesAs(context, operations[`campaign-mailing.${list}`], { ...page, ...dates }, reportRow);
}

/** A line without any id of a contact says nothing that could be kept once. */
function reportRow({ contactIdentifier: { externalId, encryptedId }, sendDate, openDate, clickDate, bounceDate, linkId, type, campaignSubscriptionId }: WireReportRow): ReportRow | undefined {
  const contactKey = encryptedId ?? (externalId === undefined ? undefined : `x:${externalId}`);
  if (contactKey === undefined) return undefined;
  const at = sendDate ?? openDate ?? clickDate ?? bounceDate;
  return {
    contactKey, ...(externalId === undefined ? {} : { contactExternalId: externalId }), ...(at === undefined ? {} : { at }), ...(linkId === undefined ? {} : { linkId }),
    ...(campaignSubscriptionId === undefined ? {} : { runId: campaignSubscriptionId }), ...(type === undefined ? {} : { bounce: type.toUpperCase().startsWith('HARD') ? 'hard' : 'soft' }),
  };
}

function trendReport({ id, name, enabled, target, contentType, createDate, mailingCount }: { readonly id: number } & Partial<Readonly<Record<'name' | 'target' | 'contentType' | 'createDate', string | undefined>>> & { readonly enabled?: boolean | undefined; readonly mailingCount?: number | undefined }): TrendReport {
  return {
    id, name: name ?? '', enabled: enabled === true, ...(target === undefined ? {} : { target }), ...(contentType === undefined ? {} : { contentType }),
    ...(createDate === undefined ? {} : { createdAt: createDate }), ...(mailingCount === undefined ? {} : { mailingCount }),
  };
}

const channelOf = (type: string | undefined): 'email' | 'sms' => (type === 'SMS' ? 'sms' : 'email');

/** A key that reads contacts and gets a 403 for a report is good: the licence ends there. A wrong key is noticed by everything else. */
async function licensed<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof HubError) || error.facts.status !== 403) throw error;
    throw new HubError('PLATFORM_NOT_LICENSED', 'Mail+ gives this key no reports (403).', { ...error.facts, fix: 'Ask Spotler to add them to the licence, or switch them off with `hub connector set <connector> --set reports=off`.' });
  }
}

async function* licensedPages<Page, Result>(pages: AsyncGenerator<Page, void, undefined>, read: (page: Page) => Result): AsyncGenerator<Result, void, undefined> {
  for (;;) {
    let step: IteratorResult<Result, void> | undefined = await licensed(() => nextOf(pages, read));
    if (step.done === true) return;
    yield step.value;
    // Else it lives until the next one has come.
    step = undefined;
  }
}

async function nextOf<Page, Result>(pages: AsyncGenerator<Page, void, undefined>, read: (page: Page) => Result): Promise<IteratorResult<Result, void>> {
  const step = await pages.next();
  return step.done === true ? { done: true, value: undefined } : { done: false, value: read(step.value) };
}
