import { bounceDetail } from '../state/activity-log.ts';
import type { Activity, InteractionKind } from '../state/activity-log.ts';
import { isoStamp } from './views.ts';

/** Names of the four lists of a report, with what they list. */
export const reportNames: readonly (readonly [name: string, kind: InteractionKind])[] = [
  ['recipients', 'sent'], ['opens', 'opened'], ['clicks', 'clicked'], ['bounces', 'bounced'],
];

/** When and what, in the words of the list that it is in. */
export function activityView(kind: InteractionKind, { atMs, detail }: Activity): Record<string, unknown> {
  switch (kind) {
    case 'sent': return { sendDate: isoStamp(atMs) };
    case 'opened': return { openDate: isoStamp(atMs) };
    case 'clicked': return { clickDate: isoStamp(atMs), linkId: detail };
    default: return { bounceDate: isoStamp(atMs), type: bounceType(detail) };
  }
}

/** The bounce in the vendor's words. */
export function bounceType(detail: number): 'HARDBOUNCE' | 'SOFTBOUNCE' {
  return detail === bounceDetail.HARD ? 'HARDBOUNCE' : 'SOFTBOUNCE';
}
