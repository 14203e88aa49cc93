import type { Call, Operation, Reply } from '../http/call.ts';
import { requiredRange } from '../http/date-range.ts';
import { pageOf, readPageRequest } from '../http/paging.ts';
import { queryValue } from '../http/query.ts';
import { contactView } from './views.ts';

/**
 * Contacts by when they last changed, whoever changed them: people on profile pages, users of the account, bounces that
 * made them inactive, and this API's own writes. Ordered by `lastChanged`, then by age. A contact that changes while
 * someone pages through moves to the end (contract 3.7).
 */
export const contactUpdatesOperations: readonly Operation[] = [
  { method: 'GET', path: 'contact/updates/list', handle: listUpdates },
];

function listUpdates(call: Call): Reply {
  const { fromMs, toMs } = requiredRange(call);
  const { changes } = call.account.contacts;
  const start = changes.rankOf(fromMs);
  const total = Math.max(0, changes.rankOf(toMs) - start);
  const isBare = call.version === '1.1.0';
  if (isBare && queryValue(call.query, 'pageSize') === undefined) {
    return { status: 200, body: changes.range(start, start + total).map((contact) => contactView(call, contact)) };
  }
  const page = pageOf(call, readPageRequest(call, true), total, (from, to) => changes.range(start + from, start + to));
  const contacts = page.items.map((contact) => contactView(call, contact));
  return { status: 200, body: isBare ? contacts : { paging: page.paging, contacts } };
}
