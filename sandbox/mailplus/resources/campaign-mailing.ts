import { activityPage } from '../http/activity-page.ts';
import { ApiError } from '../http/api-error.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { optionalRange } from '../http/date-range.ts';
import { pageOf, readPageRequest } from '../http/paging.ts';
import type { Activity, InteractionKind } from '../state/activity-log.ts';
import type { CampaignMailing } from '../state/campaigns.ts';
import { activityView, reportNames } from './activity-view.ts';
import { messageView } from './mailing.ts';

/** Reports of the messages of campaigns; who is named by `campaignSubscriptionId` (contract 3.18). */
export const campaignMailingOperations: readonly Operation[] = [
  { method: 'GET', path: 'campaign-mailing/{encryptedMailingId}', handle: getDetails },
  ...reportNames.map(([name, kind]): Operation => ({
    method: 'GET', path: `campaign-mailing/{encryptedMailingId}/${name}`, handle: (call) => listAll(call, name, kind),
  })),
  { method: 'GET', path: 'campaign-mailing/{encryptedMailingId}/opens/{campaignSubscriptionId}', handle: (call) => listOne(call, 'opens', 'opened') },
  { method: 'GET', path: 'campaign-mailing/{encryptedMailingId}/clicks/{campaignSubscriptionId}', handle: (call) => listOne(call, 'clicks', 'clicked') },
];

interface NumberedMailing {
  readonly number: number;
  readonly mailing: CampaignMailing;
}

function requireCampaignMailing(call: Call): NumberedMailing {
  const encryptedId = call.path['encryptedMailingId'] ?? '';
  const { campaigns, mailings } = call.account;
  const number = campaigns.mailings.findIndex((candidate) => candidate.encryptedId === encryptedId);
  const mailing = campaigns.mailings[number];
  if (mailing !== undefined) return { number, mailing };
  if (mailings.find(encryptedId) !== undefined) throw new ApiError(400, 'INVALID_MAILING', 'Mailing type invalid');
  throw new ApiError(404, 'MAILING_NOTFOUND', 'Campaign mailing not found');
}

function getDetails(call: Call): Reply {
  const { mailing } = requireCampaignMailing(call);
  const { encryptedId, name, type } = mailing;
  return { status: 200, body: { encryptedId, name, type, ...messageView(mailing) } };
}

function inRange(call: Call): ((activity: Activity) => boolean) | undefined {
  const range = optionalRange(call, 'fromDate', 'toDate');
  return range && (({ atMs }) => atMs >= range.fromMs && atMs < range.toMs);
}

function listAll(call: Call, name: string, kind: InteractionKind): Reply {
  const { number } = requireCampaignMailing(call);
  const page = activityPage(call, readPageRequest(call, false), call.account.campaignActivities.logs[kind].ofMailing(number), inRange(call));
  const rows = page.items.map((activity) => ({
    contactIdentifier: identifierOf(call, activity.who), ...activityView(kind, activity), campaignSubscriptionId: activity.who,
  }));
  return { status: 200, body: { paging: page.paging, [name]: rows } };
}

function identifierOf(call: Call, subscriptionId: number): unknown {
  const contact = call.account.campaigns.participation(subscriptionId)?.contact;
  return call.account.recipients.identifierOf(contact?.id ?? 0, call.credential.externalIdField);
}

function listOne(call: Call, name: string, kind: 'opened' | 'clicked'): Reply {
  const { number } = requireCampaignMailing(call);
  const subscriptionId = Number(call.path['campaignSubscriptionId']);
  if (call.account.campaigns.participation(subscriptionId) === undefined) {
    throw new ApiError(400, 'INVALID_PARAMS', 'Invalid param: Contact not found');
  }
  const passes = inRange(call) ?? (() => true);
  const found = call.account.campaignActivities.logs[kind].ofMailingBy(number, subscriptionId).filter(passes);
  const page = pageOf(call, readPageRequest(call, false), found.length, (from, to) => found.slice(from, to));
  return { status: 200, body: { paging: page.paging, [name]: page.items.map((activity) => activityView(kind, activity)) } };
}
