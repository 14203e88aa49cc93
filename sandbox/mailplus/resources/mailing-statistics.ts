import type { Call, Operation, Reply } from '../http/call.ts';
import { bounceDetail, distinctRecipients } from '../state/activity-log.ts';
import type { ActivityRow } from '../state/activity-log.ts';
import type { Mailing } from '../state/mailings.ts';
import { requireMailing } from './mailing.ts';

/** The counts of a mailing: contacts, not times, except for bounces and shopping carts (contract 3.17). */
export const mailingStatisticsOperations: readonly Operation[] = [
  { method: 'GET', path: 'mailing/{encryptedMailingId}/statistics', handle: getStatistics },
];

function getStatistics(call: Call): Reply {
  const mailing = requireMailing(call);
  const { logs } = call.account.mailings.activities;
  const opens = logs.opened.ofMailing(mailing.number);
  const clicks = logs.clicked.ofMailing(mailing.number);
  const body = {
    ...bounceCounts(mailing, logs.bounced.ofMailing(mailing.number)),
    openCount: distinctRecipients([opens, clicks]),
    openRenderedCount: distinctRecipients([opens]),
    clickCount: distinctRecipients([clicks]),
    conversionClickCount: clickedOn(mailing, clicks, 'conversion'),
    unsubscribeCount: mailing.unsubscribeCount,
    toWebshopCount: clickedOn(mailing, clicks, 'webshop'),
    shoppingcartCreatedCount: mailing.cartsCreatedCount,
    shoppingcartConvertedCount: mailing.cartsConvertedCount,
    conversionValue: mailing.conversionCents,
  };
  return { status: 200, body };
}

function bounceCounts({ sentCount, notRetainedCount }: Mailing, bounces: ActivityRow): Record<string, number> {
  let hardbounceCount = 0;
  for (let index = 0; index < bounces.size; index += 1) hardbounceCount += bounces.at(index).detail === bounceDetail.HARD ? 1 : 0;
  return {
    sentCount, acceptedCount: sentCount - bounces.size, hardbounceCount, softbounceCount: bounces.size - hardbounceCount,
    notRetainedAfterBounceCount: notRetainedCount,
  };
}

/** How many contacts clicked a link of this type. */
function clickedOn({ links }: Mailing, clicks: ActivityRow, type: string): number {
  const linkIds = new Set(links.filter((link) => link.type === type).map(({ id }) => id));
  return linkIds.size === 0 ? 0 : distinctRecipients([clicks], ({ detail }) => linkIds.has(detail));
}
