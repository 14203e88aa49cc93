import type { Call, Operation, Reply } from '../http/call.ts';
import { requiredRange } from '../http/date-range.ts';
import { pageOf, readPageRequest } from '../http/paging.ts';
import { queryValue } from '../http/query.ts';
import type { Bounce } from '../state/mailings.ts';
import { contactView, stamp } from './views.ts';

/** Bounced messages by the time of the bounce, oldest first, each with its contact (contract 3.7). */
export const contactBouncesOperations: readonly Operation[] = [
  { method: 'GET', path: 'contact/bounces/list', handle: listBounces },
];

function listBounces(call: Call): Reply {
  const { fromMs, toMs } = requiredRange(call);
  const bounces = call.account.mailings.bounces.between(fromMs, toMs)
    .filter((bounce) => bounce.contact.inactive !== 'anonymised');
  const isBare = call.version === '1.1.0';
  if (isBare && queryValue(call.query, 'pageSize') === undefined) {
    return { status: 200, body: bounces.map((bounce) => bounceView(call, bounce)) };
  }
  const page = pageOf(call, readPageRequest(call, true), bounces.length, (from, to) => bounces.slice(from, to));
  const views = page.items.map((bounce) => bounceView(call, bounce));
  return { status: 200, body: isBare ? views : { paging: page.paging, bounces: views } };
}

function bounceView(call: Call, bounce: Bounce): Record<string, unknown> {
  return {
    date: stamp(call, bounce.atMs),
    type: bounce.type,
    contact: contactView(call, bounce.contact),
    ...(bounce.mailing !== undefined && { encryptedActId: bounce.mailing.encryptedId }),
  };
}
