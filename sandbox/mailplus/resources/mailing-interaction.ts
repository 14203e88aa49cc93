import { activityPage } from '../http/activity-page.ts';
import { invalidParams } from '../http/api-error.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { optionalRange } from '../http/date-range.ts';
import type { DateRange } from '../http/date-range.ts';
import { readPageRequest } from '../http/paging.ts';
import { queryValue } from '../http/query.ts';
import { bounceDetail, interactionKinds } from '../state/activity-log.ts';
import type { InteractionKind, RecordedActivity } from '../state/activity-log.ts';
import type { Mailing } from '../state/mailings.ts';
import { isoStamp } from './views.ts';

/**
 * What recipients did, over all mailings (contract 3.19). Asked by `from/toChangeDate` it is ordered by change date,
 * else by date, then by id. A contact without an id of this credential comes without `externalContactId`.
 */
export const mailingInteractionOperations: readonly Operation[] = interactionKinds.map((kind) => ({
  method: 'GET', path: `mailing-interaction/${kind}`, handle: (call) => listInteractions(call, kind),
}));

function listInteractions(call: Call, kind: InteractionKind): Reply {
  const request = readPageRequest(call, false);
  const byDate = optionalRange(call, 'fromDate', 'toDate');
  const byChange = optionalRange(call, 'fromChangeDate', 'toChangeDate');
  const reportIds = readReportIds(call);
  const range = byChange ?? byDate ?? { fromMs: -Infinity, toMs: Infinity };
  const row = call.account.mailings.activities.logs[kind].between(byChange === undefined ? 'date' : 'change', range.fromMs, range.toMs);
  const isFiltered = reportIds !== undefined || (byChange !== undefined && byDate !== undefined);
  const page = activityPage(call, request, row, isFiltered ? (activity) => passes(call, activity, byDate, reportIds) : undefined);
  return { status: 200, body: { paging: page.paging, interactions: page.items.map((activity) => interactionView(call, kind, activity)) } };
}

function readReportIds(call: Call): ReadonlySet<number> | undefined {
  const text = queryValue(call.query, 'trendReportIds');
  if (text === undefined) return undefined;
  const ids = text.split(',').map(Number);
  if (text === '' || !ids.every(Number.isSafeInteger)) throw invalidParams('trendReportIds must be whole numbers joined by commas');
  return new Set(ids);
}

function passes(
  call: Call, { atMs, mailing }: RecordedActivity, byDate: DateRange | undefined, reportIds: ReadonlySet<number> | undefined,
): boolean {
  if (byDate !== undefined && (atMs < byDate.fromMs || atMs >= byDate.toMs)) return false;
  return reportIds === undefined || reportIds.has(call.account.mailings.byNumber(mailing)?.trendReportId ?? NaN);
}

function interactionView(call: Call, kind: InteractionKind, activity: RecordedActivity): Record<string, unknown> {
  const { account, credential } = call;
  const { externalId } = account.recipients.identifierOf(activity.who, credential.externalIdField);
  const mailing = account.mailings.byNumber(activity.mailing);
  return {
    id: activity.id,
    ...(externalId !== undefined && { externalContactId: externalId }),
    encryptedMailingId: mailing?.encryptedId,
    date: isoStamp(activity.atMs),
    changeDate: isoStamp(activity.changedMs),
    ...(mailing?.trendReportId !== undefined && { trendReportId: mailing.trendReportId }),
    ...(kind === 'bounced' && { bounceType: activity.detail === bounceDetail.HARD ? 'HARD' : 'SOFT' }),
    ...(kind === 'sent' && mailing !== undefined && sentView(mailing)),
  };
}

function sentView({ name, subject, encryptedId }: Mailing): Record<string, unknown> {
  return { name, subject, onlineVersionLink: `https://mailings.sandbox.example/${encryptedId}` };
}
