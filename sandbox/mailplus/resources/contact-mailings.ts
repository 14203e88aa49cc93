import type { Call, Operation, Reply } from '../http/call.ts';
import { pageOf, readPageRequest } from '../http/paging.ts';
import type { Activities, RecordedActivity } from '../state/activity-log.ts';
import { bounceType } from './activity-view.ts';
import { requireContact } from './contact.ts';
import { mailingView } from './mailing.ts';
import { isoStamp } from './views.ts';

const historyPageSize = 50;

/** What a contact was sent and what it did with it, oldest first, always 50 a page (contract 3.8). */
export const contactMailingsOperations: readonly Operation[] = [
  { method: 'GET', path: 'contact/{externalId}/mailings', handle: listMailings },
  { method: 'GET', path: 'contact/{externalId}/campaign-mailings', handle: listCampaignMailings },
];

function listMailings(call: Call): Reply {
  const { mailings } = call.account;
  const history = historyOf(mailings.activities, new Set([requireContact(call).id]));
  const page = historyPage(call, history);
  const mailingHistories = page.items.flatMap(({ sent, did }) => {
    const mailing = mailings.byNumber(sent.mailing);
    return mailing === undefined ? [] : [{ mailing: mailingView(mailing), ...did }];
  });
  return { status: 200, body: { paging: page.paging, mailingHistories } };
}

function listCampaignMailings(call: Call): Reply {
  const { campaigns, campaignActivities } = call.account;
  const contact = requireContact(call);
  const own = campaigns.participations().filter((participation) => participation.contact === contact);
  const page = historyPage(call, historyOf(campaignActivities, new Set(own.map(({ subscriptionId }) => subscriptionId))));
  const campaignMailingHistories = page.items.flatMap(({ sent, did }) => {
    const mailing = campaigns.mailings[sent.mailing];
    if (mailing === undefined) return [];
    const { encryptedId, name, type } = mailing;
    return [{ campaignMailing: { encryptedId, name, type }, campaignSubscriptionId: sent.who, ...did }];
  });
  return { status: 200, body: { paging: page.paging, campaignMailingHistories } };
}

function historyPage(call: Call, history: readonly HistoryEntry[]): ReturnType<typeof pageOf<HistoryEntry>> {
  const request = { after: readPageRequest(call, false).after, pageSize: historyPageSize };
  return pageOf(call, request, history.length, (from, to) => history.slice(from, to));
}

interface HistoryEntry {
  readonly sent: RecordedActivity;
  readonly did: Readonly<Record<string, unknown>>;
}

function historyOf({ logs }: Activities, whos: ReadonlySet<number>): HistoryEntry[] {
  const keyOf = ({ mailing, who }: RecordedActivity): string => `${mailing} ${who}`;
  const clicked = new Set(logs.clicked.by(whos).map(keyOf));
  const opened = new Set([...logs.opened.by(whos).map(keyOf), ...clicked]);
  const bounced = new Map(logs.bounced.by(whos).map((activity) => [keyOf(activity), bounceType(activity.detail)]));
  return logs.sent.by(whos).map((sent) => {
    const key = keyOf(sent);
    const bounce = bounced.get(key);
    const did = { sentDate: isoStamp(sent.atMs), opened: opened.has(key), clicked: clicked.has(key), ...(bounce !== undefined && { bounce }) };
    return { sent, did };
  });
}
