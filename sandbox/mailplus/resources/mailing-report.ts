import { activityPage } from '../http/activity-page.ts';
import { ApiError } from '../http/api-error.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { pageOf, readPageRequest } from '../http/paging.ts';
import type { InteractionKind, RecordedActivity } from '../state/activity-log.ts';
import { activityView, reportNames } from './activity-view.ts';
import { requireMailing } from './mailing.ts';

/** Who got a mailing and what each did with it, in the order in which the account came to know (contract 3.17). */
export const mailingReportOperations: readonly Operation[] = [
  ...reportNames.map(([name, kind]): Operation => ({
    method: 'GET', path: `mailing/{encryptedMailingId}/${name}`, handle: (call) => listAll(call, name, kind),
  })),
  { method: 'GET', path: 'mailing/{encryptedMailingId}/opens/{externalId}', handle: (call) => listOne(call, 'opens', 'opened') },
  { method: 'GET', path: 'mailing/{encryptedMailingId}/clicks/{externalId}', handle: (call) => listOne(call, 'clicks', 'clicked') },
];

function listAll(call: Call, name: string, kind: InteractionKind): Reply {
  const mailing = requireMailing(call);
  const row = call.account.mailings.activities.logs[kind].ofMailing(mailing.number);
  const page = activityPage(call, readPageRequest(call, false), row);
  return { status: 200, body: { paging: page.paging, [name]: page.items.map((activity) => recipientView(call, kind, activity)) } };
}

function recipientView(call: Call, kind: InteractionKind, activity: RecordedActivity): unknown {
  const contactIdentifier = call.account.recipients.identifierOf(activity.who, call.credential.externalIdField);
  return { contactIdentifier, ...(kind !== 'sent' && activityView(kind, activity)) };
}

function listOne(call: Call, name: string, kind: 'opened' | 'clicked'): Reply {
  const mailing = requireMailing(call);
  const who = call.account.recipients.find(call.credential.externalIdField, call.path['externalId'] ?? '');
  if (who === undefined) throw new ApiError(400, 'INVALID_PARAMS', 'Invalid param: Contact not found');
  const found = call.account.mailings.activities.logs[kind].ofMailingBy(mailing.number, who);
  const page = pageOf(call, readPageRequest(call, false), found.length, (from, to) => found.slice(from, to));
  return { status: 200, body: { paging: page.paging, [name]: page.items.map((activity) => activityView(kind, activity)) } };
}
