import type { ActivityRow, RecordedActivity } from '../state/activity-log.ts';
import type { Call } from './call.ts';
import { pageOf } from './paging.ts';
import type { Page, PageRequest } from './paging.ts';

/**
 * One page of a row of activities, without holding more than the page. With `passes` the whole row is looked at, since
 * what does not pass does not count.
 */
export function activityPage(
  call: Call, request: PageRequest, row: ActivityRow, passes?: (activity: RecordedActivity) => boolean,
): Page<RecordedActivity> {
  if (passes === undefined) {
    return pageOf(call, request, row.size, (from, to) => Array.from({ length: to - from }, (_, index) => row.at(from + index)));
  }
  const items: RecordedActivity[] = [];
  let total = 0;
  for (let index = 0; index < row.size; index += 1) {
    const activity = row.at(index);
    if (!passes(activity)) continue;
    if (total >= request.after && items.length < request.pageSize) items.push(activity);
    total += 1;
  }
  return pageOf(call, request, total, () => items);
}
